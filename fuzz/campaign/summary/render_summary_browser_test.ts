/**
 * The summary in a real browser: Chromium, driven by playwright-core, and what axe-core has to say
 * of it. Where there is no Chromium these tests are ignored.
 *
 * @module
 */
/// <reference lib="dom" />
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { hasChromium, launchChromium } from "../../../.ci/chromium.ts";
import { campaignOf, eventful, nightOf } from "./_campaigns.ts";
import type { SummaryOrder } from "./order.ts";
import { renderSummary } from "./render_summary.ts";

const isReady = hasChromium("The summary of a campaign is not tested");

/** How the page is looked at. */
interface Look {
  readonly width?: number;
  readonly colorScheme?: "light" | "dark";
}

/** Opens a summary in a browser; nothing may go wrong on it, and nothing else be asked for. */
async function opened(order: SummaryOrder, look: Look, body: (page: Page) => Promise<void>) {
  const asked: string[] = [];
  const said: string[] = [];
  const html = renderSummary(order);
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    return new Response(html, { headers: { "content-type": "text/html" } });
  });
  const browser = await launchChromium();
  try {
    const { width = 1280, colorScheme = "light" } = look;
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
    const page = await context.newPage();
    page.on("console", (message) => said.push(message.text()));
    page.on("pageerror", (error) => said.push(String(error)));
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    await page.goto(`http://127.0.0.1:${server.addr.port}/`);
    await body(page);
    assertEquals(said, []);
    assertEquals(asked, ["/"]);
  } finally {
    await browser.close();
    await server.shutdown();
  }
}

/** A test in a browser. */
function browserTest(name: string, body: () => Promise<void>): void {
  Deno.test({ name, ignore: !isReady, sanitizeOps: false, sanitizeResources: false, fn: body });
}

/** What axe-core does not like, in words. */
async function complaints(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations, passes } = await page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run()
  );
  assert(passes.length > 20, "axe-core has looked at next to nothing");
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 120)}: ${failureSummary}`)
  );
}

for (const width of [1280, 400]) {
  for (const colorScheme of ["light", "dark"] as const) {
    browserTest(`the summary is readable at ${width} pixels, ${colorScheme}`, async () => {
      await opened(eventful(), { width, colorScheme }, async (page) => {
        for (const summary of await page.locator("summary").all()) await summary.click();
        assertEquals(await complaints(page), []);
        const wide = await page.evaluate(() =>
          document.documentElement.scrollWidth - document.documentElement.clientWidth
        );
        assert(wide <= 0, `${wide} pixels stick out`);
        assertEquals(await page.evaluate(cutOff), []);
      });
    });
  }
}

browserTest("the curves are drawn, and tell a number where they are pointed at", async () => {
  await opened(eventful(), {}, async (page) => {
    const boxes = await page.locator(".curve .stroke").evaluateAll((paths) =>
      paths.map((path) => {
        const { width, height } = path.getBoundingClientRect();
        return { width, height };
      })
    );
    assertEquals(boxes.length, 6);
    assert(boxes.every(({ width }) => width > 200), JSON.stringify(boxes));
    // What grows in a night fills its picture; what stays is a flat line.
    const [paths, recoveries, runs, findings, corpus, memory] = boxes.map(({ height }) => height);
    for (const tall of [paths!, findings!, corpus!]) assert(tall > 100, JSON.stringify(boxes));
    assert(recoveries! > 30 && runs! < 5 && memory! < 30, JSON.stringify(boxes));
    await page.locator(".hover").first().hover();
    const told = await page.evaluate(() => {
      const at = document.querySelector(".hover i:hover")!;
      return getComputedStyle(at, "::after").content;
    });
    assertMatch(told, /^"[34]:\d\d:\d\d {2}2[34],\d{3}"$/);
  });
});

browserTest("everything that opens can be opened by the keyboard alone", async () => {
  await opened(eventful(), { width: 400 }, async (page) => {
    const seen: string[] = [];
    for (let i = 0; i < 3; i++) {
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      const active = await page.evaluate(() => {
        const { outlineStyle } = getComputedStyle(document.activeElement!);
        return `${document.activeElement!.textContent} ${outlineStyle}`;
      });
      seen.push(active);
      if (active.startsWith("The same")) await page.keyboard.press("Tab");
    }
    assertEquals(seen, [
      "1 known finding solid",
      "The same in numbers solid",
      "Digests of the lanes solid",
    ]);
    assertEquals(await page.locator("details[open]").count(), 3);
    assertStringIncludes(await page.locator("table.numbers").innerText(), "7:56:47\t1,144,280");
  });
});

browserTest("a night without findings, a short one, and one that never began", async () => {
  for (const night of [{}, { points: nightOf(1 / 360) }, { points: [], marks: new Map() }]) {
    await opened(campaignOf(night), { width: 400 }, async (page) => {
      assertEquals(await complaints(page), []);
      const curves = night.points?.length === 0 ? 0 : 6;
      assertEquals(await page.locator("svg[role=img]").count(), curves);
      assertEquals(await page.evaluate(cutOff), []);
    });
  }
});

/** Words of the scales that lie over each other or outside of their panel; runs in the browser. */
function cutOff(): string[] {
  const faults: string[] = [];
  for (const plot of document.querySelectorAll(".plot")) {
    const panel = plot.closest(".panel")!.getBoundingClientRect();
    const words = [...plot.querySelectorAll("span")].map((span) => ({
      text: span.textContent,
      box: span.getBoundingClientRect(),
    }));
    for (const [i, { text, box }] of words.entries()) {
      if (box.left < panel.left || box.right > panel.right) faults.push(`"${text}" sticks out`);
      for (const other of words.slice(i + 1)) {
        const isApart = box.right <= other.box.left || other.box.right <= box.left ||
          box.bottom <= other.box.top || other.box.bottom <= box.top;
        if (!isApart) faults.push(`"${text}" lies over "${other.text}"`);
      }
    }
  }
  return faults;
}
