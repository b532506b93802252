import { assertEquals, assertThrows } from "@std/assert";
import { parseShard, ShardError, shardFrom } from "./shard.ts";

Deno.test("parseShard() counts from 1, and refuses what is no shard", () => {
  assertEquals(parseShard("1/4", "--shard"), { index: 0, of: 4 });
  assertEquals(parseShard("4/4", "--shard"), { index: 3, of: 4 });
  for (const text of ["0/4", "5/4", "1", "1/0", "-1/2", "a/b", "1/4/2", ""]) {
    assertThrows(() => parseShard(text, "--shard"), ShardError, `--shard is "${text}"`);
  }
});

Deno.test("shardFrom() reads what a workflow or an indexed job sets", () => {
  const from = (env: Record<string, string>) => shardFrom((name) => env[name]);
  assertEquals(from({}), { index: 0, of: 1 });
  assertEquals(from({ PLUGPULL_SHARD: "2/3" }), { index: 1, of: 3 });
  assertEquals(from({ PLUGPULL_SHARDS: "3", JOB_COMPLETION_INDEX: "2" }), { index: 2, of: 3 });
  assertThrows(() => from({ PLUGPULL_SHARDS: "3" }), ShardError, "JOB_COMPLETION_INDEX is not set");
  assertThrows(() => from({ PLUGPULL_SHARDS: "3", JOB_COMPLETION_INDEX: "3" }), ShardError);
  assertThrows(() => from({ PLUGPULL_SHARD: "x" }), ShardError, 'PLUGPULL_SHARD is "x"');
});
