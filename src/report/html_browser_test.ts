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
import { zoo } from "../../scenarios/zoo/zoo.ts";
import type { UnderTest } from "../check/store.ts";
import type { Workload } from "../check/workload.ts";
import { deafLog, findingOf, lifeOf, sixtyRecords, sparseLog, twoLives } from "./_findings.ts";
import { inTwoFiles, withoutDirectorySync } from "./_stores.ts";
import { renderHtml } from "./html.ts";

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

async function pageOf(log: UnderTest, workload: Workload = TWO): Promise<string> {
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

browserTest("a barrier that failed looks like one, and says so", async () => {
  const finding = await findingOf(deafLog, {
    workloads: [lifeOf({ do: "append", bytes: 8 })],
    faults: "barrier 2: EIO",
  });
  const html = await renderHtml(deafLog, finding, { file: "found.json" });
  await opened(html, {}, async ({ page }) => {
    const [kept, failed] = await page.locator("#rows tr.barrier").all();
    assertMatch(await kept!.innerText(), /makes durable: the name "log"/);
    assertMatch(await failed!.innerText(), /which fails: .*\s+failed: forced nothing$/);
    const colourOf = (row: typeof kept) =>
      row!.evaluate((tr) => getComputedStyle(tr.querySelector(".forced")!).color);
    assertEquals(await colourOf(failed), "rgb(179, 38, 30)");
    assertEquals(await colourOf(kept), "rgb(22, 101, 56)");
  });
});

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

browserTest("60 records: below 400 KB, and each op can be stepped to", async () => {
  const log = naiveLog({ ...allFixes, checksum: false });
  const html = await pageOf(log, sixtyRecords);
  assert(html.length < 400_000, `${html.length} bytes`);
  await opened(html, {}, async ({ page }) => {
    const ops = Number(/of (\d+)/.exec(await step(page))![1]);
    assert(ops > 60, `${ops} ops`);
    await page.keyboard.press("Home");
    const seen = new Set<string>();
    for (let op = 0; op <= ops; op++) {
      seen.add(await step(page));
      await page.keyboard.press("ArrowRight");
    }
    assertEquals(seen.size, ops + 1);
    assertMatch(await step(page), new RegExp(`after op ${ops} of ${ops}`));
  });
});

browserTest("the page of a store shows commands and states as JSON, and no record", async () => {
  const html = await pageOf(withoutDirectorySync, lifeOf({ do: "append", bytes: 8 }));
  await opened(html, {}, async ({ page }) => {
    assertEquals(
      await textOf(page, "#records-hint"),
      "1 command owed, 1 applied; what came back is the state after 0 commands. " +
        "Owed means: its durability was promised.",
    );
    const cells = await page.locator("#records .states tbody tr").first().locator("th, td")
      .allInnerTexts();
    assertEquals(cells, ["k1", '"1:ep{GR]"', "missing", "wrong"]);
    const command = await page.locator("#records table").last().locator("tbody th, tbody td")
      .allInnerTexts();
    assertEquals(command, ["1", '{"set":"k1","value":"1:ep{GR]"}', "owed", "lost"]);
    assertStringIncludes(await textOf(page, "#rows"), 'apply command 1: {"set":"k1"');
    const words = (await textOf(page, "body")).replaceAll(/\/log\b/g, "");
    assertEquals(words.match(/.*\b(logs?|records?|appended)\b.*/gi), null);
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowLeft");
    assertMatch(await textOf(page, "#records-hint"), /^0 commands owed, 1 applied\. Recovery must/);
    assertMatch(await textOf(page, "#records .states thead"), /At least, as it was opened/);
  });
});

browserTest("the page of a store tells which part of a command came back", async () => {
  const html = await pageOf(inTwoFiles, lifeOf({ do: "append", bytes: 8 }));
  for (const width of [1280, 400]) {
    await opened(html, { width }, async ({ page }) => {
      assertMatch(await textOf(page, "#records-hint"), /no number of whole commands leads to/);
      const rows = await page.locator("#records .states tbody tr").allInnerTexts();
      assertMatch(rows[0]!, /left\.put\s+missing\s+"1xxxxxxxx"\s+"1xxxxxxxx"\s+wrong/);
      assertMatch(rows[1]!, /right\.put\s+missing\s+"1xxxxxxxx"\s+missing\s+right/);
      const { wide, low } = await page.evaluate(readability);
      assert(wide <= 0, `${wide} pixels stick out`);
      assertEquals(low, []);
      // A table that is wider than its panel would be cut off.
      const cut = await page.evaluate(() => {
        const box = document.getElementById("records")!;
        return box.scrollWidth - box.clientWidth;
      });
      assert(cut <= 0, `${cut} pixels of the tables are cut off`);
    });
  }
});

browserTest("the map tells what an earlier life has left from what was never written", async () => {
  await opened(await pageOf(sparseLog, twoLives), {}, async ({ page }) => {
    assertEquals(
      await page.locator("#lives [aria-pressed=true]").innerText(),
      "After power loss 1",
    );
    const boxes = await page.locator("#map .sector").allInnerTexts();
    const words = boxes.map((text) => text.replace(/\s+/g, " ")).slice(0, 4);
    assertEquals(words, [
      "sector 0 before as before this life",
      "sector 1 never written",
      "sector 2 before as before this life",
      "sector 3 never written",
    ]);
  });
});

browserTest("a file without a name is red where that is a loss, and only there", async () => {
  const { log, shows } = zoo.find(({ id }) => id === "2a")!;
  await opened(await pageOf(log(), shows!), {}, async ({ page }) => {
    assertMatch(await textOf(page, "#map .warning"), /recovery cannot find it/);
  });
  const append = { do: "append", bytes: 8 } as const;
  const three = lifeOf(append, { do: "reopen" }, append, { do: "reopen" }, append);
  await opened(await pageOf(withoutDirectorySync, three), {}, async ({ page }) => {
    await page.keyboard.press("End");
    let gone = 0;
    while (await page.locator("#back").getAttribute("aria-disabled") !== "true") {
      await page.keyboard.press("ArrowLeft");
      if (await textOf(page, "#verdict") !== "Holds") continue;
      assertEquals(await page.locator("#map .warning").count(), 0);
      gone += await page.locator("#map .gone").count();
    }
    assert(gone > 0, "No file was replaced");
  });
});

browserTest("the legend is there without a click, and takes little room", async () => {
  await opened(await pageOf(withoutFsync), {}, async ({ page }) => {
    const { height } = (await page.locator("#legend").boundingBox())!;
    assert(height < 60, `${height} pixels`);
    assertEquals(await page.locator("#legend li").count(), 8);
    for (const item of await page.locator("#legend li").all()) {
      assert(await item.isVisible());
      assertMatch(await item.innerText(), /\w+\s+\w+/);
      assert((await item.getAttribute("title"))!.length > 20);
    }
  });
});

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
