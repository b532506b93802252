import { assertEquals, assertStringIncludes } from "@std/assert";
import { plugpull } from "./_run_plugpull.ts";

const MODULE = `
import { keyValues } from ${JSON.stringify(new URL("../mod.ts", import.meta.url).href)};
/** Syncs a file and does not wait for that, so that it may have another name when it is opened. */
async function sync(fs, path) {
  const handle = await fs.promises.open(path, "r");
  await handle.sync();
  await handle.close();
}
export default {
  name: "a sync that nobody waits for",
  acks: "apply",
  ...keyValues,
  async open({ node: fs }, dir) {
    await sync(fs, dir);
    const path = dir + "/s.json";
    const values = fs.existsSync(path) ? JSON.parse(await fs.promises.readFile(path, "utf8")) : {};
    return { fs, dir, values, last: Promise.resolve() };
  },
  apply(store, command) {
    if ("set" in command) store.values[command.set] = command.value;
    else delete store.values[command.remove];
    const text = JSON.stringify(store.values);
    const { fs, dir } = store;
    return store.last = store.last.then(async () => {
      await fs.promises.writeFile(dir + "/s.tmp", text);
      sync(fs, dir + "/s.tmp"); // not awaited
      await fs.promises.rename(dir + "/s.tmp", dir + "/s.json");
      await sync(fs, dir);
    });
  },
  observe: ({ values }) => values,
};
`;

Deno.test("a finding is reported although the log rejects a promise while it is explained", async () => {
  const cwd = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${cwd}/store.js`, MODULE);
    const { status, stdout, stderr } = await plugpull(cwd, "check", "store.js");
    assertEquals(status, 1, stderr);
    assertStringIncludes(stderr, "the log rejected a promise that nobody handles: Error: ENOENT");
    assertStringIncludes(stderr, "open '/log/s.tmp'");
    assertStringIncludes(stdout, "However  open failed.");
    // What has to be synced is synced, but too late.
    assertStringIncludes(stdout.replaceAll(/\s+/g, " "), "does, but the log goes on before that");
  } finally {
    Deno.removeSync(cwd, { recursive: true });
  }
});
