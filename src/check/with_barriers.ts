import type { BlamedBarrier } from "./blame_document.ts";
import { type Insertion, watched, watcherOf } from "./insertion.ts";
import type { LogUnderTest } from "./subject.ts";
import type { WatchedName } from "./watched_file_system.ts";

/**
 * A log as it would be with the barriers that a blame suggests: each is made at every execution of
 * its place in the log's code, and a promised call that the log does not wait for is waited for before
 * the log returns. Check it like any log, with whatever workloads and disks.
 *
 * @typeParam Log What the log's own `open` returns.
 * @param log The log under test.
 * @param barriers The barriers.
 * @returns The log with them.
 *
 * @example
 * ```ts
 * import { blame, checkLog, withBarriers } from "../../mod.ts";
 * import { allFixes, naiveLog } from "../../scenarios/naive_log.ts";
 *
 * const log = naiveLog({ ...allFixes, syncDirectory: false });
 * const [found] = (await checkLog(log)).violations;
 * const { barriers } = await blame(log, found!);
 * console.log((await checkLog(withBarriers(log, barriers))).verdict); // holds
 * ```
 */
export function withBarriers<Log>(
  log: LogUnderTest<Log>,
  barriers: readonly BlamedBarrier[],
): LogUnderTest<Log> {
  const waits = barriers.some(({ awaited }) => awaited === false);
  const watcher = watcherOf(barriers.map(insertionOf), { counts: true, waits });
  return watched(log as LogUnderTest, watcher) as LogUnderTest<Log>;
}

function insertionOf({ when, call, place, from, role, target }: BlamedBarrier): Insertion {
  const isReturn = call.endsWith(" returns");
  const word = call.split(" ", 1)[0]!;
  const name = isReturn ? call : word === "create" ? "open" : word;
  return {
    when,
    name: name as WatchedName,
    place: place ?? { file: "unknown", line: 0, column: 0 },
    from,
    target: role === "another" ? { is: role, path: target } : { is: role },
  };
}
