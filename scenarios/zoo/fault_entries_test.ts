import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  checkLog,
  type Disk,
  type FileHandle,
  type FileInfo,
  type FileSystem,
  FileSystemError,
  type LogUnderTest,
  type OpenOptions,
  SimulatedFileSystem,
  type Workload,
} from "../../mod.ts";
import { append, kill, lives, sync } from "./commands.ts";
import { type Fault, faultEntries } from "./fault_entries.ts";
import { zoo } from "./zoo.ts";

/** A fault, and the call that it hits: the `at`-th of those that it is about. */
class Plan {
  readonly fault: Fault | undefined;
  readonly #at: number;
  #calls = 0;
  /** Files of which a barrier has failed: what it should have forced is clean, and is not forced. */
  readonly clean = new Set<number>();
  /** There is no space left, until that has been told. */
  full = false;

  constructor(fault: Fault | undefined, at: number) {
    this.fault = fault;
    this.#at = at;
  }

  hits(fault: Fault): boolean {
    return fault === this.fault && ++this.#calls === this.#at;
  }
}

/** A file system on which one call goes wrong. */
class FaultyFileSystem implements FileSystem {
  readonly #fs: FileSystem;
  readonly #plan: Plan;

  constructor(fs: FileSystem, plan: Plan) {
    this.#fs = fs;
    this.#plan = plan;
  }

  open(path: string, options?: OpenOptions): FileHandle {
    const file = this.#fs.open(path, options);
    const { inode, kind } = this.#fs.stat(path);
    if (kind === "directory") return file;
    const sync = () => this.#sync(file, { path, inode });
    return {
      read: (into, offset) => this.#read(file, { path, into, offset }),
      write: (bytes, offset) => {
        this.#plan.clean.delete(inode);
        return this.#write(file, { path, bytes, offset });
      },
      size: () => file.size(),
      truncate: (size) => file.truncate(size),
      sync,
      syncData: sync,
      close: () => file.close(),
    };
  }

  mkdir(path: string): void {
    this.#fs.mkdir(path);
  }

  list(path: string): string[] {
    return this.#fs.list(path);
  }

  stat(path: string): FileInfo {
    return this.#fs.stat(path);
  }

  rename(from: string, to: string): void {
    this.#fs.rename(from, to);
  }

  link(existing: string, created: string): void {
    this.#fs.link(existing, created);
  }

  remove(path: string): void {
    this.#fs.remove(path);
  }

  #sync(file: FileHandle, { path, inode }: { path: string; inode: number }): void {
    if (this.#plan.hits("failed sync")) {
      this.#plan.clean.add(inode);
      throw new FileSystemError("EIO", "sync", path);
    }
    if (!this.#plan.clean.has(inode)) file.sync();
  }

  #read(
    file: FileHandle,
    { path, into, offset }: { path: string; into: Uint8Array; offset: number },
  ): number {
    if (this.#plan.hits("failed read")) throw new FileSystemError("EIO", "read", path);
    return file.read(into, offset);
  }

  #write(
    file: FileHandle,
    { path, bytes, offset }: { path: string; bytes: Uint8Array; offset: number | undefined },
  ): number {
    if (this.#plan.full) {
      this.#plan.full = false;
      throw new FileSystemError("ENOSPC", "write", path);
    }
    const half = bytes.subarray(0, bytes.length >> 1);
    if (this.#plan.hits("short write")) return file.write(half, offset);
    if (this.#plan.hits("no space")) {
      this.#plan.full = true;
      return file.write(half, offset);
    }
    return file.write(bytes, offset);
  }
}

/** A log whose first life meets a fault. */
function withFault(log: LogUnderTest, fault: Fault, at: number): LogUnderTest {
  const plans = new WeakMap<Disk, Plan>();
  return {
    ...log,
    open: (fs, dir) => {
      const { disk } = fs as SimulatedFileSystem;
      if (disk.lives.length > 1) return log.open(fs, dir);
      if (!plans.has(disk)) plans.set(disk, new Plan(fault, at));
      return log.open(new FaultyFileSystem(fs, plans.get(disk)!), dir);
    },
  };
}

const soundLog = (id: string) => zoo.find((entry) => entry.id === id)!.log();
const calls = faultEntries.filter(({ twin }) => twin === "goes on");
const media = faultEntries.filter(({ twin }) => twin === "refuses to open");

/** The verdicts of a log for a fault at each of the first calls that it can hit. */
async function verdicts(log: LogUnderTest, fault: Fault, workload: Workload): Promise<string[]> {
  const found: string[] = [];
  for (let at = 1; at <= 6; at++) {
    const { verdict, violations } = await checkLog(withFault(log, fault, at), {
      workloads: [workload],
    });
    const clause = violations[0]?.verdict.clause ?? "no breach";
    // A fault in an open: there is no log, which is no breach of a promise.
    if (verdict !== "harness-broken") found.push(clause === "open failed" ? "no breach" : clause);
  }
  return found;
}

for (const { id, title, fault, shows, correct, log } of calls) {
  Deno.test(`zoo ${id} violates, its twin does not: ${title}`, async () => {
    const found = await verdicts(log(), fault, shows!);
    assert(found.includes("acked record lost") || found.includes("shown record lost"), `${found}`);
    const longer = lives([append(24), sync, append(40), append(24), sync, append(24), sync]);
    for (const workload of [shows!, longer]) {
      const held = await verdicts(soundLog(correct!), fault, workload);
      assertEquals(held.filter((clause) => clause !== "no breach"), []);
      assert(held.length > 3, "the fault hits more than the first open");
    }
  });
}

Deno.test("zoo 19: a log that believes its page cache after a barrier failed shows what is lost", async () => {
  const workload = lives([append(24), sync, kill]);
  assert((await verdicts(soundLog("base-sync"), "failed sync", workload)).includes(
    "shown record lost",
  ));
  const held = await verdicts(soundLog("rewrites-at-opening"), "failed sync", workload);
  assertEquals(held.filter((clause) => clause !== "no breach"), []);
});

/** The records of a log, opened on `fs`; each append is followed by a sync, where there is one. */
function recordsAfter(log: LogUnderTest, fs: FileSystem, bytes: readonly number[] = []): string[] {
  const open = log.open(fs, "/log");
  for (const [i, length] of bytes.entries()) log.append(open, new Uint8Array(length).fill(i + 1));
  log.sync?.(open);
  const records = [...log.records(open) as Iterable<Uint8Array>];
  log.close?.(open);
  return records.map((record) => `${record.length}:${record[0]}`);
}

/** A disk with a log of three records on it. */
function diskWith(log: LogUnderTest): SimulatedFileSystem {
  const fs = new SimulatedFileSystem();
  fs.mkdir("/log");
  assertEquals(recordsAfter(log, fs, [24, 24, 24]), ["24:1", "24:2", "24:3"]);
  return fs;
}

/** Turns over every bit of one byte of the only segment. */
function damage(fs: FileSystem, offset: number): void {
  const segment = fs.list("/log").find((name) => name.endsWith(".log"))!;
  const file = fs.open(`/log/${segment}`, { read: true, write: true });
  const byte = new Uint8Array(1);
  assertEquals(file.read(byte, offset), 1);
  file.write(byte.map((value) => value ^ 0xff), offset);
  file.close();
}

/** Bytes of a frame with a record of 24 bytes. */
const FRAME_BYTES = 40;

/** What a log shows when it meets the fault of an entry; `"refused"` when it does not open. */
function shownWith(log: LogUnderTest, id: string, fault: Fault): string[] | "refused" {
  const disk = diskWith(log);
  let fs: FileSystem = disk;
  if (fault === "damage") damage(disk, id === "23" ? 20 : FRAME_BYTES + 20);
  // Header and payload of the first record are read, and the mark, where there is one.
  else fs = new FaultyFileSystem(disk, new Plan(fault, 3));
  try {
    return recordsAfter(log, fs);
  } catch {
    return "refused";
  }
}

for (const { id, title, fault, correct, log } of media) {
  Deno.test(`zoo ${id} loses acked records, its twin refuses: ${title}`, () => {
    assertEquals(shownWith(log(), id, fault), id === "23" ? [] : ["24:1"]);
    assertEquals(shownWith(soundLog(correct!), id, fault), "refused");
  });
}

Deno.test("zoo fault entries hold as long as no call fails and the media are sound", async (t) => {
  for (const { id, log } of faultEntries) {
    await t.step(id, async () => {
      const { verdict, complete } = await checkLog(log());
      assertEquals([verdict, complete], ["holds", true]);
    });
  }
});

Deno.test("the durable mark refuses damage to any byte of what was acked", () => {
  const log = soundLog("durable-mark");
  for (let offset = 0; offset < 3 * FRAME_BYTES; offset++) {
    const fs = diskWith(log);
    damage(fs, offset);
    assertThrows(() => recordsAfter(log, fs), Error, "damaged, it ends at LSN");
  }
});

Deno.test("the durable mark still cuts a torn tail", () => {
  const log = soundLog("durable-mark");
  for (let kept = 1; kept < FRAME_BYTES; kept++) {
    const fs = diskWith(log);
    const segment = fs.list("/log").find((name) => name.endsWith(".log"))!;
    const file = fs.open(`/log/${segment}`, { write: true });
    file.write(new Uint8Array(kept).fill(7), 3 * FRAME_BYTES);
    file.close();
    assertEquals(recordsAfter(log, fs, [24]), ["24:1", "24:2", "24:3", "24:1"]);
  }
});

Deno.test("the durable mark notices a segment that is gone, and one that is too short", () => {
  const log = soundLog("durable-mark");
  const shorter = diskWith(log);
  const gone = diskWith(log);
  const segment = gone.list("/log").find((name) => name.endsWith(".log"))!;
  gone.remove(`/log/${segment}`);
  shorter.open(`/log/${segment}`, { write: true }).truncate(2 * FRAME_BYTES);
  for (const fs of [gone, shorter]) {
    assertThrows(() => recordsAfter(log, fs), Error, "damaged, it ends at LSN");
  }
});

Deno.test("the durable mark survives one spoilt sector of its own", () => {
  const log = soundLog("durable-mark");
  for (const offset of [0, 4096]) {
    const fs = diskWith(log);
    const mark = fs.open("/log/durable", { write: true });
    mark.write(new Uint8Array(512).fill(0xdb), offset);
    mark.close();
    assertEquals(recordsAfter(log, fs, [24]), ["24:1", "24:2", "24:3", "24:1"]);
  }
});

Deno.test("compact log refuses every change after a call that failed, until it is opened again", () => {
  const log = soundLog("base-sync");
  const disk = new SimulatedFileSystem();
  disk.mkdir("/log");
  const open = log.open(new FaultyFileSystem(disk, new Plan("failed sync", 1)), "/log");
  log.append(open, new Uint8Array(24).fill(1));
  assertThrows(() => log.sync!(open), FileSystemError, "EIO");
  for (
    const change of [
      () => log.sync!(open),
      () => log.append(open, new Uint8Array(24)),
      () => log.truncateFront!(open, 1),
    ]
  ) assertThrows(change, Error, "an earlier call failed");
  log.close!(open);
  assertEquals(recordsAfter(log, disk, [24]), ["24:1", "24:1"]);
});
