import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { Redis } from "ioredis";
import { CampaignError, type CampaignWatch } from "../campaign.ts";
import { Child, entriesIn, NAIVE, optionsOf, toldBy } from "./_queue_children.ts";
import { hasRedis, RedisServer } from "./_redis_server.ts";
import { nameOfCampaign } from "./conditions.ts";
import { Connection } from "./connection.ts";
import { Jobs } from "./jobs.ts";
import { runQueueCampaign } from "./queue_campaign.ts";

const ignore = !hasRedis;

Deno.test({
  name:
    "runQueueCampaign() comes to the same with one process and with several, some of them killed",
  ignore,
  async fn() {
    await using server = await RedisServer.start();
    const alone = new Child(optionsOf({ queue: server.url(1), jobs: 2 }));
    const { result: expected, code, words } = await alone.ended();
    assertEquals(code, 0, words);
    assertEquals([expected.runs, expected.batches.known], [64, 4]);
    assert(expected.findings.length >= 2 && expected.corpus > 5, JSON.stringify(expected));

    const first = new Child(optionsOf({ queue: server.url(2) }));
    await first.knows(16);
    const redis = new Redis(server.url(2));
    const active = `plugpull:${nameOfCampaign({ module: NAIVE, seed: 7 })}:active`;
    while (await redis.llen(active) !== 1) await new Promise((next) => setTimeout(next, 5));
    first.kill("SIGKILL");
    await first.ended();
    assertEquals(await redis.llen(active), 1, "it was not killed in the middle of a batch");
    redis.disconnect();
    const second = new Child(optionsOf({ queue: server.url(2) }));
    await second.knows(32);
    const late = new Child(optionsOf({ queue: server.url(2) }));
    const [one, other] = await Promise.all([second.ended(), late.ended()]);
    assertEquals([one.code, other.code], [0, 0], one.words + other.words);
    assertEquals(one.result, { ...expected, recoveries: one.result.recoveries });
    assertEquals(other.result, one.result);

    const entries = entriesIn(alone.directory);
    assertEquals(new Set(entries).size, expected.corpus);
    assertEquals(entriesIn(second.directory), entries);
    assertEquals(entriesIn(late.directory), entries);
    assertEquals(toldBy(late.directory).unexplained, []);
    assertEquals(findingsIn(late.directory), findingsIn(alone.directory));

    // Who comes when all is over is told the same, and takes nothing in twice.
    const after = new Child(optionsOf({ queue: server.url(2), ...paths(late.directory) }));
    const { result } = await after.ended();
    assertEquals(result, one.result);
    assertEquals(entriesIn(late.directory), entries);
  },
});

Deno.test({
  name: "runQueueCampaign() leaves its batch to others when it is told to stop",
  ignore,
  async fn() {
    await using server = await RedisServer.start();
    // So long that only a batch that was put back can be taken over.
    const options = { queue: server.url(), leaseMs: 600_000 };
    const leaving = new Child(optionsOf(options));
    await leaving.knows(16);
    leaving.kill("SIGTERM");
    const left = await leaving.ended();
    assertEquals([left.code, left.result.interrupted], [0, true], left.words);
    assert(left.result.runs >= 16 && left.result.runs < 64);
    // Two processes in one directory: one of them keeps what both find.
    const here = optionsOf(options);
    const both = await Promise.all([here, here].map((options) => new Child(options).ended()));
    assertEquals(both.map(({ code }) => code), [0, 0], both[0]!.words + both[1]!.words);
    assertEquals(both.map(({ result }) => result.isKept).toSorted(), [false, true]);
    for (const { result } of both) assertEquals([result.runs, result.interrupted], [64, false]);
    assertEquals(entriesIn(here.directory).length, both[0]!.result.corpus);
  },
});

Deno.test({
  name: "runQueueCampaign() goes on when Redis was restarted and has forgotten everything",
  ignore,
  async fn() {
    await using server = await RedisServer.start();
    const [one, other] = [1, 2].map(() => new Child(optionsOf({ queue: server.url(), runs: 48 })));
    await Promise.all([one!.knows(16), other!.knows(16)]);
    await server.kill();
    await server.restart();
    const ended = await Promise.all([one!.ended(), other!.ended()]);
    assertEquals(ended.map(({ code }) => code), [0, 0], ended[0].words + ended[1].words);
    assertEquals(ended[0].result.runs, 48);
    assertEquals(ended[0].result.digests, ended[1].result.digests);
    assertEquals(ended[0].result.corpusDigest, ended[1].result.corpusDigest);
    assertEquals(ended[0].result.batches.doubtful, []);
    assertEquals(entriesIn(one!.directory), entriesIn(other!.directory));
  },
});

Deno.test({
  name: "runQueueCampaign() gives up when Redis stays away, and keeps what it knows",
  ignore,
  async fn() {
    await using server = await RedisServer.start();
    const options = optionsOf({ queue: server.url(), runs: 32, patienceMs: 1_000 });
    const child = new Child(options);
    const interrupted = new Child(optionsOf({ queue: server.url(1), runs: 32 }));
    await Promise.all([child.knows(16), interrupted.knows(16)]);
    await server.kill();
    interrupted.kill("SIGTERM");
    const left = await interrupted.ended();
    assertEquals([left.code, left.result.interrupted], [0, true], left.words);
    const { code, words } = await child.ended();
    assertEquals(code, 2, words);
    assertMatch(
      words,
      /^Lost Redis at redis:\/\/127\.0\.0\.1:\d+\/0 \(.+\): \d of 2 batches are kept/,
    );
    assertEquals(words.trimEnd().split("\n").length, 1);
    const told = toldBy(options.directory);
    assert(told.own.length > 0 && told.unexplained.length > 0);

    await server.restart();
    const again = await new Child({ ...options, patienceMs: 60_000 }).ended();
    assertEquals(again.code, 0, again.words);
    assertEquals(again.result.runs, 32);
    assertEquals(new Set(entriesIn(options.directory)).size, again.result.corpus);
  },
});

Deno.test({
  name: "runQueueCampaign() refuses what it cannot join, in one line",
  ignore,
  async fn() {
    await using server = await RedisServer.start();
    const joined = { queue: server.url(), runs: 2, batchRuns: 2 };
    const { standing } = await runQueueCampaign(optionsOf(joined), SILENT);
    assertEquals(standing.runs, 2);
    const refusals: [Parameters<typeof optionsOf>[0], string][] = [
      [{ ...joined, runs: 4 }, "its number of runs is 2, expected 4; another campaign needs"],
      [{ ...joined, mode: "random" }, `its mode is "guided", expected "random"`],
      [{ ...joined, module: "missing.ts" }, `Cannot load "missing.ts"`],
      [{ ...joined, runs: 0 }, "Cannot share 0 runs, expected at least 1"],
      [
        { ...joined, queue: "redis://127.0.0.1:1" },
        "Cannot reach Redis at redis://127.0.0.1:1: connect ECONNREFUSED",
      ],
      [{ ...joined, queue: "localhost" }, `Cannot use "localhost" as a queue, expected one such`],
    ];
    for (const [options, words] of refusals) {
      const run = () => runQueueCampaign(optionsOf(options), SILENT);
      const { message } = await assertRejects(run, CampaignError, words);
      assertEquals(message.split("\n").length, 1);
    }
    const redis = new Redis(server.url());
    const key = `plugpull:${nameOfCampaign({ module: NAIVE, seed: 7 })}:kept:announced`;
    await redis.set(key, JSON.stringify({ ...JSON.parse((await redis.get(key))!), version: 2 }));
    redis.disconnect();
    await assertRejects(
      () => runQueueCampaign(optionsOf(joined), SILENT),
      CampaignError,
      "its version is 2, expected 1",
    );
  },
});

Deno.test({
  name: "runQueueCampaign() goes on past a batch that fails three times",
  ignore,
  async fn() {
    await using server = await RedisServer.start();
    const options = optionsOf({ queue: server.url(), runs: 6, batchRuns: 2 });
    const connection = await Connection.open(options.queue);
    let attempts = 0;
    const failing = new Jobs(connection, {
      name: nameOfCampaign(options),
      jobs: 1,
      leaseMs: 1_000,
      work: () => Promise.reject(new Error(`no luck ${++attempts}`)),
      isLeaving: () => false,
    });
    await failing.add([{ kind: "batch", batch: 1, finding: 0 }]);
    while ((await failing.failed()).length === 0) await new Promise((next) => setTimeout(next, 20));
    await failing.close({ force: false });
    connection.end();
    assertEquals(attempts, 3);
    const { batches, standing } = await runQueueCampaign(options, SILENT);
    assertEquals(batches.failed, [{ batch: 1, words: "no luck 3" }]);
    assertEquals([standing.runs, batches.known], [4, 3]);
  },
});

/** Nobody watches. */
const SILENT: CampaignWatch = { onStanding() {}, onFinding() {}, onIncident() {} };

function paths(directory: string) {
  return { directory, findings: `${directory}/findings` };
}

function findingsIn(directory: string): string[] {
  return [...Deno.readDirSync(`${directory}/findings`)].map(({ name }) => name).toSorted();
}
