import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { FileSystem } from "../vfs/file_system.ts";
import { syncDirectory } from "../vfs/sync_directory.ts";
import { writeFully } from "../vfs/write_fully.ts";
import { checkLog } from "./check_log.ts";
import { parseCounterexample } from "./counterexample.ts";
import { explain } from "./explain.ts";
import { bytesOf, jsonOf } from "./json.ts";
import { modelState } from "./model_state.ts";
import { formatProof } from "./proof.ts";
import { replayCounterexample } from "./replay.ts";
import { Session } from "./history.ts";
import { keyValues, type StoreUnderTest, type UnderTest } from "./store.ts";

const FILE = "/log/state.json";

function read(fs: FileSystem): Record<string, string> {
  if (!fs.list("/log").includes("state.json")) return {};
  const file = fs.open(FILE);
  const bytes = new Uint8Array(file.size());
  file.read(bytes, 0);
  file.close();
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** A step of replacing a file. */
type Step = "draft" | "sync" | "directory";

/** A store that writes its whole state, with some of the steps that this takes. */
function store(...steps: Step[]): StoreUnderTest<FileSystem> {
  const does = (step: Step) => steps.includes(step);
  return {
    name: steps.join(" and "),
    acks: "apply",
    ...keyValues,
    open(fs) {
      if (does("directory")) syncDirectory(fs, "/log");
      return fs;
    },
    apply(fs, command) {
      const state = JSON.stringify(keyValues.model.next(read(fs), command));
      const path = does("draft") ? "/log/draft" : FILE;
      const file = fs.open(path, { write: true, create: true, truncate: true });
      writeFully(file, new TextEncoder().encode(state), 0);
      if (does("sync")) file.sync();
      file.close();
      if (does("draft")) fs.rename(path, FILE);
      if (does("directory")) syncDirectory(fs, "/log");
    },
    observe: read,
  };
}

Deno.test("checkLog() takes a store: the one that keeps every rule holds", async () => {
  const { verdict, complete, workloads } = await checkLog(store("draft", "sync", "directory"));
  assertEquals([verdict, complete], ["holds", true]);
  assert(workloads.length > 20);
});

Deno.test("checkLog() finds the store that loses what it acked, and blame says where", async () => {
  const log = store("draft", "sync");
  const { verdict, violations } = await checkLog(log);
  assertEquals(verdict, "violates");
  const found = await explain(log, violations[0]!);
  assertEquals(found.verdict.clause, "acked command lost");
  assertEquals(found.blame!.barriers.map(({ role }) => role), ["its directory"]);
  const proof = formatProof(found);
  assertStringIncludes(proof, 'Let      the store be asked to: apply {"set":"k1","value":"');
  assertStringIncludes(proof, "was acked, and the store is as it was before it");

  const read = parseCounterexample(JSON.stringify(found));
  const { violation, sameTrace } = await replayCounterexample(log, read);
  assertEquals([violation?.message, sameTrace], [found.verdict.message, true]);
  const sound = store("draft", "sync", "directory");
  assertEquals((await replayCounterexample(sound, read)).violation, undefined);
});

Deno.test("a store that promises no durability owes whole states, and no particular one", async () => {
  const never = (...steps: Step[]) => ({ ...store(...steps), acks: "never" } as const);
  const { verdict, promise } = await checkLog(never("draft", "sync"));
  assertEquals([verdict, promise], ["holds", "some prefix"]);
  assertEquals((await checkLog(never("draft"))).verdict, "violates");
  assertEquals((await checkLog(never("sync"))).verdict, "violates");
});

Deno.test("a store whose commands are carried out in part is in a wrong state", async () => {
  // Each command sets two keys, in two files, each of which is replaced as it must be.
  const pair: StoreUnderTest<FileSystem> = {
    name: "pair",
    acks: "apply",
    command: (number) => number,
    model: { initial: [0, 0], next: (_, command: number) => [command, command] },
    open: (fs) => fs,
    apply(fs, command) {
      for (const name of ["a", "b"]) {
        const file = fs.open("/log/draft", { write: true, create: true, truncate: true });
        writeFully(file, new Uint8Array([command]), 0);
        file.sync();
        file.close();
        fs.rename("/log/draft", `/log/${name}`);
        syncDirectory(fs, "/log");
      }
    },
    observe: (fs) =>
      ["a", "b"].map((name) => {
        if (!fs.list("/log").includes(name)) return 0;
        const byte = new Uint8Array(1);
        fs.open(`/log/${name}`).read(byte, 0);
        return byte[0]!;
      }),
  };
  const { verdict, violations: [found] } = await checkLog(pair);
  assertEquals(verdict, "violates");
  assertEquals(found!.verdict.clause, "wrong state");
  assertStringIncludes(
    found!.verdict.message,
    "No number of whole commands leads to this state: [0] is 1, expected 0",
  );
});

Deno.test("an asynchronous store is checked like any other", async () => {
  const later = <T>(value: T): Promise<T> => Promise.resolve(value);
  const promising = (...steps: Step[]): StoreUnderTest<FileSystem> => {
    const { apply, observe, open, ...rest } = store(...steps);
    return {
      ...rest,
      open: async (fs, dir) => await later(open(fs, dir)),
      apply: async (fs, command) => await later(apply(fs, command)),
      observe: async (fs) => await later(observe(fs)),
    };
  };
  assertEquals((await checkLog(promising("draft", "sync", "directory"))).verdict, "holds");
  assertEquals((await checkLog(promising("draft", "sync"))).verdict, "violates");
});

Deno.test("checkLog() refuses what is not a store, in words", async () => {
  const good = store("sync");
  const wrong: [Record<string, unknown>, string][] = [
    [{ observe: undefined }, "observe is not a function"],
    [{ command: 1 }, "command is not a function"],
    [{ model: {} }, "model.next is not a function"],
    [{ acks: "append" }, 'acks is "append", expected "apply", "sync" or "never"'],
    [{ acks: "sync" }, 'acks is "sync", but sync is not a function'],
    [{ close: 1 }, "close is neither left out nor a function"],
    [{ name: undefined }, "name is not a string"],
    [{ command: () => new Map() }, "Cannot use command 1: it is Map, expected a JSON value"],
    [{ model: { initial: { a: [NaN] }, next: () => 1 } }, "model at .a[0]: it is NaN, expected"],
  ];
  for (const [change, message] of wrong) {
    await assertRejects(() => checkLog({ ...good, ...change } as UnderTest), TypeError, message);
  }
});

Deno.test("a model that changes the state that it is given is refused", async () => {
  const careless: StoreUnderTest = {
    ...store("draft", "sync", "directory"),
    model: {
      initial: {},
      next(state, command) {
        state.changed = command;
        return state;
      },
    },
  };
  await assertRejects(() => checkLog(careless), TypeError, "not extensible");
});

Deno.test("modelState() takes each state from the owed ones to the issued ones, in doubt or not", () => {
  const add = modelState({ initial: 0, next: (state: number, command: number) => state + command });
  const json = (value: unknown) => bytesOf(value, "a number");
  const session = new Session([json(0)], 0, add);
  const places = [1, 10, 100].map((command, i) => session.issue(json(command), i));
  const legal = (lo: number, hi: number) =>
    [0, 1, 10, 11, 100, 101, 110, 111].filter((state) =>
      session.judge([json(state)], lo, hi) === undefined
    );
  assertEquals(legal(2, 2), [0, 1, 11, 111]);
  assertEquals(legal(1, 1), [0, 1, 11]);
  session.ack(places[1]!, 2);
  assertEquals(legal(2, 2), [11, 111]);
  session.doubt(places[0]!);
  assertEquals(legal(2, 2), [10, 11, 110, 111]);
  assertEquals(session.judge([json(1)], 2, 2)?.breach.clause, "acked command lost");
  assertEquals(session.judge([json(7)], 2, 2)?.breach.clause, "wrong state");
  assertEquals(session.judge([json(111)], 1, 2)?.breach.clause, "back from the dead");
});

Deno.test("accountAt() of a store counts its commands, and compares states", () => {
  const add = modelState({ initial: 0, next: (state: number, command: number) => state + command });
  const json = (value: unknown) => bytesOf(value, "a number");
  const session = new Session([json(5)], 3, add);
  const [first] = [10, 100].map((command, i) => session.issue(json(command), 4 + i));
  session.ack(first!, 5);
  const account = session.accountAt(5);
  assertEquals([account.owed, account.issued, account.frontOwed, account.frontIssued], [
    1,
    2,
    0,
    0,
  ]);
  assertEquals(account.records.map(({ record }) => jsonOf(record)), ["10", "100"]);
  assertEquals(account.showed.map(jsonOf), ["5"]);
  assertEquals([account.showsNothing, new Session(add.nothing, 0, add).accountAt(0).showsNothing], [
    false,
    true,
  ]);
  assertEquals(account.compare(undefined), { least: 15, most: 115 });
  assertEquals(account.compare([json(5)])!.recovered, { state: 5, nearest: 15, after: 0 });
  assertEquals(account.compare([json(115)])!.recovered, { state: 115, nearest: 115, after: 2 });
  assertEquals(account.compare([json(7)])!.recovered?.after, undefined);
  assertEquals(new Session([], 0).accountAt(0).compare([]), undefined);
});

Deno.test("bytesOf() is the same for equal values, whatever the order of their keys", () => {
  const text = (value: unknown) => jsonOf(bytesOf(value, "a value"));
  assertEquals(
    text({ b: [1, { d: null, c: "x" }], a: true }),
    '{"a":true,"b":[1,{"c":"x","d":null}]}',
  );
  assertEquals(text({ a: undefined, b: 1 }), text({ b: 1 }));
});
