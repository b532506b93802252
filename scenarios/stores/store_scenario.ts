/**
 * What a scenario of an npm package is, and the workloads that all of them share.
 *
 * @module
 */
import type { MaybePromise, ModelName, UnderTest, Verdict, Workload } from "../../mod.ts";
import type { Scenario } from "../scenario.ts";

/** A package from npm, with what it promises and the verdicts that it must have. */
export interface StoreScenario extends Omit<Scenario, "log" | "workloads"> {
  /** The package with its version, as in `steno@4.0.2`. */
  readonly package: string;
  /** Imports the package, and makes the store or the log. */
  readonly log: () => MaybePromise<UnderTest>;
  /** The workloads. */
  readonly workloads: readonly Workload[];
  /**
   * What the smallest finding must be, on the model that is named, and what must be to blame: the
   * place in a package before or after which a barrier is missing, as in
   * `steno@4.0.2/lib/index.js:55`; or {@linkcode NO_BARRIER}.
   */
  readonly blamed?: {
    readonly model: ModelName;
    readonly clause: string;
    readonly on: string;
  } | undefined;
}

/** What a finding is blamed on where barriers are not what is missing. */
export const NO_BARRIER = "no barrier fixes it";

/** The models that every package is judged on. */
export const judgedOn = [
  "posix-ra",
  "ext4-ordered",
  "ext4-journal",
  "xfs",
] as const satisfies readonly ModelName[];

/** A verdict on each of the models, in the order of {@linkcode judgedOn}. */
export function verdicts(
  ...expected: readonly [Verdict, Verdict, Verdict, Verdict]
): Partial<Record<ModelName, Verdict>> {
  return Object.fromEntries(judgedOn.map((model, i) => [model, expected[i]!]));
}

const append = { do: "append", bytes: 24 } as const;
const sync = { do: "sync" } as const;

/**
 * A change, two of them, and one more after a power loss; each with a `sync`, which means nothing
 * to what has none.
 */
export function storeWorkloads(): readonly Workload[] {
  const change = [append, sync];
  return [
    { name: "one", lives: [change] },
    { name: "two", lives: [[...change, ...change]] },
    { name: "going on after a power loss", lives: [change, change] },
  ];
}
