/** Which of how many machines this is. */
export interface Shard {
  /** From 0. */
  readonly index: number;
  /** How many there are. */
  readonly of: number;
}

/** A shard that makes no sense. */
export class ShardError extends Error {
  /** Always `"ShardError"`. */
  override readonly name = "ShardError";
}

/**
 * Reads `2/4`, the second of four.
 *
 * @throws {ShardError} When that is none.
 */
export function parseShard(text: string, from: string): Shard {
  const [, number, of] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? [];
  if (number === undefined || Number(number) < 1 || Number(number) > Number(of)) {
    throw new ShardError(`${from} is "${text}", expected one such as 1/4 to 4/4`);
  }
  return { index: Number(number) - 1, of: Number(of) };
}

/**
 * The shard that the environment names: `PLUGPULL_SHARD=2/4`, or in an indexed job of Kubernetes
 * `JOB_COMPLETION_INDEX=1` (from 0) with `PLUGPULL_SHARDS=4`.
 *
 * @param env Looks up a variable.
 * @throws {ShardError} When what is there makes no sense.
 */
export function shardFrom(env: (name: string) => string | undefined): Shard {
  const shard = env("PLUGPULL_SHARD");
  if (shard) return parseShard(shard, "PLUGPULL_SHARD");
  const of = env("PLUGPULL_SHARDS");
  if (!of) return { index: 0, of: 1 };
  const index = env("JOB_COMPLETION_INDEX");
  if (!index || !/^\d{1,6}$/.test(index)) {
    throw new ShardError(
      `JOB_COMPLETION_INDEX is ${
        index === undefined ? "not set" : `"${index}"`
      }, expected a number from 0, since PLUGPULL_SHARDS is "${of}"`,
    );
  }
  return parseShard(`${Number(index) + 1}/${of}`, "JOB_COMPLETION_INDEX + 1 of PLUGPULL_SHARDS");
}
