/**
 * The page in a real browser: Chromium, driven by playwright-core. Where there is no Chromium these
 * tests are ignored.
 *
 * @module
 */
/// <reference lib="dom" />
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Browser, Page } from "playwright-core";
import { hasChromium, launchChromium } from "../../.ci/chromium.ts";
import { allFixes, naiveLog } from "../../scenarios/naive_log.ts";
import type { LogUnderTest } from "../check/subject.ts";
import { findingOf, lifeOf, sixtyRecords } from "./_findings.ts";
import { renderHtml } from "./html.ts";

/** A step must be drawn within a frame. */
const FRAME_MS = 16;

const isReady = hasChromium("The page is not tested");

const withoutFsync = naiveLog({ ...allFixes, fsync: false });
const TWO = lifeOf(
  { do: "append", bytes: 24 },
  { do: "sync" },
  { do: "append", bytes: 700 },
  { do: "sync" },
);

/** A page in a browser, and what went wrong on it. */
interface Opened {
  readonly page: Page;
  /** Requests that reached the server. */
  readonly requests: readonly string[];
  /** Errors and messages of the console. */
  readonly said: readonly string[];
}

/** How the page is looked at. */
interface Look {
  readonly width?: number;
  readonly colorScheme?: "light" | "dark";
}

/** Opens HTML in a browser of its own, served from this machine. */
async function opened(html: string, look: Look, body: (opened: Opened) => Promise<void>) {
  const requests: string[] = [];
  const said: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, ({ url }) => {
    requests.push(new URL(url).pathname);
    return new Response(html, { headers: { "content-type": "text/html" } });
  });
  let browser: Browser | undefined;
  try {
    browser = await launchChromium();
    const { width = 1280, colorScheme = "light" } = look;
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
    const page = await context.newPage();
    page.on("console", (message) => said.push(message.text()));
    page.on("pageerror", (error) => said.push(String(error)));
    page.on("request", (request) => requests.push(`asked for ${request.url()}`));
    await page.goto(`http://127.0.0.1:${server.addr.port}/`);
    await page.waitForFunction(() => performance.getEntriesByName("ready").length > 0);
    await body({ page, requests, said });
    assertEquals(said, []);
    assertEquals(requests.length, 2, requests.join("\n"));
  } finally {
    await browser?.close();
    await server.shutdown();
  }
}

async function pageOf(log: LogUnderTest, workload = TWO): Promise<string> {
  return await renderHtml(log, await findingOf(log, { workloads: [workload] }), {
    file: "found.json",
  });
}

/** A test in a browser. */
function browserTest(name: string, body: () => Promise<void>): void {
  Deno.test({ name, ignore: !isReady, sanitizeOps: false, sanitizeResources: false, fn: body });
}

const textOf = (page: Page, selector: string) => page.locator(selector).innerText();
const step = (page: Page) => textOf(page, "#step");

browserTest("the page shows the lanes, the crash, the map, the records and the proof", async () => {
  await opened(await pageOf(withoutFsync), {}, async ({ page }) => {
    assertMatch(await textOf(page, "h1"), /naive log violates its promise/);
    const rows = await textOf(page, "#rows");
    for (
      const part of [
        "append record 1 (24 bytes)",
        'create "/log/log"',
        'makes durable: the name "log"',
        "sync returns: record 1 is promised",
        "no op on the disk",
        "the crash of the finding",
      ]
    ) assertStringIncludes(rows, part);
    assertStringIncludes(await textOf(page, "#map"), "sector 0");
    assertStringIncludes(await textOf(page, "#map"), "length 24 and checksum");
    const legend = await textOf(page, "#legend");
    for (const word of ["synced", "kept", "lost", "torn", "garbage", "damaged", "at risk"]) {
      assertStringIncludes(legend, word);
    }
    assertMatch(await textOf(page, "#records"), /missing\s+lost/);
    assertStringIncludes(await textOf(page, ".proof"), "However");
    assertStringIncludes(await textOf(page, ".replay"), "deno task replay found.json");
  });
});

browserTest("keys step through the ops, jump to the error, and back to the finding", async () => {
  await opened(await pageOf(withoutFsync), {}, async ({ page }) => {
    assertMatch(await step(page), /after op 7 of 7/);
    await page.keyboard.press("ArrowLeft");
    assertMatch(await step(page), /after op 6 of 7/);
    await page.keyboard.press("ArrowRight");
    assertMatch(await step(page), /after op 7 of 7/);
    for (const _ of "123") await page.keyboard.press("ArrowLeft");
    assertEquals(await textOf(page, "#verdict"), "Holds");
    assertMatch(await textOf(page, "#map-hint"), /the promise is kept/);
    await page.keyboard.press("Home");
    assertMatch(await step(page), /before the first op/);
    assertEquals(await page.locator("#back").getAttribute("aria-disabled"), "true");
    await page.keyboard.press("e");
    assertMatch(await step(page), /after op 5/);
    assertEquals(await textOf(page, "#verdict"), "Violates");
    await page.keyboard.press("End");
    assertMatch(await step(page), /after op 7/);
    await page.keyboard.press("e");
    await page.keyboard.press("c");
    assertMatch(await step(page), /after op 7/);
    await page.keyboard.press("]");
    assertEquals(await page.locator("#lives [aria-pressed=true]").innerText(), "Recovery");
    await page.keyboard.press("[");
    assertEquals(await page.locator("#lives [aria-pressed=true]").innerText(), "First life");
  });
});

browserTest(
  "the slider and the buttons move the crash point, and the verdict with it",
  async () => {
    await opened(await pageOf(withoutFsync), {}, async ({ page }) => {
      const slider = page.locator("#slider");
      const verdicts: string[] = [];
      for (let point = 0; point <= 7; point++) {
        await slider.fill(`${point}`);
        verdicts.push(await textOf(page, "#verdict"));
        const expected = point === 0 ? "before the first op" : `after op ${point} `;
        assertStringIncludes(await step(page), expected);
        assertStringIncludes((await slider.getAttribute("aria-valuetext"))!, expected.trim());
      }
      assertEquals(verdicts, [...Array(5).fill("Holds"), ...Array(3).fill("Violates")]);
      const lostAt7 = await textOf(page, "#map");
      await page.click("#first");
      assert(await textOf(page, "#map") !== lostAt7);
      await page.click("#error");
      assertMatch(await step(page), /after op 5/);
      await page.click("#rows tr[data-point='2'] .cache");
      assertMatch(await step(page), /after op 2/);
      await page.click("#forward");
      assertMatch(await step(page), /after op 3/);
    });
  },
);

browserTest("everything can be reached by the keyboard alone, and says what it is", async () => {
  await opened(await pageOf(withoutFsync), {}, async ({ page }) => {
    const visited: string[] = [];
    for (let i = 0; i < 24; i++) {
      await page.keyboard.press("Tab");
      const seen = await page.evaluate(() => {
        const active = document.activeElement as HTMLElement;
        if (active === document.body) return undefined;
        const name = active.id || active.getAttribute("aria-label") || active.textContent;
        return { name: name ?? "", outline: getComputedStyle(active).outlineStyle };
      });
      if (seen === undefined || visited.includes(seen.name)) break;
      visited.push(seen.name);
      assertEquals(seen.outline, "solid", seen.name);
    }
    const controls = [
      "First life",
      "Recovery",
      "slider",
      "first",
      "back",
      "forward",
      "last",
      "error",
      "crash",
    ];
    // What scrolls can be reached as well, where the browser makes it so.
    assertEquals(visited.filter((name) => controls.includes(name)), controls);
    assert(visited.includes("scroll") && visited.includes("help"), visited.join());
    assertEquals(await page.locator("#now").getAttribute("aria-live"), "polite");
    await page.focus("#slider");
    await page.keyboard.press("ArrowLeft");
    assertMatch(await step(page), /after op 6/);
    await page.keyboard.press("?");
    assertEquals(await page.locator("#keys").isVisible(), true);
    await page.keyboard.press("ArrowLeft");
    assertMatch(await step(page), /after op 6/);
    await page.keyboard.press("Escape");
    assertEquals(await page.locator("#keys").isVisible(), false);
    const unnamed = await page.evaluate(() =>
      [...document.querySelectorAll("button, input, [role=region], [role=group]")].filter((one) =>
        !one.textContent?.trim() && !one.getAttribute("aria-label")
      ).length
    );
    assertEquals(unnamed, 0);
  });
});

for (const width of [1280, 400]) {
  for (const colorScheme of ["light", "dark"] as const) {
    browserTest(`the page is readable at ${width} pixels, ${colorScheme}`, async () => {
      await opened(await pageOf(withoutFsync), { width, colorScheme }, async ({ page }) => {
        for (const key of ["", "ArrowLeft", "Home", "]"]) {
          if (key !== "") await page.keyboard.press(key);
          const { wide, low } = await page.evaluate(readability);
          assert(wide <= 0, `${wide} pixels stick out after "${key}"`);
          assertEquals(low, [], `Too little contrast after "${key}"`);
        }
      });
    });
  }
}

browserTest("what became of a sector can be told without its colour", async () => {
  await opened(await pageOf(naiveLog({})), {}, async ({ page }) => {
    const styles = await page.evaluate(() =>
      [...document.querySelectorAll("#legend .chip")].map((one) => {
        const { backgroundImage, borderStyle } = getComputedStyle(one);
        return `${one.textContent} ${borderStyle} ${
          backgroundImage.replace(/color\([^)]*\)/g, "")
        }`;
      })
    );
    assertEquals(new Set(styles).size, styles.length);
    for (const sector of await page.locator(".sector .chip").allInnerTexts()) {
      assertMatch(sector, /synced|kept|lost|torn|garbage|damaged|at risk|not read|before/);
    }
  });
});

browserTest("60 records: below 400 KB, painted at once, and a step fits into a frame", async () => {
  const log = naiveLog({ ...allFixes, checksum: false });
  const html = await pageOf(log, sixtyRecords);
  assert(html.length < 400_000, `${html.length} bytes`);
  await opened(html, {}, async ({ page }) => {
    const paintMs = await page.evaluate(async () => {
      for (;;) {
        const [paint] = performance.getEntriesByName("first-contentful-paint");
        if (paint !== undefined) return paint.startTime;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    });
    // Other tests run at the same time: what the page needs shows when they leave it alone.
    let [middle, most] = [Infinity, Infinity];
    for (let attempt = 0; attempt < 3 && middle >= FRAME_MS; attempt++) {
      const stepsMs = await page.evaluate(timesOfSteps);
      [middle, most] = [stepsMs[stepsMs.length >> 1]!, stepsMs.at(-1)!];
    }
    const ms = (time: number) => `${time.toFixed(1)} ms`;
    console.log(
      `${html.length} bytes, first paint ${ms(paintMs)}, a step ${ms(middle)}, at most ${ms(most)}`,
    );
    assert(middle < FRAME_MS, ms(middle));
    assert(paintMs < 1_000, ms(paintMs));
  });
});

/** How long each of 120 steps takes, sorted, in milliseconds; runs in the browser. */
function timesOfSteps(): number[] {
  const times: number[] = [];
  for (const key of ["ArrowLeft", "ArrowRight"]) {
    for (let i = 0; i < 60; i++) {
      const start = performance.now();
      document.dispatchEvent(new KeyboardEvent("keydown", { key }));
      document.body.getBoundingClientRect();
      times.push(performance.now() - start);
    }
  }
  return times.sort((a, b) => a - b);
}

/** How far the page sticks out, and which words have too little contrast; runs in the browser. */
function readability(): { wide: number; low: string[] } {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true })!;
  /** What colours look like that lie over each other, the lowest first. */
  const mixed = (colors: string[]): number[] => {
    for (const color of colors) {
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
    }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const luminance = (rgb: number[]) => {
    const [r, g, b] = rgb.map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  const low: string[] = [];
  for (const one of document.querySelectorAll<HTMLElement>("body *")) {
    const words = [...one.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE)
      .map((node) => node.textContent!.trim()).join("");
    if (words === "" || one.closest("script, style, .future, [aria-disabled=true], noscript")) {
      continue;
    }
    const box = one.getBoundingClientRect();
    if (box.width === 0 || box.height === 0) continue;
    const layers: string[] = [];
    for (let above: Element | null = one; above !== null; above = above.parentElement) {
      layers.unshift(getComputedStyle(above).backgroundColor);
    }
    const striped = one.closest(".run.violates, tr.crash.violates");
    const back = luminance(mixed(striped ? ["#b3261e"] : ["white", ...layers]));
    const ink = luminance(mixed([getComputedStyle(one).color]));
    const ratio = (Math.max(back, ink) + 0.05) / (Math.min(back, ink) + 0.05);
    if (ratio < 4.5) low.push(`${ratio.toFixed(1)} ${one.className} "${words.slice(0, 30)}"`);
  }
  const { scrollWidth, clientWidth } = document.documentElement;
  return { wide: scrollWidth - clientWidth, low };
}
