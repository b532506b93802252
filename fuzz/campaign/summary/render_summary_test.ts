import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { inTime } from "../format_campaign.ts";
import { campaignOf, eventful, findingOf, nightOf } from "./_campaigns.ts";
import { renderSummary } from "./render_summary.ts";

const EVIL = `</style></pre><script>alert(1)</script><!-- & "'$& \u202e\u0000`;

/** The text of a page, without its tags and its style. */
function textOf(page: string): string {
  return page.replace(/<style>[^]*?<\/style>/, "").replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(code)).replaceAll(/\s+/g, " ");
}

Deno.test("renderSummary() is one file without scripts and links, and the same each time", () => {
  const page = renderSummary(eventful());
  assertEquals(renderSummary(eventful()), page);
  assert(page.startsWith("<!doctype html>"));
  assert(!/https?:|src=|@import|url\(|<script/.test(page));
  assertEquals(page.match(/\bhref="([^"]*)"/g), ['href="data:,"']);
  assert(page.length < 100_000, `${page.length} bytes`);
});

Deno.test("renderSummary() tells verdict, reasons, findings, marks, canary and how to go on", () => {
  const text = textOf(renderSummary(eventful()));
  for (
    const part of [
      "my_log.ts violates",
      "1 new finding 1 finding that came back 1 run that did not end",
      "new acked record lost record 1 of 2 is missing",
      'Fix after my_log.ts:42:5 (op 1, write "/log/1"), sync the file "/log/1". Checked: with it,',
      "Place my_log.ts:42:5",
      "Cause acked record lost; after my_log.ts:42 itself",
      "Document .plugpull/findings/my-log-42.json",
      "deno task replay .plugpull/findings/my-log-42.json",
      "1 known finding",
      "2 more, not explained yet",
      "died run 1,234 error: Uncaught (in worker) RangeError",
      "deno task replay .plugpull/findings/died-1f2e3d4c.incident",
      "4 of 5 reached",
      "never the log rotated",
      "found after 812 and 1377 of its runs",
      "Seed 7 --shard 2/4 --jobs 2, lanes 2 to 3 of 8, guided",
      "deno task fuzz my_log.ts --seed 7 --shard 2/4 --jobs 2 --time 8h",
      "3 of 8 5ca1ab1e00112233",
    ]
  ) assertStringIncludes(text, part);
  const order = ["new acked", "came back acked", "known acked"].map((part) => text.indexOf(part));
  assertEquals(order, order.toSorted((a, b) => a - b));
});

Deno.test("renderSummary() says the curves in words and in numbers", () => {
  const page = renderSummary(eventful());
  const pictures = [...page.matchAll(/aria-label="([^"]+ over time: [^"]+)"/g)].map(([, it]) => it);
  assertEquals(pictures.length, 6);
  const second = nightOf(8).find(({ findings }) => findings === 2)!.seconds;
  assertEquals(
    pictures[3],
    `Findings over time: 0 after 0:00:01, 3 after 7:56:47; half of the 3 after ${inTime(second)}`,
  );
  const night = nightOf(8);
  assertStringIncludes(textOf(page), "Time Runs Recoveries Paths Corpus Findings Memory 0:00:01");
  assertStringIncludes(textOf(page), night.at(-1)!.facts.toLocaleString("en-US"));
});

Deno.test("renderSummary() of a night without findings does not say that there are none", () => {
  const text = textOf(renderSummary(campaignOf({})));
  assertStringIncludes(text, "my_log.ts holds");
  assertStringIncludes(text, "That does not show that none can");
  assert(!text.includes("Runs without an end"));
});

Deno.test("renderSummary() of a campaign that was interrupted before its first run", () => {
  const page = renderSummary(campaignOf({ points: [], interrupted: true, marks: new Map() }));
  assertStringIncludes(textOf(page), "not measured no run was made");
  assertStringIncludes(textOf(page), "Somebody has interrupted it");
  assertStringIncludes(textOf(page), "Too short for curves");
  assert(!/NaN|Infinity|undefined/.test(page));
});

Deno.test("renderSummary() lets nothing of a log be taken for HTML", () => {
  const order = campaignOf({
    findings: [findingOf("new", { line: 1, message: EVIL, name: EVIL })],
    marks: new Map([[EVIL, false]]),
    died: `first\n${EVIL}`,
    module: EVIL,
  });
  const page = renderSummary(order);
  assert(!/<script|<!--|alert\(1\)<\//.test(page));
  assert(!page.includes("\0") && !page.includes("\u202e"));
  assertEquals(page.match(/<\/style>/g)?.length, 1);
  assert(textOf(page).split("alert(1)").length > 8, "What the log said is not there");
});
