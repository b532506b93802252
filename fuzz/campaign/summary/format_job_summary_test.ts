import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { lexer, type Token, type Tokens, walkTokens } from "marked";
import { campaignOf, eventful, findingOf } from "./_campaigns.ts";
import { formatJobSummary } from "./format_job_summary.ts";

const EVIL = "| `a` **b** <img src=x onerror=alert(1)> [c](http://x.y) www.x.y @all\n\n# d \u202e";

/** Every token of a text in GitHub's Markdown. */
function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  walkTokens(lexer(text), (token) => {
    tokens.push(token);
  });
  return tokens;
}

function tablesOf(text: string): Tokens.Table[] {
  return tokensOf(text).filter((token): token is Tokens.Table => token.type === "table");
}

Deno.test("formatJobSummary() shows the numbers, the findings with their lines, the marks", () => {
  const text = formatJobSummary(eventful());
  assertEquals(formatJobSummary(eventful()), text);
  const decoded = text.replaceAll(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));
  const lines = decoded.split("\n");
  assertEquals(lines[0], "## Campaign of <code>my_log.ts</code>: violates");
  for (
    const line of [
      "- 1 new finding",
      "| 7:56:47 | 1,144,280 | 55,017,459 | 1,923 | 26,296 | 1,851 | 192 MiB |",
      "| new | acked record lost | <code>my_log.ts:42:5</code> | " +
      "record 1 of 2 is missing (24 bytes, acked by append) | " +
      "<code>deno task replay .plugpull/findings/my-log-42.json</code> |",
      "- reached: an fsync failed",
      "- **never reached**: the log rotated",
      "- canary found, after 812 and 1377 of its runs",
      "deno task fuzz my_log.ts --seed 7 --shard 2/4 --jobs 2 --time 8h</pre>",
    ]
  ) assert(lines.includes(line), `No line ${line} in\n${decoded}`);
  assertMatch(decoded, /\| died \| 1,234 \| error: Uncaught/);
});

Deno.test("formatJobSummary() is Markdown with one table for each kind of thing", () => {
  const tables = tablesOf(formatJobSummary(eventful()));
  assertEquals(tables.map(({ rows }) => rows.length), [1, 3, 1]);
  assertEquals(tables[1]!.rows.map(([first]) => first!.text), ["new", "came back", "known"]);
});

Deno.test("formatJobSummary() lets nothing of a log be taken for Markdown", () => {
  const order = campaignOf({
    findings: [findingOf("new", { line: 1, message: EVIL, name: EVIL })],
    marks: new Map([[EVIL, false]]),
    died: EVIL,
    module: EVIL,
  });
  const text = formatJobSummary(order);
  const tokens = tokensOf(text);
  const types = new Set(tokens.map(({ type }) => type));
  for (const type of ["link", "image", "codespan", "em", "code", "blockquote", "hr"]) {
    assert(!types.has(type), `${type} in\n${text}`);
  }
  const tags = tokens.filter(({ type }) => type === "html").flatMap(({ raw }) =>
    raw.match(/<[^>]*>/g) ?? []
  );
  assertEquals([...new Set(tags)].toSorted(), ["</code>", "</pre>", "<code>", "<pre>"]);
  assertEquals(tokens.filter(({ type }) => type === "heading").length, 5);
  assertEquals(tablesOf(text).map(({ rows }) => rows[0]!.length), [7, 5, 4]);
  assert(!text.includes("\u202e"));
  assertStringIncludes(text, "alert(1)");
});

Deno.test("formatJobSummary() stays far below what GitHub shows", () => {
  const message = "🜁".repeat(100_000);
  const findings = Array.from({ length: 40 }, (_, i) => findingOf("new", { line: i, message }));
  const text = formatJobSummary(campaignOf({ findings }));
  assert(new TextEncoder().encode(text).length < 2 ** 18);
  assertStringIncludes(text, "and 20 more");
});
