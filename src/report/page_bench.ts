/**
 * How fast the page of a finding with 60 records is, in a real browser: until something is painted,
 * until it is ready, and from one op to the next. Prints one JSON object.
 *
 *     deno run -A src/report/page_bench.ts
 *
 * @module
 */
/// <reference lib="dom" />
import type { Browser } from "playwright-core";
import { hasChromium, launchChromium } from "../../.ci/chromium.ts";
import { allFixes, naiveLog } from "../../scenarios/naive_log.ts";
import { findingOf, sixtyRecords } from "./_findings.ts";
import { renderHtml } from "./html.ts";

/** Each run opens the page anew. */
const RUNS = 7;

/** Milliseconds of one opening of the page. */
interface Run {
  readonly firstPaint: number;
  readonly ready: number;
  /** Of 120 steps the middle one, and the slowest. */
  readonly step: number;
  readonly slowestStep: number;
}

/** The middle of some figures, and how far they reach. */
function rangeOf(figures: readonly number[]) {
  const sorted = figures.toSorted((a, b) => a - b);
  const rounded = (figure: number) => Math.round(figure * 10) / 10;
  return {
    median: rounded(sorted[sorted.length >> 1]!),
    lowest: rounded(sorted[0]!),
    highest: rounded(sorted.at(-1)!),
  };
}

/** How long each of 120 steps takes, sorted; runs in the browser. */
function timesOfSteps(): number[] {
  const times: number[] = [];
  for (const key of ["ArrowLeft", "ArrowRight"]) {
    for (let i = 0; i < 60; i++) {
      const start = performance.now();
      document.dispatchEvent(new KeyboardEvent("keydown", { key }));
      // Asking where something lies makes the browser lay it out.
      document.body.getBoundingClientRect();
      times.push(performance.now() - start);
    }
  }
  return times.sort((a, b) => a - b);
}

/** Opens the page once. */
async function measure(browser: Browser, url: string): Promise<Run> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForFunction(() =>
    performance.getEntriesByName("ready").length > 0 &&
    performance.getEntriesByName("first-contentful-paint").length > 0
  );
  const [firstPaint, ready] = await page.evaluate(() =>
    ["first-contentful-paint", "ready"].map((name) =>
      performance.getEntriesByName(name)[0]!.startTime
    )
  );
  const steps = await page.evaluate(timesOfSteps);
  await context.close();
  const [step, slowestStep] = [steps[steps.length >> 1]!, steps.at(-1)!];
  return { firstPaint: firstPaint!, ready: ready!, step, slowestStep };
}

if (import.meta.main && hasChromium("The page is not measured")) {
  const log = naiveLog({ ...allFixes, checksum: false });
  const html = await renderHtml(log, await findingOf(log, { workloads: [sixtyRecords] }));
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(html, { headers: { "content-type": "text/html" } }),
  );
  const browser = await launchChromium();
  try {
    const runs: Run[] = [];
    for (let i = 0; i < RUNS; i++) {
      runs.push(await measure(browser, `http://127.0.0.1:${server.addr.port}/`));
    }
    const milliseconds = Object.fromEntries(
      (["firstPaint", "ready", "step", "slowestStep"] as const).map((
        name,
      ) => [name, rangeOf(runs.map((run) => run[name]))]),
    );
    console.log(
      JSON.stringify({ page: { bytes: html.length, runs: RUNS, milliseconds } }, null, 2),
    );
  } finally {
    await browser.close();
    await server.shutdown();
  }
}
