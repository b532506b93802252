/**
 * The suite must fail when the disk is wrong: each plant is a mistake put between the program and
 * the disk, with some of the outcomes that the suite must then find to differ.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { CellKind, Disk, FileHandle, FileSystem, ModelName } from "../../mod.ts";
import type { Mount } from "./program.ts";
import { loadLitmus, runLitmus } from "./suite.ts";

/** A mistake of a disk. */
interface Plant {
  readonly mistake: string;
  readonly mount: Mount;
  /** Some of the outcomes that differ then: test, model and outcome. */
  readonly differs: readonly string[];
}

/** Calls that go to `below`, but for those that `changed` makes itself. */
function over<Below extends object>(below: Below, changed: Partial<Below>): Below {
  return new Proxy(below, {
    get(target, key) {
      const own = Reflect.get(changed, key);
      if (own !== undefined) return own;
      const value = Reflect.get(target, key);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** A file system with changed handles. */
function withHandles(
  fs: FileSystem,
  change: (handle: FileHandle, path: string) => Partial<FileHandle>,
): FileSystem {
  return over(fs, {
    open: (path, options) => {
      const handle = fs.open(path, options);
      return over(handle, change(handle, path));
    },
  });
}

/** Calls `after` whenever a call has returned. */
function afterEach<Below extends object>(below: Below, after: () => void): Below {
  return new Proxy(below, {
    get(target, key) {
      const value = Reflect.get(target, key);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        const result = value.apply(target, args);
        after();
        return key === "open" ? afterEach(result, after) : result;
      };
    },
  });
}

/** What has been written is on the media as soon as the last call has returned. */
function force({ life }: Disk, kind?: CellKind): void {
  for (const cell of life.cells) {
    if (kind === undefined || cell.kind === kind) cell.force(cell.newest, life.trace.length - 1);
  }
}

const plants: readonly Plant[] = [
  {
    mistake: "close is a barrier",
    mount: (fs) =>
      withHandles(fs, (handle) => ({
        close: () => {
          handle.sync();
          handle.close();
        },
      })),
    differs: ["ARVR posix-ra empty", "ACVR xfs partial", "TRUNC-REWRITE posix old"],
  },
  {
    mistake: "a removed name stays on the media",
    mount: (fs) => over<FileSystem>(fs, { remove: () => {} }),
    differs: [
      "UNLINK-NOSYNC posix-ra absent",
      "UNLINK-DIRSYNC posix-ra present",
      "SQLITE-DURABILITY-DIR btrfs hot-journal",
    ],
  },
  {
    mistake: "nothing is lost but the last ops: writes persist in order, each as it is made",
    mount: (fs) => afterEach(fs, () => force(fs.disk)),
    differs: [
      "OV-SAME posix-ra reordered",
      "APP-APP posix second-only",
      "CREATE-ORDER-SAME posix-ra reordered",
      "UNLINK-NOSYNC xfs present",
    ],
  },
  {
    mistake: "fsync forces nothing",
    mount: (fs) => withHandles(fs, () => ({ sync: () => {}, syncData: () => {} })),
    differs: [
      "OV-FSYNC-BETWEEN posix-ra reordered",
      "ARVR-FULL ext4-ordered not-new",
      "WAL-TAIL btrfs acked-lost",
    ],
  },
  {
    mistake: "fsync of a directory forces nothing",
    mount: (fs) =>
      withHandles(
        fs,
        (_handle, path) => fs.stat(path).kind === "directory" ? { sync: () => {} } : {},
      ),
    differs: ["IDF-DIR posix-ra bad", "UNLINK-DIRSYNC posix present"],
  },
  {
    mistake: "rename is a link and a remove",
    mount: (fs) =>
      over<FileSystem>(fs, {
        rename: (from, to) => {
          const directory = to.slice(0, to.lastIndexOf("/") + 1);
          if (fs.list(directory).includes(to.slice(directory.length))) fs.remove(to);
          fs.link(from, to);
          fs.remove(from);
        },
      }),
    differs: ["ARVR posix-ra missing", "REN-FSYNC-FILE posix-ra both"],
  },
  {
    mistake: "bytes are written before the size that covers them",
    mount: (fs) =>
      withHandles(fs, (handle) => ({
        write: (bytes, offset) => {
          const written = handle.write(bytes, offset);
          force(fs.disk, "sector");
          return written;
        },
      })),
    differs: ["APP-SECTOR posix-ra zeros", "ARVR ext4-ordered zeros", "DIR-ONLY posix garbage"],
  },
  {
    mistake: "names of files persist with the file",
    mount: (fs) =>
      withHandles(fs, (handle) => ({
        sync: () => {
          handle.sync();
          force(fs.disk, "name");
        },
      })),
    differs: ["IDF posix-ra missing", "REN-THEN-FSYNC-OTHERDIR btrfs not-renamed"],
  },
];

const tests = loadLitmus();

for (const { mistake, mount, differs } of plants) {
  Deno.test(`litmus notices: ${mistake}`, async () => {
    for (const name of differs) {
      const [id, model, outcome] = name.split(" ");
      const test = tests.find((test) => test.id === id)!;
      const judge = async (mount?: Mount) => {
        const { cells } = await runLitmus(test, { mount, models: [model as ModelName], known: [] });
        return cells.find((cell) => cell.outcome === outcome)?.judgement;
      };
      assertEquals(await judge(), "agrees", name);
      assertEquals(await judge(mount), "differs", name);
    }
  });
}
