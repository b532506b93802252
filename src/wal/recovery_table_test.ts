import { assertEquals, assertThrows } from "@std/assert";
import {
  FRAME_TABLE,
  type FrameFacts,
  isMatch,
  matchRow,
  type Row,
  SEGMENT_TABLE,
  type SegmentFacts,
} from "./recovery_table.ts";

/** Every value of every fact. */
type Domain<Facts> = { readonly [Fact in keyof Facts]: readonly Facts[Fact][] };

const segmentDomain: Domain<SegmentFacts> = {
  place: ["newest", "needed"],
  header: ["good", "bad", "version", "other", "no file"],
  content: ["header only", "more"],
};

const frameDomain: Domain<FrameFacts> = {
  segment: ["newest", "needed"],
  place: ["before the end", "at the end", "behind the end"],
  batch: ["whole", "open"],
  frame: ["good", "bad", "nothing"],
};

function combinations<Facts extends object>(domain: Domain<Facts>): Facts[] {
  let all: Partial<Facts>[] = [{}];
  for (const fact in domain) {
    all = all.flatMap((facts) => domain[fact].map((value) => ({ ...facts, [fact]: value })));
  }
  return all as Facts[];
}

function requireOneRowEach<Facts extends object, Decision>(
  table: readonly Row<Facts, Decision>[],
  domain: Domain<Facts>,
): void {
  const used = new Set<string>();
  for (const facts of combinations(domain)) {
    const rows = table.filter((row) => isMatch(row, facts)).map(({ row }) => row);
    assertEquals(rows.length, 1, `${JSON.stringify(facts)} matches [${rows}]`);
    used.add(rows[0]!);
  }
  assertEquals([...used].sort(), table.map(({ row }) => row).sort(), "a row that nothing reaches");
}

Deno.test("SEGMENT_TABLE has exactly one row for each of its 20 combinations", () => {
  assertEquals(combinations(segmentDomain).length, 20);
  requireOneRowEach(SEGMENT_TABLE, segmentDomain);
});

Deno.test("FRAME_TABLE has exactly one row for each of its 36 combinations", () => {
  assertEquals(combinations(frameDomain).length, 36);
  requireOneRowEach(FRAME_TABLE, frameDomain);
});

Deno.test("the tables name no letter twice", () => {
  const letters = [...SEGMENT_TABLE, ...FRAME_TABLE].map(({ row }) => row);
  assertEquals(new Set(letters).size, letters.length);
});

Deno.test("FRAME_TABLE never ends the log below its durable end", () => {
  for (const facts of combinations(frameDomain)) {
    if (facts.place !== "before the end" || facts.frame === "good") continue;
    assertEquals(matchRow(FRAME_TABLE, facts).decision, "refuse");
  }
});

Deno.test("FRAME_TABLE never refuses what a crash can do behind the durable end", () => {
  for (const facts of combinations(frameDomain)) {
    const legal = facts.segment === "newest" &&
      (facts.place === "behind the end" || facts.place === "at the end" && facts.batch === "whole");
    if (!legal) continue;
    const { decision } = matchRow(FRAME_TABLE, facts);
    assertEquals(decision, facts.frame === "good" ? "take" : "end");
  }
});

Deno.test("matchRow() names the facts that no row is about", () => {
  assertThrows(() => matchRow([], { place: "newest" }), Error, '{"place":"newest"}');
});
