import { checkLog } from "../check/check_log.ts";
import type { CheckOptions } from "../check/check_result.ts";
import type { Counterexample } from "../check/counterexample.ts";
import type { UnderTest } from "../check/store.ts";
import type { LogUnderTest } from "../check/subject.ts";
import type { Command, Workload } from "../check/workload.ts";
import type { FileHandle } from "../vfs/file_system.ts";
import { syncDirectory } from "../vfs/sync_directory.ts";
import { writeFully } from "../vfs/write_fully.ts";

/** One workload of one life. */
export function lifeOf(...commands: Command[]): Workload {
  return { name: "of the test", lives: [commands] };
}

/** The first finding of a check. */
export async function findingOf(
  log: UnderTest,
  options: CheckOptions = {},
): Promise<Counterexample> {
  const { violations: [found] } = await checkLog(log, options);
  if (found === undefined) throw new Error(`Nothing was found in "${log.name}"`);
  return found;
}

/** Sixty appends with a sync after every fifteenth. */
export const sixtyRecords: Workload = {
  name: "sixty records",
  lives: [
    Array.from({ length: 60 }).flatMap((_, i): Command[] => [
      { do: "append", bytes: 100 },
      ...(i % 15 === 14 ? [{ do: "sync" } as const] : []),
    ]),
  ],
};

/** Two records in one life, and one in the next. */
export const twoLives: Workload = {
  name: "two lives",
  lives: [[{ do: "append", bytes: 9 }, { do: "append", bytes: 9 }], [{ do: "append", bytes: 9 }]],
};

/** A log that takes a barrier that failed for one that was not needed. */
export const deafLog: LogUnderTest<FileHandle> = {
  name: "deaf",
  acks: "append",
  open(fs, dir) {
    const file = fs.open(`${dir}/log`, { read: true, write: true, create: true });
    syncDirectory(fs, dir);
    return file;
  },
  append(file, record) {
    writeFully(file, record, file.size());
    try {
      file.sync();
    } catch { /* "It may work the next time." */ }
  },
  records: () => [],
};

/** So many bytes from one record of {@linkcode sparseLog} to the next: every second sector is a hole. */
const STRIDE = 1024;

/** A log that leaves holes in its file, and syncs only until it is opened again. */
export const sparseLog: LogUnderTest<{ file: FileHandle; records: Uint8Array[]; isNew: boolean }> =
  {
    name: "sparse",
    acks: "append",
    open(fs, dir) {
      const file = fs.open(`${dir}/sparse`, { read: true, write: true, create: true });
      syncDirectory(fs, dir);
      const records: Uint8Array[] = [];
      for (let at = 0; at < file.size(); at += STRIDE) {
        const frame = new Uint8Array(10);
        file.read(frame, at);
        if (frame[9] === 1) records.push(frame.slice(0, 9));
      }
      file.sync();
      return { file, records, isNew: records.length === 0 };
    },
    append({ file, records, isNew }, record) {
      writeFully(file, new Uint8Array([...record, 1]), records.length * STRIDE);
      records.push(record);
      if (isNew) file.sync();
    },
    records: ({ records }) => records,
  };
