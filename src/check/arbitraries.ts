import fc from "fast-check";
import { checkLog } from "./check_log.ts";
import type { CheckOptions } from "./check_result.ts";
import { formatProof } from "./proof.ts";
import type { UnderTest } from "./store.ts";
import type { Command, SingleCall, Workload } from "./workload.ts";

/**
 * Fast-check's own type.
 *
 * @internal
 */
type Arbitrary<T> = fc.Arbitrary<T>;

/**
 * Fast-check's own type.
 *
 * @internal
 */
type Property<T extends [unknown, ...unknown[]]> = fc.IAsyncPropertyWithHooks<T>;

/** What random workloads are made of. */
export interface WorkloadConstraints {
  /** The most commands in one life. Default: 6. */
  readonly commandsMax?: number;
  /** The most lives before the last power loss. Default: 2. */
  readonly livesMax?: number;
  /** The largest record, in bytes. Default: 1,300. */
  readonly recordBytesMax?: number;
}

/**
 * Random workloads: appends of sizes from nothing to several sectors, alone and at once, syncs,
 * concurrent callers, reopens, kills, front truncation, and power losses with more commands behind them.
 *
 * @param constraints How large they may get.
 * @returns A fast-check arbitrary. Shrinks towards fewer lives, fewer commands, smaller records.
 *
 * @example
 * ```ts
 * import fc from "fast-check";
 * import { workloads } from "../../mod.ts";
 *
 * const [workload] = fc.sample(workloads({ commandsMax: 3 }), { numRuns: 1, seed: 1 });
 * console.log(workload?.lives.length);
 * ```
 */
export function workloads(constraints: WorkloadConstraints = {}): Arbitrary<Workload> {
  const { commandsMax = 6, livesMax = 2, recordBytesMax = 1300 } = constraints;
  const bytes = fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 0, max: Math.min(64, recordBytesMax) }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: recordBytesMax }) },
  );
  const single: fc.Arbitrary<SingleCall> = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant("append" as const), bytes }) },
    { weight: 2, arbitrary: fc.constant<SingleCall>({ do: "sync" }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant("truncateFront" as const), count: fc.constant(1) }),
    },
  );
  const command: fc.Arbitrary<Command> = fc.oneof(
    { weight: 8, arbitrary: fc.record({ do: fc.constant("append" as const), bytes }) },
    { weight: 4, arbitrary: fc.constant<Command>({ do: "sync" }) },
    { weight: 1, arbitrary: fc.constant<Command>({ do: "reopen" }) },
    { weight: 1, arbitrary: fc.constant<Command>({ do: "kill" }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant("truncateFront" as const),
        count: fc.integer({ min: 1, max: 3 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant("killDuring" as const),
        calls: fc.tuple(
          fc.oneof(
            fc.record({ do: fc.constant("append" as const), bytes }),
            fc.record({ do: fc.constant("truncateFront" as const), count: fc.constant(1) }),
          ),
          fc.constant({ do: "sync" as const }),
        ),
        ops: fc.integer({ min: 1, max: 8 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant("burst" as const),
        bytes: fc.array(bytes, { minLength: 2, maxLength: 3 }),
        stagger: fc.nat(3),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant("concurrent" as const),
        callers: fc.array(fc.array(single, { minLength: 1, maxLength: 2 }), {
          minLength: 2,
          maxLength: 2,
        }),
      }),
    },
  );
  const first = fc.array(command, { minLength: 1, maxLength: commandsMax });
  const later = fc.array(command, { maxLength: Math.min(3, commandsMax) });
  return fc.tuple(first, fc.array(later, { maxLength: livesMax - 1 }))
    .map(([commands, more]) => ({ name: "random", lives: [commands, ...more] }));
}

/**
 * The property that a log survives power loss after any random workload, in every crash state that
 * the budget allows. It fails with a proof ({@linkcode formatProof}); fast-check then looks for the
 * smallest workload that fails.
 *
 * @typeParam Log What the log's own `open` returns.
 * @param log The log under test.
 * @param options The disk and the budget for each workload.
 * @param constraints How large the workloads may get.
 * @returns A property for `fc.assert` or `fc.check`.
 *
 * @example
 * ```ts
 * import fc from "fast-check";
 * import { crashProperty } from "../../mod.ts";
 * import referenceLog from "../../scenarios/reference_log.ts";
 *
 * await fc.assert(crashProperty(referenceLog), { numRuns: 3, seed: 1 });
 * ```
 */
export function crashProperty<Log>(
  log: UnderTest<Log>,
  options: CheckOptions = {},
  constraints: WorkloadConstraints = {},
): Property<[Workload]> {
  return fc.asyncProperty(workloads(constraints), async (workload) => {
    const result = await checkLog(log, { ...options, workloads: [workload] });
    if (result.verdict === "harness-broken") throw new Error(result.reason);
    const [violation] = result.violations;
    if (violation !== undefined) throw new Error(formatProof(violation));
  });
}
