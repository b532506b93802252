/**
 * What a shared campaign keeps in Redis, besides the jobs: how it was begun, the corpus that every
 * batch begins with, what each batch came to, and findings with their explanations.
 *
 * @module
 */
import type { Redis } from "ioredis";
import { z } from "zod";
import { type Counterexample, parseCounterexample } from "../../../mod.ts";
import { CampaignError } from "../campaign.ts";
import { digestOf, inputSchema } from "../input.ts";
import type { Kept } from "../journal.ts";
import { essenceOf, type Outcome, parseOutcome } from "./batch.ts";
import { announce, type Conditions, nameOfCampaign, requireSame } from "./conditions.ts";
import type { Connection } from "./connection.ts";

/** All keys in Redis begin with it. */
export const PREFIX = "plugpull";

/** Everything is forgotten when nobody has touched it for so long, in seconds: 30 days. */
const KEPT_S = 30 * 24 * 3600;

/** So many outcomes are asked for at once. */
const OUTCOMES_AT_ONCE = 32;

/**
 * Keeps an outcome once. The order in which they came is kept too, so that everybody reads each of them
 * once. Returns what was there before, or nothing.
 */
const KEEP_ONCE = `
local before = redis.call("HGET", KEYS[1], ARGV[1])
if before then return before end
redis.call("HSET", KEYS[1], ARGV[1], ARGV[2])
redis.call("RPUSH", KEYS[2], ARGV[1])
return false
`;

const baseSchema = z.array(z.strictObject({
  input: inputSchema,
  run: z.number().int().nonnegative(),
}));

/** What a shared campaign keeps. */
export class SharedState {
  readonly #redis: Redis;
  readonly #conditions: Conditions;
  readonly #place: string;
  readonly #prefix: string;
  #base: { readonly text: string; readonly entries: readonly Kept[] } | undefined;
  /** Names what Redis remembers: another one after it has forgotten everything. */
  #memory: string | null = null;
  /** How many outcomes were read of these. */
  #read = 0;

  /** Opens that of a campaign. Nothing is read or written yet. */
  constructor({ redis, place }: Connection, conditions: Conditions) {
    this.#redis = redis;
    this.#place = place;
    this.#conditions = conditions;
    this.#prefix = `${PREFIX}:${nameOfCampaign(conditions)}:kept`;
  }

  /**
   * Begins the campaign, or joins it. Redis may have been restarted without what it knew: it is told
   * again, as often as this is called.
   *
   * @param proposed The corpus to begin with, where nobody has begun.
   * @returns The corpus that every batch begins with.
   * @throws {CampaignError} When another campaign is under way there.
   */
  async join(proposed: readonly Kept[]): Promise<readonly Kept[]> {
    const text = this.#base?.text ?? JSON.stringify(proposed);
    const announced = announce(this.#conditions, digestOf(text));
    await this.#redis.multi()
      .set(this.#key("base"), text, "NX")
      .set(this.#key("announced"), announced, "NX")
      .set(this.#key("memory"), crypto.randomUUID(), "NX")
      .exec();
    this.#memory = await this.#redis.get(this.#key("memory"));
    this.#read = 0;
    const digest = requireSame(
      await this.#redis.get(this.#key("announced")) ?? "",
      this.#conditions,
      this.#place,
    );
    await this.#touch();
    if (this.#base !== undefined && digest === digestOf(this.#base.text)) return this.#base.entries;
    const theirs = await this.#redis.get(this.#key("base")) ?? "";
    if (digestOf(theirs) !== digest || this.#base !== undefined) {
      throw new CampaignError(
        `Cannot join the campaign at ${this.#place}: its corpus is another one than at its beginning`,
      );
    }
    this.#base = { text: theirs, entries: baseSchema.parse(JSON.parse(theirs)) };
    return this.#base.entries;
  }

  /** Whether Redis was restarted without what it knew, and this process has not joined since. */
  async isForgotten(): Promise<boolean> {
    return await this.#redis.get(this.#key("memory")) !== this.#memory;
  }

  /**
   * Keeps what a batch came to, once.
   *
   * @returns Whether another process has kept something else: the batch is not deterministic.
   */
  async keep(batch: number, outcome: Outcome): Promise<{ isOther: boolean }> {
    const before = await this.#redis.eval(
      KEEP_ONCE,
      2,
      this.#key("outcomes"),
      this.#key("order"),
      batch,
      JSON.stringify(outcome),
    ) as string | null;
    if (before === null) return { isOther: false };
    const other = parseOutcome(before);
    if (other.kind === "failed" || outcome.kind === "failed") return { isOther: false };
    const isOther = essenceOf(other) !== essenceOf(outcome);
    if (isOther) await this.#redis.sadd(this.#key("doubtful"), batch);
    return { isOther };
  }

  /** Whether it is known what a batch came to. */
  async has(batch: number): Promise<boolean> {
    return await this.#redis.hexists(this.#key("outcomes"), `${batch}`) === 1;
  }

  /** What a batch came to. */
  async outcomeOf(batch: number): Promise<Outcome | undefined> {
    const text = await this.#redis.hget(this.#key("outcomes"), `${batch}`);
    return text === null ? undefined : parseOutcome(text);
  }

  /** What batches came to since this was last called: each once, in the order in which it was kept. */
  async *news(): AsyncGenerator<readonly [batch: number, outcome: Outcome]> {
    const size = await this.#redis.llen(this.#key("order"));
    while (this.#read < size) {
      const end = Math.min(size, this.#read + OUTCOMES_AT_ONCE);
      const batches = await this.#redis.lrange(this.#key("order"), this.#read, end - 1);
      const texts = await this.#redis.hmget(this.#key("outcomes"), ...batches);
      for (const [i, batch] of batches.entries()) {
        const text = texts[i];
        if (text !== null && text !== undefined) yield [Number(batch), parseOutcome(text)];
      }
      this.#read = end;
    }
  }

  /** The numbers of batches that two processes have made, and not in the same way. */
  async doubtful(): Promise<number[]> {
    const batches = await this.#redis.smembers(this.#key("doubtful"));
    return batches.map(Number).toSorted((a, b) => a - b);
  }

  /** Keeps the explanation of a finding, once. */
  async explain(cause: string, explained: Counterexample): Promise<void> {
    const text = JSON.stringify(explained);
    await this.#redis.hsetnx(this.#key("explained"), digestOf(cause), text);
    await this.#touch();
  }

  /** The explanation of a finding, where there is one. */
  async explanationOf(cause: string): Promise<Counterexample | undefined> {
    const text = await this.#redis.hget(this.#key("explained"), digestOf(cause));
    return text === null ? undefined : parseCounterexample(text);
  }

  #key(part: string): string {
    return `${this.#prefix}:${part}`;
  }

  /** Puts off the day on which it is forgotten. */
  async #touch(): Promise<void> {
    const parts = ["announced", "base", "outcomes", "order", "doubtful", "explained", "memory"];
    const pipeline = this.#redis.pipeline();
    for (const part of parts) pipeline.expire(this.#key(part), KEPT_S);
    await pipeline.exec();
  }
}
