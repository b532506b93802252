import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { replayCounterexample } from "../check/replay.ts";
import { findingOf, lifeOf } from "./_findings.ts";
import { inTwoFiles, sound, withoutDirectorySync } from "./_stores.ts";
import { pageModel } from "./html_data.ts";
import { renderHtml } from "./html.ts";
import { pageState } from "./page_states.ts";
import { shortenedApart } from "./shortened.ts";

const ONE = lifeOf({ do: "append", bytes: 8 });
const TWO = lifeOf({ do: "append", bytes: 8 }, { do: "append", bytes: 100 });

Deno.test("pageModel() counts the commands of a store, and not the state that it began with", async () => {
  const finding = await findingOf(withoutDirectorySync, { workloads: [ONE] });
  const { lives: [first], start, accounts, records } = await pageModel(
    withoutDirectorySync,
    finding,
  );
  const moment = first!.moments[start.point]!;
  assertEquals(moment.message.match(/\(.*\)/)![0], "(1 command owed, 1 command issued)");
  assertEquals([moment.owed, moment.issued, moment.frontOwed, moment.frontIssued], [1, 1, 0, 0]);
  assertEquals(accounts[moment.account]!.length, 1);
  const [[command]] = accounts[moment.account] as [[number, 0 | 1, 0 | 1]];
  assertEquals(records[command]!.text, '{"set":"k1","value":"1:ep{GR]"}');
  assertEquals(records.map(({ text }) => text), ['{"set":"k1","value":"1:ep{GR]"}']);
  assertEquals(moment.recovered, null);
});

Deno.test("pageModel() shows what a store must hold beside what came back, key by key", async () => {
  const finding = await findingOf(withoutDirectorySync, { workloads: [ONE] });
  const { lives: [first], start, states } = await pageModel(withoutDirectorySync, finding);
  assertEquals(states[first!.moments[start.point]!.state], {
    columns: ["Must hold, after 1 command", "Came back"],
    rows: [["k1", ['"1:ep{GR]"', "missing"], 1]],
    more: 0,
    moreWrong: 0,
    isJudged: true,
    after: 0,
  });
  // Before the command was acked, nothing is wrong: both states are legal, and none is judged.
  const inFlight = first!.moments.find((moment) => moment!.issued > moment!.owed)!;
  const { columns, rows, isJudged } = states[inFlight.state]!;
  assertEquals(columns, ["At least, as it was opened", "At most, after 1 command"]);
  assertEquals(rows, [["k1", ["missing", '"1:ep{GR]"'], 0]]);
  assertEquals(isJudged, false);
});

Deno.test("pageModel() marks the keys in which a wrong state differs from the nearest right one", async () => {
  const finding = await findingOf(inTwoFiles, { workloads: [ONE] });
  assertEquals(finding.verdict.clause, "wrong state");
  const { lives: [first], start, states } = await pageModel(inTwoFiles, finding);
  const state = states[first!.moments[start.point]!.state]!;
  assertEquals(state.columns, [
    "At least, as it was opened",
    "At most, after 1 command",
    "Came back",
  ]);
  assertEquals(state.rows, [
    ["left.put", ["missing", '"1xxxxxxxx"', '"1xxxxxxxx"'], 1],
    ["right.put", ["missing", '"1xxxxxxxx"', "missing"], 0],
  ]);
  assertEquals(state.after, -1);
});

Deno.test("pageModel() speaks of a store and its commands, and shows them as JSON", async () => {
  const finding = await findingOf(withoutDirectorySync, { workloads: [TWO] });
  const { title, terms, lives, start } = await pageModel(withoutDirectorySync, finding);
  const words = lives.map(({ events }) => events.map(({ words }) => words));
  assertEquals(words[0]!.slice(0, 4), [
    "open",
    "The store is open and shows the state {}",
    'apply command 1: {"set":"k1","value":"1:ep{GR]"}',
    "apply of command 1 returns: command 1 is promised",
  ]);
  const long = words[0]!.find((one) => one.startsWith("apply command 2"))!;
  assertStringIncludes(long, "… (125 characters)");
  assertEquals(terms, {
    subject: "store",
    item: "command",
    called: "applied",
    content: "state",
  });
  assert(
    !/\b(logs?|records?)\b/i.test(
      JSON.stringify([Object.values(title), words]).replaceAll("/log", ""),
    ),
    title.why,
  );
  assertEquals(lives[start.life]!.moments[start.point]!.verdict, "violates");
  const page = await renderHtml(withoutDirectorySync, finding);
  assertStringIncludes(page, "The application calls the store");
});

Deno.test("pageModel() says of what a store showed when it was opened again that it lasts", async () => {
  // What "open" shows is durable: it syncs the directory. The second command is lost.
  const workload = {
    name: "opened again",
    lives: [
      [
        { do: "append", bytes: 8 },
        { do: "reopen" },
        { do: "append", bytes: 8 },
      ] as const,
    ],
  };
  const finding = await findingOf(withoutDirectorySync, { workloads: [workload] });
  const { lives: [first] } = await pageModel(withoutDirectorySync, finding);
  const [before, again] = first!.events.filter(({ words }) => words.includes("shows the state"));
  assertEquals(before!.kind, "return");
  assertEquals(again!.kind, "promise");
  assertEquals(again!.words, 'The store is open and shows the state {"k1":"1:ep{GR]"}');
});

Deno.test("pageModel() says of a store that was fixed that the store holds", async () => {
  const finding = await findingOf(withoutDirectorySync, { workloads: [ONE] });
  assertEquals((await replayCounterexample(sound, finding)).violation, undefined);
  const { title } = await pageModel(sound, finding);
  assertEquals(title.sentence, "On this crash the store now keeps its promise.");
  assertStringIncludes(title.notes[0]!, "The store has changed since this was found");
});

Deno.test("pageState() shows the keys that are wrong first, and counts the others", () => {
  const all = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`key${i}`, i]));
  const { key39: _, ...without } = all;
  const comparison = {
    least: all,
    most: { ...all, more: true },
    recovered: { state: { ...without, key7: "x" }, nearest: all, after: undefined },
  };
  const { columns, rows, more, moreWrong } = pageState(comparison, { owed: 2, issued: 3 });
  assertEquals(columns, ["At least, after 2 commands", "At most, after 3 commands", "Came back"]);
  assertEquals(rows.slice(0, 4), [
    ["key39", ["39", "39", "missing"], 1],
    ["key7", ["7", "7", '"x"'], 1],
    ["more", ["missing", "true", "missing"], 0],
    ["key0", ["0", "0", "0"], 0],
  ]);
  assertEquals([rows.length, more, moreWrong], [12, 29, 0]);
});

Deno.test("pageState() shows states without keys, and a state that is nearest to neither end", () => {
  const number = { least: 1, most: 3, recovered: { state: 7, nearest: 2, after: undefined } };
  const { columns, rows } = pageState(number, { owed: 1, issued: 3 });
  assertEquals(columns.slice(2), ["Closest that is right", "Came back"]);
  assertEquals(rows, [["the state", ["1", "3", "2", "7"], 1]]);
  assertEquals(pageState({ least: {}, most: {} }, { owed: 0, issued: 0 }).rows, []);
  const lost = { least: { a: {} }, most: { a: { b: 1 } } };
  const recovered = { state: {}, nearest: lost.least, after: undefined };
  // The part itself is missing, which is more than that it is empty.
  assertEquals(pageState({ ...lost, recovered }, { owed: 0, issued: 1 }).rows[0], [
    "a",
    ["{}", "missing", "missing"],
    1,
  ]);
});

Deno.test("shortenedApart() shows where long texts differ, and how long they are", () => {
  const [a, b] = ["a", "b"].map((end) => `${"x".repeat(200)}${end}`) as [string, string];
  assertEquals(shortenedApart(["short", a, b]), [
    "short",
    "…xxxxxxxxxxa (201 characters)",
    "…xxxxxxxxxxb (201 characters)",
  ]);
  assertEquals(shortenedApart([a, a])[1], `${"x".repeat(64)}… (201 characters)`);
  const other = `y${a}`;
  assertEquals(shortenedApart([a, other])[1], `y${"x".repeat(63)}… (202 characters)`);
});
