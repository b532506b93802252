import { checkLog } from "../check/check_log.ts";
import type { CheckOptions } from "../check/check_result.ts";
import type { Counterexample } from "../check/counterexample.ts";
import type { LogUnderTest } from "../check/subject.ts";
import type { Command, Workload } from "../check/workload.ts";

/** One workload of one life. */
export function lifeOf(...commands: Command[]): Workload {
  return { name: "of the test", lives: [commands] };
}

/** The first finding of a check. */
export async function findingOf(
  log: LogUnderTest,
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
