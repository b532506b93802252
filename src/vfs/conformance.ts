/**
 * The laws of the seam: what every {@linkcode FileSystem} must do, whether it is simulated, real or
 * somebody else's. Each law is one rule of POSIX in plain words, and one test.
 *
 * Where POSIX leaves open which of several errors is reported, a law accepts each of them. What a
 * power loss does is no law of this suite: reads see the page cache.
 *
 * @module
 */
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import {
  type ErrorCode,
  type FileHandle,
  type FileSystem,
  FileSystemError,
  type OpenOptions,
} from "./file_system.ts";
import { writeFully } from "./write_fully.ts";

/** A file system for one law, and how to clear away what it left. */
export interface FileSystemUnderTest {
  /** Has an empty directory `/`. */
  readonly fs: FileSystem;
  /** Called after the law, whether it held or not. */
  dispose?(): void;
}

/**
 * Registers one test for each law of the seam.
 *
 * @param name What the tests are called, for example `"SimulatedFileSystem"`.
 * @param makeFs Makes a file system whose `/` is empty. Called once for each law.
 *
 * @example
 * ```ts ignore
 * import { SimulatedFileSystem } from "../../mod.ts";
 * import { fileSystemConformance } from "./conformance.ts";
 *
 * fileSystemConformance("SimulatedFileSystem", () => ({ fs: new SimulatedFileSystem() }));
 * ```
 */
export function fileSystemConformance(name: string, makeFs: () => FileSystemUnderTest): void {
  for (const [law, check] of Object.entries(LAWS)) {
    Deno.test(`${name}: ${law}`, () => {
      const subject = makeFs();
      try {
        check(subject.fs);
      } finally {
        subject.dispose?.();
      }
    });
  }
}

type Laws = Readonly<Record<string, (fs: FileSystem) => void>>;

const READ_WRITE: OpenOptions = { read: true, write: true };
const CREATE: OpenOptions = { read: true, write: true, create: true };

const OPENING: Laws = {
  "open() without options opens for reading only"(fs) {
    put(fs, "/f", "abc");
    const file = fs.open("/f");
    assertEquals(text(file), "abc");
    refuses(() => file.write(bytes("x"), 0), "EBADF", "write", "/f");
    refuses(() => file.truncate(0), "EINVAL", "truncate", "/f");
    file.close();
  },
  "open() with write alone does not allow reads"(fs) {
    put(fs, "/f", "abc");
    const file = fs.open("/f", { write: true });
    refuses(() => file.read(new Uint8Array(1), 0), "EBADF", "read", "/f");
    refuses(() => file.read(new Uint8Array(0), 0), "EBADF", "read", "/f");
    assertEquals(file.write(bytes("x"), 0), 1);
    assertEquals(file.size(), 3);
    file.close();
    assertEquals(get(fs, "/f"), "xbc");
  },
  "open() with append alone does not allow reads"(fs) {
    put(fs, "/f", "abc");
    const file = fs.open("/f", { append: true });
    refuses(() => file.read(new Uint8Array(1), 0), "EBADF", "read", "/f");
    file.close();
  },
  "open() with read and write allows both"(fs) {
    const file = fs.open("/f", CREATE);
    file.write(bytes("abc"), 0);
    assertEquals(text(file), "abc");
    file.close();
  },
  "open() refuses a missing name without create"(fs) {
    refuses(() => fs.open("/f"), "ENOENT", "open", "/f");
    refuses(() => fs.open("/f", { write: true }), "ENOENT", "open", "/f");
    refuses(() => fs.open("/f", { append: true }), "ENOENT", "open", "/f");
    refuses(() => fs.open("/f", { write: true, truncate: true }), "ENOENT", "open", "/f");
    assertEquals(fs.list("/"), []);
  },
  "open() with create makes an empty file once and keeps an existing one"(fs) {
    fs.open("/f", CREATE).close();
    assertEquals(fs.stat("/f").size, 0);
    put(fs, "/f", "abc");
    const { inode } = fs.stat("/f");
    fs.open("/f", CREATE).close();
    assertEquals(get(fs, "/f"), "abc");
    assertEquals(fs.stat("/f").inode, inode);
  },
  "open() with createNew makes a file and refuses any existing name"(fs) {
    fs.open("/f", { write: true, createNew: true }).close();
    refuses(() => fs.open("/f", { write: true, createNew: true }), "EEXIST", "open", "/f");
    const both = { write: true, create: true, createNew: true };
    refuses(() => fs.open("/f", both), "EEXIST", "open", "/f");
    const cutting = { write: true, createNew: true, truncate: true };
    refuses(() => fs.open("/f", cutting), "EEXIST", "open", "/f");
    fs.mkdir("/d");
    refuses(() => fs.open("/d", { write: true, createNew: true }), "EEXIST", "open", "/d");
  },
  "open() that fails leaves the file as it was"(fs) {
    put(fs, "/f", "abc");
    refuses(
      () => fs.open("/f", { write: true, createNew: true, truncate: true }),
      "EEXIST",
      "open",
      "/f",
    );
    refuses(() => fs.open("/f", { truncate: true }), "EINVAL", "open", "/f");
    assertEquals(get(fs, "/f"), "abc");
  },
  "open() with truncate cuts an existing file, also under other handles"(fs) {
    put(fs, "/f", "abc");
    const other = fs.open("/f");
    const file = fs.open("/f", { write: true, truncate: true });
    assertEquals(file.size(), 0);
    assertEquals(other.size(), 0);
    assertEquals(text(other), "");
    file.close();
    other.close();
  },
  "open() with truncate and create makes a missing file"(fs) {
    fs.open("/f", { write: true, create: true, truncate: true }).close();
    assertEquals(fs.stat("/f").size, 0);
  },
  "open() refuses options that contradict each other"(fs) {
    put(fs, "/f", "abc");
    const contradictions: OpenOptions[] = [
      { read: false },
      { read: false, write: false },
      { create: true },
      { createNew: true },
      { truncate: true },
      { read: true, create: true },
      { read: true, createNew: true },
      { read: true, truncate: true },
      { append: true, truncate: true },
      { write: true, append: true, truncate: true },
    ];
    for (const options of contradictions) {
      refuses(() => fs.open("/f", options), "EINVAL", "open", "/f");
      refuses(() => fs.open("/g", options), "EINVAL", "open", "/g");
    }
    assertEquals(fs.list("/"), ["f"]);
  },
  "open() opens a directory for reading only"(fs) {
    fs.mkdir("/d");
    fs.open("/d").close();
    fs.open("/d", { read: true }).close();
    refuses(() => fs.open("/d", { write: true }), "EISDIR", "open", "/d");
    refuses(() => fs.open("/d", { append: true }), "EISDIR", "open", "/d");
    refuses(() => fs.open("/d", READ_WRITE), "EISDIR", "open", "/d");
    refuses(() => fs.open("/d", CREATE), "EISDIR", "open", "/d");
    refuses(() => fs.open("/d", { write: true, truncate: true }), "EISDIR", "open", "/d");
    refuses(() => fs.open("/", { write: true }), "EISDIR", "open", "/");
  },
  "open() needs a directory above the name"(fs) {
    put(fs, "/f", "abc");
    refuses(() => fs.open("/f/x"), "ENOTDIR", "open", "/f/x");
    refuses(() => fs.open("/f/x", CREATE), "ENOTDIR", "open", "/f/x");
    refuses(() => fs.open("/d/x", CREATE), "ENOENT", "open", "/d/x");
  },
  "open() twice gives two handles of one file"(fs) {
    const one = fs.open("/f", CREATE);
    const two = fs.open("/f", CREATE);
    one.write(bytes("abc"), 0);
    assertEquals(text(two), "abc");
    one.close();
    two.write(bytes("d"), 3);
    assertEquals(text(two), "abcd");
    two.close();
  },
};

const READING: Laws = {
  "read() fills the array from its start and returns the count"(fs) {
    put(fs, "/f", "abcdef");
    const file = fs.open("/f");
    const into = bytes("......");
    assertEquals(file.read(into.subarray(1, 4), 2), 3);
    assertEquals(string(into), ".cde..");
    file.close();
  },
  "read() leaves the rest of the array alone at the end of the file"(fs) {
    put(fs, "/f", "abc");
    const file = fs.open("/f");
    const into = bytes(".....");
    assertEquals(file.read(into, 1), 2);
    assertEquals(string(into), "bc...");
    file.close();
  },
  "read() at and past the end returns 0"(fs) {
    put(fs, "/f", "abc");
    const file = fs.open("/f");
    const into = bytes("..");
    assertEquals(file.read(into, 3), 0);
    assertEquals(file.read(into, 4), 0);
    assertEquals(file.read(into, 2 ** 40), 0);
    assertEquals(string(into), "..");
    file.close();
  },
  "read() of an empty file returns 0"(fs) {
    const file = fs.open("/f", CREATE);
    assertEquals(file.read(new Uint8Array(4), 0), 0);
    file.close();
  },
  "read() into an empty array returns 0"(fs) {
    put(fs, "/f", "abc");
    const file = fs.open("/f");
    assertEquals(file.read(new Uint8Array(0), 0), 0);
    assertEquals(file.read(new Uint8Array(0), 9), 0);
    file.close();
  },
  "read() has no cursor"(fs) {
    put(fs, "/f", "abc");
    const file = fs.open("/f");
    const into = new Uint8Array(2);
    for (const offset of [1, 0, 1, 1]) {
      assertEquals(file.read(into, offset), 2);
      assertEquals(string(into), offset === 0 ? "ab" : "bc");
    }
    file.close();
  },
  "read() refuses a directory"(fs) {
    fs.mkdir("/d");
    const directory = fs.open("/d");
    refuses(() => directory.read(new Uint8Array(1), 0), "EISDIR", "read", "/d");
    refuses(() => directory.read(new Uint8Array(0), 0), "EISDIR", "read", "/d");
    directory.close();
  },
  "read() refuses an offset that is no length"(fs) {
    put(fs, "/f", "abc");
    const file = fs.open("/f");
    for (const offset of NO_LENGTHS) {
      refuses(() => file.read(new Uint8Array(1), offset), "EINVAL", "read", "/f");
    }
    file.close();
  },
};

const WRITING: Laws = {
  "write() overwrites in place and keeps the bytes around it"(fs) {
    put(fs, "/f", "abcdef");
    const file = fs.open("/f", READ_WRITE);
    assertEquals(file.write(bytes("XY"), 2), 2);
    assertEquals(text(file), "abXYef");
    assertEquals(file.size(), 6);
    file.close();
  },
  "write() across the end grows the file"(fs) {
    put(fs, "/f", "abc");
    const file = fs.open("/f", READ_WRITE);
    assertEquals(file.write(bytes("XYZ"), 2), 3);
    assertEquals(text(file), "abXYZ");
    file.close();
  },
  "write() past the end leaves a hole of zeros"(fs) {
    put(fs, "/f", "abc");
    const file = fs.open("/f", READ_WRITE);
    file.write(bytes("z"), 6);
    assertEquals(file.size(), 7);
    assertEquals(text(file), "abc\0\0\0z");
    file.write(bytes("y"), 20_000);
    const hole = new Uint8Array(19_994).fill(1);
    assertEquals(file.read(hole, 7), 19_994);
    assert(hole.subarray(0, -1).every((byte) => byte === 0));
    assertEquals(string(hole.subarray(-1)), "y");
    file.close();
  },
  "write() fills a hole in parts"(fs) {
    const file = fs.open("/f", CREATE);
    file.write(bytes("z"), 2_000);
    file.write(bytes("m"), 1_000);
    const content = new Uint8Array(2_001).fill(1);
    assertEquals(file.read(content, 0), 2_001);
    assertEquals([...content.entries()].filter(([, byte]) => byte !== 0), [[1_000, 109], [
      2_000,
      122,
    ]]);
    file.close();
  },
  "write() of no bytes changes nothing, even past the end"(fs) {
    put(fs, "/f", "abc");
    const file = fs.open("/f", READ_WRITE);
    assertEquals(file.write(new Uint8Array(0), 0), 0);
    assertEquals(file.write(new Uint8Array(0), 9), 0);
    assertEquals(text(file), "abc");
    file.close();
    const appending = fs.open("/f", { append: true });
    assertEquals(appending.write(new Uint8Array(0)), 0);
    assertEquals(appending.size(), 3);
    appending.close();
  },
  "write() of no bytes needs a handle for writing"(fs) {
    put(fs, "/f", "abc");
    const file = fs.open("/f");
    refuses(() => file.write(new Uint8Array(0), 0), "EBADF", "write", "/f");
    file.close();
  },
  "write() keeps nothing of the caller's array"(fs) {
    const file = fs.open("/f", CREATE);
    const buffer = bytes("abc");
    file.write(buffer, 0);
    buffer.fill(0);
    assertEquals(text(file), "abc");
    const into = new Uint8Array(3);
    file.read(into, 0);
    into.fill(0);
    assertEquals(text(file), "abc");
    file.close();
  },
  "write() takes a view of a larger array"(fs) {
    const file = fs.open("/f", CREATE);
    assertEquals(file.write(bytes("abcdef").subarray(2, 4), 0), 2);
    assertEquals(text(file), "cd");
    file.close();
  },
  "write() of many sectors at an odd offset reads back"(fs) {
    const content = Uint8Array.from({ length: 20_011 }, (_, i) => (i * 7 + 1) % 251);
    const file = fs.open("/f", CREATE);
    writeFully(file, content, 333);
    const into = new Uint8Array(content.length);
    assertEquals(file.read(into, 333), content.length);
    assertEquals(into, content);
    assertEquals(file.size(), content.length + 333);
    file.close();
  },
  "write() is seen by every handle and by stat() at once"(fs) {
    const one = fs.open("/f", CREATE);
    const two = fs.open("/f");
    one.write(bytes("abc"), 0);
    assertEquals(two.size(), 3);
    assertEquals(text(two), "abc");
    assertEquals(fs.stat("/f").size, 3);
    one.close();
    two.close();
  },
  "write() refuses an offset that is no length"(fs) {
    const file = fs.open("/f", CREATE);
    for (const offset of [...NO_LENGTHS, undefined]) {
      refuses(() => file.write(bytes("x"), offset), "EINVAL", "write", "/f");
    }
    assertEquals(file.size(), 0);
    file.close();
  },
  "write() with sync reads back like any other"(fs) {
    const file = fs.open("/f", { ...CREATE, sync: true });
    file.write(bytes("abc"), 0);
    file.write(bytes("d"), 3);
    assertEquals(text(file), "abcd");
    file.close();
    const appending = fs.open("/f", { append: true, sync: true });
    appending.write(bytes("e"));
    appending.close();
    assertEquals(get(fs, "/f"), "abcde");
  },
};

const APPENDING: Laws = {
  "append writes at the end whatever the offset says"(fs) {
    put(fs, "/f", "abc");
    const file = fs.open("/f", { read: true, append: true });
    assertEquals(file.write(bytes("d"), 0), 1);
    assertEquals(file.write(bytes("e")), 1);
    assertEquals(file.write(bytes("f"), 100), 1);
    assertEquals(file.write(bytes("g"), -1), 1);
    assertEquals(text(file), "abcdefg");
    file.close();
  },
  "append by two handles takes turns at the end"(fs) {
    const one = fs.open("/f", { append: true, create: true });
    const two = fs.open("/f", { append: true });
    one.write(bytes("a"));
    two.write(bytes("b"));
    one.write(bytes("c"));
    two.write(bytes("d"));
    one.close();
    two.close();
    assertEquals(get(fs, "/f"), "abcd");
  },
  "append goes to the end as other handles have moved it"(fs) {
    const appending = fs.open("/f", { append: true, create: true });
    const other = fs.open("/f", READ_WRITE);
    appending.write(bytes("abc"));
    other.truncate(1);
    appending.write(bytes("d"));
    other.write(bytes("z"), 4);
    appending.write(bytes("e"));
    assertEquals(text(other), "ad\0\0ze");
    appending.close();
    other.close();
  },
  "append does not move where positional reads read"(fs) {
    put(fs, "/f", "abc");
    const file = fs.open("/f", { read: true, append: true });
    file.write(bytes("d"));
    const into = new Uint8Array(2);
    assertEquals(file.read(into, 1), 2);
    assertEquals(string(into), "bc");
    file.close();
  },
};

const TRUNCATING: Laws = {
  "truncate() cuts a file"(fs) {
    put(fs, "/f", "abcdef");
    const file = fs.open("/f", READ_WRITE);
    file.truncate(2);
    assertEquals(file.size(), 2);
    assertEquals(text(file), "ab");
    file.truncate(0);
    assertEquals(text(file), "");
    file.close();
  },
  "truncate() grows a file with zeros"(fs) {
    put(fs, "/f", "ab");
    const file = fs.open("/f", READ_WRITE);
    file.truncate(5);
    assertEquals(text(file), "ab\0\0\0");
    file.close();
  },
  "truncate() down and up again reads zeros, not the old bytes"(fs) {
    const file = fs.open("/f", CREATE);
    writeFully(file, new Uint8Array(10_000).fill(1), 0);
    file.truncate(700);
    file.truncate(10_000);
    const content = new Uint8Array(10_000).fill(2);
    assertEquals(file.read(content, 0), 10_000);
    assert(content.subarray(0, 700).every((byte) => byte === 1));
    assert(content.subarray(700).every((byte) => byte === 0));
    file.close();
  },
  "truncate() down and a write past the end reads zeros between"(fs) {
    put(fs, "/f", "abcdef");
    const file = fs.open("/f", READ_WRITE);
    file.truncate(2);
    file.write(bytes("z"), 5);
    assertEquals(text(file), "ab\0\0\0z");
    file.close();
  },
  "truncate() to the same size changes nothing"(fs) {
    put(fs, "/f", "abc");
    const file = fs.open("/f", READ_WRITE);
    file.truncate(3);
    assertEquals(text(file), "abc");
    file.close();
  },
  "truncate() works on an appending handle"(fs) {
    put(fs, "/f", "abc");
    const file = fs.open("/f", { append: true });
    file.truncate(1);
    file.write(bytes("z"));
    file.close();
    assertEquals(get(fs, "/f"), "az");
  },
  "truncate() refuses a size that is no length"(fs) {
    put(fs, "/f", "abc");
    const file = fs.open("/f", READ_WRITE);
    for (const size of NO_LENGTHS) {
      refuses(() => file.truncate(size), "EINVAL", "truncate", "/f");
    }
    assertEquals(text(file), "abc");
    file.close();
  },
  "truncate() refuses a handle for reading and a directory"(fs) {
    put(fs, "/f", "abc");
    const file = fs.open("/f");
    refuses(() => file.truncate(0), "EINVAL", "truncate", "/f");
    file.close();
    const directory = fs.open("/");
    refuses(() => directory.truncate(0), "EINVAL", "truncate", "/");
    directory.close();
    assertEquals(get(fs, "/f"), "abc");
  },
};

const HANDLES: Laws = {
  "close() makes every later call fail"(fs) {
    const file = fs.open("/f", CREATE);
    file.close();
    refuses(() => file.read(new Uint8Array(1), 0), "EBADF", "read", "/f");
    refuses(() => file.read(new Uint8Array(0), 0), "EBADF", "read", "/f");
    refuses(() => file.write(bytes("x"), 0), "EBADF", "write", "/f");
    refuses(() => file.write(new Uint8Array(0), -1), "EBADF", "write", "/f");
    refuses(() => file.size(), "EBADF", "size", "/f");
    refuses(() => file.truncate(0), "EBADF", "truncate", "/f");
    refuses(() => file.sync(), "EBADF", "sync", "/f");
    refuses(() => file.syncData(), "EBADF", "syncData", "/f");
    refuses(() => file.close(), "EBADF", "close", "/f");
  },
  "close() of one handle leaves the others open"(fs) {
    const one = fs.open("/f", CREATE);
    const two = fs.open("/f", CREATE);
    one.close();
    const three = fs.open("/g", CREATE);
    refuses(() => one.write(bytes("x"), 0), "EBADF", "write", "/f");
    two.write(bytes("a"), 0);
    assertEquals(text(two), "a");
    assertEquals(three.size(), 0);
    two.close();
    three.close();
  },
  "close() of a directory makes every later call fail"(fs) {
    const directory = fs.open("/");
    directory.close();
    refuses(() => directory.sync(), "EBADF", "sync", "/");
    refuses(() => directory.size(), "EBADF", "size", "/");
    refuses(() => directory.read(new Uint8Array(1), 0), "EBADF", "read", "/");
    refuses(() => directory.close(), "EBADF", "close", "/");
  },
  "sync() and syncData() work on a file, whatever it was opened for"(fs) {
    for (const options of [CREATE, { read: true }, { write: true }, { append: true }]) {
      const file = fs.open("/f", options);
      file.sync();
      file.syncData();
      file.close();
    }
  },
  "sync() and syncData() work on a directory"(fs) {
    fs.mkdir("/d");
    for (const path of ["/", "/d"]) {
      const directory = fs.open(path);
      directory.sync();
      directory.syncData();
      assertEquals(directory.size(), 0);
      directory.close();
    }
  },
  "a directory's handle refuses writes"(fs) {
    const directory = fs.open("/");
    refuses(() => directory.write(bytes("x"), 0), "EBADF", "write", "/");
    directory.close();
  },
  "a handle goes on working when its name is removed"(fs) {
    const file = fs.open("/f", CREATE);
    file.write(bytes("abc"), 0);
    fs.remove("/f");
    refuses(() => fs.stat("/f"), "ENOENT", "stat", "/f");
    file.write(bytes("d"), 3);
    assertEquals(text(file), "abcd");
    file.truncate(2);
    file.sync();
    assertEquals(file.size(), 2);
    file.close();
  },
  "a handle of a removed name is not the handle of its successor"(fs) {
    const old = fs.open("/f", CREATE);
    old.write(bytes("old"), 0);
    fs.remove("/f");
    const young = fs.open("/f", CREATE);
    assertEquals(young.size(), 0);
    young.write(bytes("young"), 0);
    old.write(bytes("!"), 3);
    assertEquals(text(old), "old!");
    assertEquals(get(fs, "/f"), "young");
    old.close();
    young.close();
  },
  "a handle follows its file through a rename"(fs) {
    const file = fs.open("/f", CREATE);
    fs.rename("/f", "/g");
    file.write(bytes("abc"), 0);
    assertEquals(get(fs, "/g"), "abc");
    put(fs, "/f", "new");
    assertEquals(text(file), "abc");
    file.close();
  },
  "a handle keeps the file that a rename replaced"(fs) {
    put(fs, "/f", "winner");
    put(fs, "/g", "loser");
    const loser = fs.open("/g");
    fs.rename("/f", "/g");
    assertEquals(text(loser), "loser");
    assertEquals(get(fs, "/g"), "winner");
    loser.close();
  },
  "a handle of a file goes on working when its directory is renamed"(fs) {
    fs.mkdir("/d");
    const file = fs.open("/d/f", CREATE);
    fs.rename("/d", "/e");
    file.write(bytes("abc"), 0);
    assertEquals(get(fs, "/e/f"), "abc");
    file.close();
  },
  "a handle of a directory survives its rename and its removal"(fs) {
    fs.mkdir("/d");
    const directory = fs.open("/d");
    fs.rename("/d", "/e");
    directory.sync();
    fs.remove("/e");
    directory.sync();
    assertEquals(directory.size(), 0);
    refuses(() => directory.read(new Uint8Array(1), 0), "EISDIR", "read", "/d");
    directory.close();
  },
};

const NAMING: Laws = {
  "mkdir() makes an empty directory"(fs) {
    fs.mkdir("/d");
    assertEquals(fs.stat("/d").kind, "directory");
    assertEquals(fs.list("/d"), []);
    fs.mkdir("/d/e");
    assertEquals(fs.list("/d"), ["e"]);
  },
  "mkdir() refuses an existing name"(fs) {
    fs.mkdir("/d");
    put(fs, "/f", "");
    refuses(() => fs.mkdir("/d"), "EEXIST", "mkdir", "/d");
    refuses(() => fs.mkdir("/f"), "EEXIST", "mkdir", "/f");
    refuses(() => fs.mkdir("/"), "EEXIST", "mkdir", "/");
  },
  "mkdir() needs a directory above the name"(fs) {
    put(fs, "/f", "");
    refuses(() => fs.mkdir("/d/e"), "ENOENT", "mkdir", "/d/e");
    refuses(() => fs.mkdir("/f/e"), "ENOTDIR", "mkdir", "/f/e");
  },
  "list() sorts by UTF-16 code unit, without dots"(fs) {
    const names = ["b", "a", "B", "10", "9", "é", "z", "_", "ab", "\uFF5E", "\u{1F600}", ".hidden"];
    for (const name of names) put(fs, `/${name}`, "");
    assertEquals(fs.list("/"), names.toSorted());
    assertEquals(fs.list("/").at(-1), "\uFF5E");
  },
  "list() needs a directory"(fs) {
    put(fs, "/f", "");
    refuses(() => fs.list("/f"), "ENOTDIR", "list", "/f");
    refuses(() => fs.list("/d"), "ENOENT", "list", "/d");
    refuses(() => fs.list("/f/x"), "ENOTDIR", "list", "/f/x");
  },
  "list() gives an array that the caller may change"(fs) {
    put(fs, "/f", "");
    fs.list("/").push("x");
    assertEquals(fs.list("/"), ["f"]);
  },
  "stat() tells kind, size and inode"(fs) {
    put(fs, "/f", "abc");
    fs.mkdir("/d");
    const [file, directory] = [fs.stat("/f"), fs.stat("/d")];
    assertEquals([file.kind, file.size], ["file", 3]);
    assertEquals([directory.kind, directory.size], ["directory", 0]);
    assertNotEquals(file.inode, directory.inode);
    assertEquals(fs.stat("/f").inode, file.inode);
    assertEquals(fs.stat("/").kind, "directory");
  },
  "stat() needs an existing path"(fs) {
    put(fs, "/f", "");
    refuses(() => fs.stat("/g"), "ENOENT", "stat", "/g");
    refuses(() => fs.stat("/g/x"), "ENOENT", "stat", "/g/x");
    refuses(() => fs.stat("/f/x"), "ENOTDIR", "stat", "/f/x");
  },
  "stat() tells different inodes of files that live at the same time"(fs) {
    for (const name of ["a", "b", "c"]) put(fs, `/${name}`, name);
    const held = fs.open("/a");
    fs.remove("/a");
    put(fs, "/a", "again");
    const inodes = ["a", "b", "c"].map((name) => fs.stat(`/${name}`).inode);
    assertEquals(new Set(inodes).size, 3);
    assertEquals(text(held), "a");
    held.close();
  },
  "link() gives one file two names"(fs) {
    put(fs, "/f", "abc");
    fs.link("/f", "/g");
    assertEquals(fs.stat("/g"), fs.stat("/f"));
    put(fs, "/g", "changed");
    assertEquals(get(fs, "/f"), "changed");
    fs.remove("/f");
    assertEquals(get(fs, "/g"), "changed");
    assertEquals(fs.list("/"), ["g"]);
  },
  "link() refuses directories and existing names"(fs) {
    put(fs, "/f", "");
    put(fs, "/g", "");
    fs.mkdir("/d");
    refuses(() => fs.link("/d", "/e"), "EPERM", "link");
    refuses(() => fs.link("/f", "/g"), "EEXIST", "link", "/g");
    refuses(() => fs.link("/f", "/f"), "EEXIST", "link", "/f");
    refuses(() => fs.link("/f", "/d"), "EEXIST", "link", "/d");
    refuses(() => fs.link("/x", "/y"), "ENOENT", "link", "/x");
    refuses(() => fs.link("/f", "/x/y"), "ENOENT", "link", "/x/y");
    refuses(() => fs.link("/f", "/g/y"), "ENOTDIR", "link", "/g/y");
    assertEquals(fs.list("/"), ["d", "f", "g"]);
  },
  "remove() takes a name away, and an empty directory"(fs) {
    put(fs, "/f", "");
    fs.mkdir("/d");
    fs.remove("/f");
    fs.remove("/d");
    assertEquals(fs.list("/"), []);
    refuses(() => fs.remove("/f"), "ENOENT", "remove", "/f");
  },
  "remove() refuses a directory that is not empty"(fs) {
    fs.mkdir("/d");
    put(fs, "/d/f", "abc");
    refuses(() => fs.remove("/d"), "ENOTEMPTY", "remove", "/d");
    assertEquals(get(fs, "/d/f"), "abc");
    fs.remove("/d/f");
    fs.remove("/d");
  },
  "remove() needs a directory above the name"(fs) {
    put(fs, "/f", "");
    refuses(() => fs.remove("/f/x"), "ENOTDIR", "remove", "/f/x");
    refuses(() => fs.remove("/d/x"), "ENOENT", "remove", "/d/x");
  },
  "remove() refuses the root, empty or not"(fs) {
    refuses(() => fs.remove("/"), "EINVAL", "remove", "/");
    refuses(() => fs.remove("/."), "EINVAL", "remove", "/.");
    refuses(() => fs.remove("/.."), "EINVAL", "remove", "/..");
    put(fs, "/f", "");
    refuses(() => fs.remove("//"), "EINVAL", "remove", "//");
    assertEquals(fs.list("/"), ["f"]);
  },
  "a removed name can be given again, to the other kind too"(fs) {
    put(fs, "/x", "abc");
    fs.remove("/x");
    fs.mkdir("/x");
    fs.remove("/x");
    put(fs, "/x", "new");
    assertEquals(get(fs, "/x"), "new");
  },
};

const RENAMING: Laws = {
  "rename() moves a file and keeps its inode"(fs) {
    put(fs, "/f", "abc");
    fs.mkdir("/d");
    const { inode } = fs.stat("/f");
    fs.rename("/f", "/d/g");
    assertEquals(fs.list("/"), ["d"]);
    assertEquals(get(fs, "/d/g"), "abc");
    assertEquals(fs.stat("/d/g").inode, inode);
  },
  "rename() moves a directory with all that is in it"(fs) {
    fs.mkdir("/d");
    fs.mkdir("/d/e");
    fs.mkdir("/t");
    put(fs, "/d/e/f", "abc");
    fs.rename("/d", "/t/d");
    assertEquals(fs.list("/"), ["t"]);
    assertEquals(get(fs, "/t/d/e/f"), "abc");
    assertEquals(get(fs, "/t/d/../d/e/f"), "abc");
  },
  "rename() replaces a file"(fs) {
    put(fs, "/f", "new");
    put(fs, "/g", "old");
    fs.rename("/f", "/g");
    assertEquals(fs.list("/"), ["g"]);
    assertEquals(get(fs, "/g"), "new");
  },
  "rename() replaces an empty directory by a directory"(fs) {
    fs.mkdir("/d");
    put(fs, "/d/f", "abc");
    fs.mkdir("/e");
    fs.rename("/d", "/e");
    assertEquals(fs.list("/"), ["e"]);
    assertEquals(get(fs, "/e/f"), "abc");
  },
  "rename() refuses to replace a directory that is not empty"(fs) {
    fs.mkdir("/d");
    fs.mkdir("/e");
    put(fs, "/e/f", "abc");
    refuses(() => fs.rename("/d", "/e"), "ENOTEMPTY", "rename");
    assertEquals(fs.list("/"), ["d", "e"]);
    assertEquals(get(fs, "/e/f"), "abc");
  },
  "rename() refuses a file over a directory"(fs) {
    put(fs, "/f", "abc");
    fs.mkdir("/d");
    refuses(() => fs.rename("/f", "/d"), "EISDIR", "rename");
    assertEquals(fs.list("/"), ["d", "f"]);
  },
  "rename() refuses a directory over a file"(fs) {
    put(fs, "/f", "abc");
    fs.mkdir("/d");
    refuses(() => fs.rename("/d", "/f"), "ENOTDIR", "rename");
    assertEquals(get(fs, "/f"), "abc");
  },
  "rename() refuses a directory into itself"(fs) {
    fs.mkdir("/d");
    fs.mkdir("/d/e");
    refuses(() => fs.rename("/d", "/d/x"), "EINVAL", "rename");
    refuses(() => fs.rename("/d", "/d/e"), "EINVAL", "rename");
    refuses(() => fs.rename("/d", "/d/e/x"), "EINVAL", "rename");
    refuses(() => fs.rename("/d", "/d/../d/x"), "EINVAL", "rename");
    assertEquals(fs.list("/d"), ["e"]);
  },
  "rename() refuses to replace a directory by what is in it"(fs) {
    fs.mkdir("/d");
    put(fs, "/d/f", "abc");
    fs.mkdir("/d/e");
    refuses(() => fs.rename("/d/e", "/d"), "ENOTEMPTY", "rename");
    refuses(() => fs.rename("/d/f", "/d"), ["EISDIR", "ENOTEMPTY"], "rename");
    assertEquals(fs.list("/d"), ["e", "f"]);
  },
  "rename() of a name to itself does nothing"(fs) {
    put(fs, "/f", "abc");
    fs.mkdir("/d");
    put(fs, "/d/g", "");
    fs.rename("/f", "/f");
    fs.rename("/d", "/d");
    fs.rename("/d", "/d/");
    assertEquals(get(fs, "/f"), "abc");
    assertEquals(fs.list("/d"), ["g"]);
  },
  "rename() between two links of one file does nothing"(fs) {
    put(fs, "/f", "abc");
    fs.link("/f", "/g");
    fs.rename("/f", "/g");
    assertEquals(fs.list("/"), ["f", "g"]);
    assertEquals(fs.stat("/f"), fs.stat("/g"));
  },
  "rename() over one link of a file leaves its other links"(fs) {
    put(fs, "/f", "old");
    fs.link("/f", "/g");
    put(fs, "/h", "new");
    fs.rename("/h", "/g");
    assertEquals(get(fs, "/f"), "old");
    assertEquals(get(fs, "/g"), "new");
  },
  "rename() needs an old name and directories above both"(fs) {
    put(fs, "/f", "");
    refuses(() => fs.rename("/x", "/y"), "ENOENT", "rename", "/x");
    refuses(() => fs.rename("/f", "/x/y"), "ENOENT", "rename", "/x/y");
    refuses(() => fs.rename("/x/y", "/z"), "ENOENT", "rename", "/x/y");
    refuses(() => fs.rename("/f/x", "/z"), "ENOTDIR", "rename", "/f/x");
    put(fs, "/g", "");
    refuses(() => fs.rename("/g", "/f/x"), "ENOTDIR", "rename", "/f/x");
    assertEquals(fs.list("/"), ["f", "g"]);
  },
  "rename() refuses the root and names of dots"(fs) {
    fs.mkdir("/d");
    fs.mkdir("/e");
    refuses(() => fs.rename("/", "/d/x"), "EINVAL", "rename");
    refuses(() => fs.rename("/d", "/"), ["EINVAL", "ENOTEMPTY"], "rename");
    refuses(() => fs.rename("/d/.", "/x"), "EINVAL", "rename");
    refuses(() => fs.rename("/d", "/e/."), "EINVAL", "rename");
    refuses(() => fs.rename("/d/..", "/x"), "EINVAL", "rename");
    assertEquals(fs.list("/"), ["d", "e"]);
  },
};

const PATHS: Laws = {
  "a path may hold empty names and dots"(fs) {
    fs.mkdir("/d");
    put(fs, "/d/f", "abc");
    for (const path of ["//d///f", "/./d/./f", "/d/../d/f", "/../d/f", "/d/.././../d/f"]) {
      assertEquals(get(fs, path), "abc");
    }
    assertEquals(fs.stat("/d/..").inode, fs.stat("/").inode);
    assertEquals(fs.stat("/..").inode, fs.stat("/").inode);
    assertEquals(fs.list("/d/."), ["f"]);
    assertEquals(fs.list("/d/.."), ["d"]);
  },
  "the way to a path must exist, also where it turns back"(fs) {
    put(fs, "/f", "abc");
    refuses(() => fs.stat("/x/../f"), "ENOENT", "stat", "/x/../f");
    refuses(() => fs.stat("/f/../f"), "ENOTDIR", "stat", "/f/../f");
    refuses(() => fs.open("/x/../f"), "ENOENT", "open", "/x/../f");
    refuses(() => fs.stat("/f/."), "ENOTDIR", "stat", "/f/.");
    refuses(() => fs.stat("/f/.."), "ENOTDIR", "stat", "/f/..");
  },
  "an empty path names nothing"(fs) {
    put(fs, "/f", "");
    refuses(() => fs.open(""), "ENOENT", "open", "");
    refuses(() => fs.open("", CREATE), "ENOENT", "open", "");
    refuses(() => fs.mkdir(""), "ENOENT", "mkdir", "");
    refuses(() => fs.list(""), "ENOENT", "list", "");
    refuses(() => fs.stat(""), "ENOENT", "stat", "");
    refuses(() => fs.remove(""), "ENOENT", "remove", "");
    refuses(() => fs.rename("", "/x"), "ENOENT", "rename", "");
    refuses(() => fs.rename("/f", ""), "ENOENT", "rename", "");
    refuses(() => fs.link("", "/x"), "ENOENT", "link", "");
    refuses(() => fs.link("/f", ""), "ENOENT", "link", "");
  },
  "a slash at the end asks for a directory"(fs) {
    put(fs, "/f", "abc");
    fs.mkdir("/d");
    refuses(() => fs.open("/f/"), "ENOTDIR", "open", "/f/");
    refuses(() => fs.open("/f/", { write: true }), "ENOTDIR", "open", "/f/");
    refuses(() => fs.stat("/f/"), "ENOTDIR", "stat", "/f/");
    refuses(() => fs.list("/f/"), "ENOTDIR", "list", "/f/");
    refuses(() => fs.remove("/f/"), "ENOTDIR", "remove", "/f/");
    refuses(() => fs.rename("/f/", "/g"), "ENOTDIR", "rename");
    refuses(() => fs.rename("/f", "/g/"), "ENOTDIR", "rename");
    refuses(() => fs.rename("/f", "/d/"), ["ENOTDIR", "EISDIR"], "rename");
    refuses(() => fs.link("/f/", "/g"), "ENOTDIR", "link", "/f/");
    assertEquals(fs.list("/"), ["d", "f"]);
    assertEquals(fs.stat("/d/").kind, "directory");
    fs.open("/d/").close();
  },
  "a slash at the end may follow the name of a new directory"(fs) {
    fs.mkdir("/d/");
    fs.rename("/d/", "/e/");
    assertEquals(fs.list("/"), ["e"]);
    fs.remove("/e/");
    assertEquals(fs.list("/"), []);
  },
  "a slash at the end makes no file"(fs) {
    put(fs, "/f", "");
    const errors: ErrorCode[] = ["EISDIR", "ENOENT", "ENOTDIR"];
    refuses(() => fs.open("/x/", CREATE), errors, "open", "/x/");
    refuses(() => fs.open("/x/", { write: true, createNew: true }), errors, "open", "/x/");
    refuses(() => fs.link("/f", "/x/"), errors, "link", "/x/");
    assertEquals(fs.list("/"), ["f"]);
  },
  "a dot at the end names what exists: it makes and removes nothing"(fs) {
    fs.mkdir("/d");
    refuses(() => fs.mkdir("/x/."), "ENOENT", "mkdir", "/x/.");
    refuses(() => fs.mkdir("/d/."), "EEXIST", "mkdir", "/d/.");
    refuses(() => fs.mkdir("/d/.."), "EEXIST", "mkdir", "/d/..");
    refuses(() => fs.remove("/d/."), "EINVAL", "remove", "/d/.");
    refuses(() => fs.remove("/d/.."), ["EINVAL", "ENOTEMPTY"], "remove", "/d/..");
    assertEquals(fs.list("/"), ["d"]);
  },
  "a name may hold dots, spaces and letters of any script"(fs) {
    const names = ["...", "a b", "..a", "a.", "日本", "\u{1F600}"].toSorted();
    for (const name of names) put(fs, `/${name}`, name);
    assertEquals(fs.list("/"), names);
    for (const name of names) assertEquals(get(fs, `/${name}`), name);
  },
};

const ERRORS: Laws = {
  "an error tells code, call and path"(fs) {
    try {
      fs.stat("/no/such");
    } catch (error) {
      assert(error instanceof FileSystemError && error instanceof Error);
      assertEquals(error.name, "FileSystemError");
      assertEquals(error.message, 'stat "/no/such": ENOENT, no such file or directory');
      return;
    }
    throw new Error("Cannot go on: the call succeeded, wanted an error");
  },
};

const LAWS: Laws = {
  ...OPENING,
  ...READING,
  ...WRITING,
  ...APPENDING,
  ...TRUNCATING,
  ...HANDLES,
  ...NAMING,
  ...RENAMING,
  ...PATHS,
  ...ERRORS,
};

/** Numbers that are neither an offset nor a size. */
const NO_LENGTHS = [-1, -4096, 0.5, NaN, Infinity, -Infinity] as const;

function bytes(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}

function string(content: Uint8Array): string {
  return new TextDecoder().decode(content);
}

function text(file: FileHandle): string {
  const content = new Uint8Array(file.size());
  assertEquals(file.read(content, 0), content.length);
  return string(content);
}

function get(fs: FileSystem, path: string): string {
  const file = fs.open(path);
  try {
    return text(file);
  } finally {
    file.close();
  }
}

function put(fs: FileSystem, path: string, content: string): void {
  const file = fs.open(path, { write: true, create: true, truncate: true });
  writeFully(file, bytes(content), 0);
  file.close();
}

function refuses(
  call: () => unknown,
  code: ErrorCode | readonly ErrorCode[],
  op: string,
  path?: string,
): void {
  const error = assertThrows(call, FileSystemError);
  assert([code].flat().includes(error.code), `${error.message}, wanted ${code}`);
  assertEquals(error.op, op);
  if (path !== undefined) assertEquals(error.path, path);
}
