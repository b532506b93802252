/**
 * Takes every figure that the README shows, and prints them as one JSON object. `--quick` takes
 * fewer and shorter runs, to see that the measurement itself works.
 *
 * @module
 */
import { measureSearch } from "./explore/measure_search.ts";
import { RealFileSystem } from "./vfs/real_file_system.ts";
import { measureWal } from "./wal/measure_wal.ts";

if (import.meta.main) {
  const quick = Deno.args.includes("--quick");
  const root = Deno.makeTempDirSync({ dir: Deno.cwd(), prefix: ".plugpull-bench-" });
  try {
    const search = await measureSearch(quick ? { runs: 3, partMs: 200 } : {});
    const wal = await measureWal(
      new RealFileSystem({ root }),
      "/",
      quick ? { runs: 3, groups: 50, scanBytes: 8_000_000 } : {},
    );
    console.log(JSON.stringify({ search, wal }, null, 2));
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
}
