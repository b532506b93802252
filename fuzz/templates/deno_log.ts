/**
 * A log written for the `Deno` namespace: the simulated disk comes in that shape as `fs.deno`. Each
 * record is a file of its own, named by its number.
 *
 *   deno task check MODULE                     every crash of some fifty workloads
 */
import type { DenoFs, LogUnderTest } from "../../mod.ts";

/** An open log. */
interface Log {
  readonly deno: DenoFs;
  readonly dir: string;
  readonly records: Uint8Array[];
}

function open(deno: DenoFs, dir: string): Log {
  // What is shown must last: the rename of the last record may not be durable yet.
  syncDirectory(deno, dir);
  const names = Array.from(deno.readDirSync(dir), ({ name }) => name);
  const records = names.filter((name) => name !== "draft").toSorted()
    .map((name) => deno.readFileSync(`${dir}/${name}`));
  return { deno, dir, records };
}

/** A record has its name only once its bytes are durable, and counts once the name is. */
function append({ deno, dir, records }: Log, record: Uint8Array): void {
  const draft = deno.openSync(`${dir}/draft`, { write: true, create: true, truncate: true });
  for (let done = 0; done < record.length;) done += draft.writeSync(record.subarray(done));
  draft.syncSync();
  draft.close();
  deno.renameSync(`${dir}/draft`, `${dir}/${String(records.length + 1).padStart(8, "0")}`);
  syncDirectory(deno, dir);
  records.push(record);
}

function syncDirectory(deno: DenoFs, dir: string): void {
  const directory = deno.openSync(dir);
  directory.syncSync();
  directory.close();
}

const log: LogUnderTest<Log> = {
  name: "my log of files",
  acks: "append",
  open: (fs, dir) => open(fs.deno, dir),
  append,
  records: ({ records }) => records,
};

export default log;
