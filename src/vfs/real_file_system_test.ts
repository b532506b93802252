import { assert, assertEquals, assertThrows } from "@std/assert";
import { FileSystemError } from "./file_system.ts";
import { RealFileSystem } from "./real_file_system.ts";
import { syncDirectory } from "./sync_directory.ts";
import { writeFully } from "./write_fully.ts";

const TEMPORARY = Deno.makeTempDirSync({ prefix: "plugpull_" });
globalThis.addEventListener("unload", () => Deno.removeSync(TEMPORARY, { recursive: true }));

const freshRoot = (): string => Deno.makeTempDirSync({ dir: TEMPORARY });
const HELLO = new TextEncoder().encode("hello");

Deno.test("RealFileSystem() puts the files into its root on the host", () => {
  const root = freshRoot();
  const fs = new RealFileSystem({ root: `${root}//` });
  fs.mkdir("/log");
  const file = fs.open("/log/1", { write: true, create: true, sync: true });
  writeFully(file, HELLO, 0);
  file.close();
  syncDirectory(fs, "/log");
  assertEquals(Deno.readFileSync(`${root}/log/1`), HELLO);
  assertEquals(Deno.statSync(`${root}/log/1`).ino, fs.stat("/log/1").inode);
  assertEquals(fs.stat("log/1"), fs.stat("/log/1"));
});

Deno.test("RealFileSystem() does not leave its root through `..`", () => {
  const root = freshRoot();
  Deno.mkdirSync(`${root}/inside`);
  Deno.writeFileSync(`${root}/outside`, HELLO);
  const fs = new RealFileSystem({ root: `${root}/inside` });
  assertThrows(() => fs.stat("/../outside"), FileSystemError, "ENOENT");
  fs.mkdir("/d");
  assertThrows(() => fs.open("/d/../../../outside"), FileSystemError, "ENOENT");
  assertEquals(fs.list("/d/../.."), ["d"]);
  fs.rename("/d", "/../../e");
  assertEquals(Deno.statSync(`${root}/inside/e`).isDirectory, true);
});

Deno.test("RealFileSystem() never removes or moves its root", () => {
  const root = freshRoot();
  const fs = new RealFileSystem({ root });
  for (const path of ["/", ".", "//", "/..", "./"]) {
    assertThrows(() => fs.remove(path), FileSystemError, "EINVAL");
    assertThrows(() => fs.rename(path, "/x"), FileSystemError, "EINVAL");
  }
  assert(Deno.statSync(root).isDirectory);
});

Deno.test("RealFileSystem() without a root takes paths of the host", () => {
  const root = freshRoot();
  const fs = new RealFileSystem();
  fs.open(`${root}/f`, { write: true, create: true }).close();
  assertEquals(fs.list(root), ["f"]);
  assertEquals(fs.list(`${root}/../${root.split("/").at(-1)}/`), ["f"]);
});

Deno.test("RealFileSystem() without a root takes paths relative to the current directory", () => {
  const root = freshRoot();
  const before = Deno.cwd();
  Deno.chdir(root);
  try {
    const fs = new RealFileSystem();
    fs.mkdir("d");
    fs.open("d/../f", { write: true, create: true }).close();
    assertEquals(fs.list("."), ["d", "f"]);
    assertEquals(fs.list("d/.."), ["d", "f"]);
    assertThrows(() => fs.remove("."), FileSystemError, "EINVAL");
  } finally {
    Deno.chdir(before);
  }
});

Deno.test("RealFileSystem() refuses an empty root", () => {
  assertThrows(() => new RealFileSystem({ root: "" }), TypeError, "Cannot use the root");
});

Deno.test("RealFileSystem() keeps the host's error as the cause", () => {
  const fs = new RealFileSystem({ root: freshRoot() });
  const error = assertThrows(() => fs.list("/x"), FileSystemError);
  assert(error.cause instanceof Deno.errors.NotFound);
  assertEquals(error.path, "/x");
});

Deno.test("RealFileSystem() reports what has no code of its own by the nearest one", () => {
  const fs = new RealFileSystem({ root: freshRoot() });
  const long = `/${"x".repeat(300)}`;
  assertThrows(() => fs.mkdir(long), FileSystemError, "EINVAL");
  assertThrows(() => fs.open(long), FileSystemError, "EINVAL");
  assertThrows(() => fs.open("/a\0b"), FileSystemError, "EINVAL");
  assertThrows(() => fs.stat("/a\0b"), FileSystemError, "EINVAL");
  const file = fs.open("/f", { write: true, create: true });
  assertThrows(() => file.write(HELLO, Number.MAX_SAFE_INTEGER), FileSystemError, "ENOSPC");
  assertThrows(() => file.truncate(Number.MAX_SAFE_INTEGER), FileSystemError, "ENOSPC");
  file.close();
});

Deno.test({
  name: "RealFileSystem() reports a full disk",
  ignore: Deno.build.os !== "linux",
  fn() {
    const file = new RealFileSystem().open("/dev/full", { write: true });
    assertThrows(() => file.write(HELLO, 0), FileSystemError, "ENOSPC");
    file.close();
  },
});

Deno.test({
  name: "RealFileSystem() judges paths alike when the process may not use every path",
  permissions: { read: [TEMPORARY], write: [TEMPORARY] },
  fn() {
    const fs = new RealFileSystem({ root: freshRoot() });
    fs.open("/f", { write: true, create: true }).close();
    fs.mkdir("/d");
    assertThrows(() => fs.stat("/f/"), FileSystemError, "ENOTDIR");
    assertThrows(() => fs.open("/f/../f"), FileSystemError, "ENOTDIR");
    assertThrows(() => fs.stat("/x/.."), FileSystemError, "ENOENT");
    assertThrows(() => fs.remove("/f/"), FileSystemError, "ENOTDIR");
    assertThrows(() => fs.remove("/d/."), FileSystemError, "EINVAL");
    assertThrows(() => fs.remove("/"), FileSystemError, "EINVAL");
    assertThrows(() => fs.open("/new/", { write: true, create: true }), FileSystemError, "EISDIR");
    assertEquals(fs.list("/"), ["d", "f"]);
  },
});

Deno.test({
  name: "RealFileSystem() lets the runtime report a missing permission",
  permissions: { read: [TEMPORARY], write: false },
  fn() {
    const fs = new RealFileSystem({ root: TEMPORARY });
    assertThrows(() => fs.mkdir("/d"), Deno.errors.NotCapable, "--allow-write");
    assertThrows(() => fs.rename("/d", "/e"), Deno.errors.NotCapable);
    assertThrows(() => fs.open("/f", { write: true, create: true }), Deno.errors.NotCapable);
    const elsewhere = new RealFileSystem({ root: "/" });
    assertThrows(() => elsewhere.stat("/etc/"), Deno.errors.NotCapable, "--allow-read");
  },
});
