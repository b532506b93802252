import { assert, assertEquals, assertMatch } from "@std/assert";
import { crc32 } from "node:zlib";
import type { FileHandle, FileSystem } from "../vfs/file_system.ts";
import { syncDirectory } from "../vfs/sync_directory.ts";
import { writeFully } from "../vfs/write_fully.ts";
import { blame } from "./blame.ts";
import type { Blame } from "./blame_document.ts";
import { checkLog } from "./check_log.ts";
import { formatBlame } from "./format_blame.ts";
import type { LogUnderTest } from "./subject.ts";
import type { Workload } from "./workload.ts";

const append = { do: "append", bytes: 8 } as const;
const killed: Workload = { name: "killed", lives: [[append, { do: "kill" }, append]] };
const two: Workload = { name: "two", lives: [[append, append]] };

/** The first barrier is that of open, on the directory. */
const FIRST_SYNC_OF_A_FILE = "barrier 2: EIO";

interface Open {
  readonly fs: FileSystem;
  readonly dir: string;
  readonly records: Uint8Array[];
  /** How many files there should be. */
  count: number;
  isBroken: boolean;
}

interface Traits {
  /** Whether open writes anew what it has read: it may be in the page cache only. */
  readonly writesAnew?: boolean;
  /** Whether an append that failed is undone as far as its file goes, and others may follow. */
  readonly undoes?: boolean;
  /** Whether an append returns although a call of it failed. */
  readonly swallows?: boolean;
  /** Whether the directory is synced after a file was created in it. */
  readonly syncsDirectory?: boolean;
}

/** A log with a file for each record; of a new one, the directory is not synced. */
function filesLog(
  { writesAnew = false, undoes = false, swallows = false, syncsDirectory = false }: Traits,
): LogUnderTest<Open> {
  const store = ({ fs, dir, count }: Open, record: Uint8Array) => {
    const path = `${dir}/${count}`;
    const file = fs.open(path, { read: true, write: true, create: true, truncate: true }); // the create
    if (syncsDirectory) syncDirectory(fs, dir);
    try {
      writeFully(file, framed(record), 0);
      file.sync(); // the sync
    } catch (error) {
      if (undoes) fs.remove(path);
      throw error;
    } finally {
      file.close();
    }
  };
  return {
    name: "a file for each record",
    acks: "append",
    open(fs, dir) {
      const records: Uint8Array[] = [];
      let isWhole = true;
      for (const name of fs.list(dir).toSorted((a, b) => Number(a) - Number(b))) {
        const file = fs.open(`${dir}/${name}`, { read: true, write: true });
        const record: Uint8Array | undefined = isWhole && Number(name) === records.length + 1
          ? read(file)
          : undefined;
        isWhole = record !== undefined;
        if (record === undefined) {
          file.close();
          fs.remove(`${dir}/${name}`);
          continue;
        }
        if (writesAnew) writeFully(file, framed(record), 0);
        file.sync();
        file.close();
        records.push(record);
      }
      syncDirectory(fs, dir);
      return { fs, dir, records, count: records.length, isBroken: false };
    },
    append(log, record) {
      if (log.isBroken) throw new Error("An append has failed");
      log.count++;
      log.isBroken = !undoes;
      try {
        store(log, record);
      } catch (error) {
        if (swallows) return;
        // Only where a file was created is one there no more.
        if (undoes && !log.fs.list(log.dir).includes(`${log.count}`)) log.count--;
        throw error;
      }
      log.isBroken = false;
      log.records.push(record);
    },
    records: ({ records }) => records,
  };
}

function framed(record: Uint8Array): Uint8Array {
  const frame = new Uint8Array(4 + record.length);
  new DataView(frame.buffer).setUint32(0, crc32(record) || 1);
  frame.set(record, 4);
  return frame;
}

function read(file: FileHandle): Uint8Array | undefined {
  const frame = new Uint8Array(file.size());
  file.read(frame, 0);
  if (frame.length < 4) return undefined;
  const record = frame.slice(4);
  return new DataView(frame.buffer).getUint32(0) === (crc32(record) || 1) ? record : undefined;
}

async function blameOf(
  log: LogUnderTest<Open>,
  workload: Workload,
  faults: string = FIRST_SYNC_OF_A_FILE,
): Promise<Blame> {
  const { violations: [found], reason } = await checkLog(log, { workloads: [workload], faults });
  assert(found !== undefined, reason);
  return await blame(log, found);
}

/** The line of this file that ends with a comment. */
function lineOf(comment: string): number {
  const lines = Deno.readTextFileSync(new URL(import.meta.url)).split("\n");
  return lines.findIndex((line) => line.endsWith(`; // ${comment}`)) + 1;
}

/** Whether the log holds with the line that is missing, where the same plan strikes. */
async function verdictAsWritten(traits: Traits, workload: Workload): Promise<string> {
  const log = filesLog({ ...traits, syncsDirectory: true });
  const options = { workloads: [workload], faults: FIRST_SYNC_OF_A_FILE };
  return (await checkLog(log, options)).verdict;
}

Deno.test("blame() proposes no barrier as the fix where a failing call does harm with it, too", async () => {
  const { kind, barriers, verified, reason, places } = await blameOf(filesLog({}), killed);
  assertEquals([kind, barriers, verified], ["logic", [], false]);
  assertMatch(
    reason,
    /^Barriers alone do not mend this: \S+ \(sync "\/log\/1"\) fails with EIO: append passes the error on, which is right, but not enough\./,
  );
  assertMatch(
    reason,
    /And a barrier is missing, which a power loss alone shows: after \S+ \(.*create "\/log\/\d"\), sync the directory "\/log"\. Checked: with it, a power loss alone does no harm/,
  );
  assertEquals(places?.map(({ line }) => line), [lineOf("the sync"), lineOf("the create")]);
});

Deno.test("blame() proves a barrier with the faults of the finding, and with the line in the source", async () => {
  const traits = { writesAnew: true };
  const cause = await blameOf(filesLog(traits), killed);
  assertEquals([cause.kind, cause.verified, cause.barriers.length], ["barriers", true, 1]);
  assertEquals(cause.barriers[0]?.place?.line, lineOf("the create"));
  assertMatch(
    formatBlame(cause).join("\n"),
    /after .*create .*, sync the directory[^]*Checked: with it/,
  );
  assertEquals(await verdictAsWritten(traits, killed), "holds");
});

Deno.test("blame() proves no barrier that does harm when it fails itself", async () => {
  const traits = { writesAnew: true, undoes: true };
  const { barriers, verified, reason } = await blameOf(filesLog(traits), two);
  assertEquals([barriers, verified], [[], false]);
  assertMatch(reason, /^Barriers alone do not mend this: sync "\/log" fails with EIO/);
  assertEquals(await verdictAsWritten(traits, two), "violates");
});

Deno.test("blame() tells an error that was swallowed from one that was passed on", async () => {
  const log = filesLog({ syncsDirectory: true });
  const late: LogUnderTest<Open> = {
    ...log,
    append: async (open, record) => {
      await Promise.resolve();
      await log.append(open, record);
    },
  };
  // In each append, the second barrier is the one on the file.
  const plan = "barrier 3: EIO";
  for (const one of [log, late]) {
    const { kind, reason } = await blameOf(one, killed, plan);
    assertEquals(kind, "logic");
    assertMatch(reason, /^A power loss alone does no harm here, but .* append passes the error on/);
    assertMatch(reason, /Refuse further calls until it is opened again, and at opening write/);
  }
  const swallowing = filesLog({ swallows: true, syncsDirectory: true });
  const { reason } = await blameOf(swallowing, killed, plan);
  assertMatch(
    reason,
    /fails with EIO: what it should have made durable may be gone, .* Ack nothing/,
  );
});

Deno.test("blame() says what opening must do again where an open before has failed", async () => {
  const log = filesLog({ syncsDirectory: true });
  // The file is written, and its barrier never made: opening makes it, as the third one.
  const workload: Workload = {
    name: "killed before its barrier",
    lives: [[{ do: "killDuring", calls: [append], ops: 3 }]],
  };
  const { reason } = await blameOf(log, workload, "barrier 3: EIO");
  assertMatch(
    reason,
    /open passes the error on, which is right, but not enough\. .* At opening, write/,
  );
});
