import { fileSystemConformance } from "./conformance.ts";
import { RealFileSystem } from "./real_file_system.ts";
import { SimulatedFileSystem } from "./simulated_file_system.ts";

fileSystemConformance("RealFileSystem", () => {
  const root = Deno.makeTempDirSync({ prefix: "plugpull_" });
  return {
    fs: new RealFileSystem({ root }),
    dispose: () => Deno.removeSync(root, { recursive: true }),
  };
});

fileSystemConformance("SimulatedFileSystem", () => ({ fs: new SimulatedFileSystem() }));
fileSystemConformance("SimulatedFileSystem with sectors of 4096 bytes", () => ({
  fs: new SimulatedFileSystem({ sectorBytes: 4096 }),
}));
