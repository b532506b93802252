/**
 * The simulation beside the real thing: Chromium, driven by playwright-core, carries out the same calls
 * on its own origin private file system, in a worker, and must give the same results. Where there is no
 * Chromium this test is ignored.
 *
 * @module
 */
/// <reference lib="dom" />
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Page } from "playwright-core";
import { hasChromium, launchChromium } from "../../../.ci/chromium.ts";
import { SimulatedFileSystem } from "../../vfs/simulated_file_system.ts";
import { carryOut, sequences, SOURCE, type Step } from "./_steps.ts";
import { opfs } from "./opfs.ts";

const RUNS = 300;

const isReady = hasChromium("Chromium's OPFS is not compared");

/** Each sequence has a directory of its own: handles that were removed while open may linger. */
const WORKER = `
${SOURCE}
let runs = 0;
onmessage = async ({ data }) => {
  const top = await navigator.storage.getDirectory();
  const name = "run-" + runs++;
  const root = await top.getDirectoryHandle(name, { create: true });
  postMessage(await carryOut(root, data));
};
`;

const PAGE = `<!doctype html><title>OPFS</title><script>
const worker = new Worker("worker.js");
globalThis.ask = (steps) => new Promise((resolve, reject) => {
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = ({ message }) => reject(new Error(message));
  worker.postMessage(steps);
});
</script>`;

/** A page in a browser of its own, served from this machine. */
async function opened(body: (page: Page) => Promise<void>): Promise<void> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, ({ url }) => {
    const isWorker = new URL(url).pathname === "/worker.js";
    const type = isWorker ? "text/javascript" : "text/html";
    return new Response(isWorker ? WORKER : PAGE, { headers: { "content-type": type } });
  });
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.addr.port}/`);
    await body(page);
  } finally {
    await browser.close();
    await server.shutdown();
  }
}

Deno.test({
  name: "opfs() gives the results of Chromium's file system, on random sequences of calls",
  ignore: !isReady,
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const seen = new Set<string>();
    await opened(async (page) => {
      const ask = (steps: Step[]) =>
        page.evaluate(
          (steps) =>
            (globalThis as unknown as { ask(steps: unknown): Promise<unknown[]> }).ask(steps),
          steps,
        );
      await fc.assert(
        fc.asyncProperty(sequences, async (steps) => {
          const simulated = await carryOut(opfs(new SimulatedFileSystem()), steps);
          for (const [i, result] of simulated.entries()) {
            const kind = typeof result === "string" && result.startsWith("throws")
              ? result
              : "works";
            if (result !== "nothing in this slot") seen.add(`${steps[i]!.do} ${kind}`);
          }
          assertEquals(simulated, await ask(steps));
        }),
        { numRuns: RUNS, seed: 1 },
      );
    });
    for (const outcome of OUTCOMES) assertEquals(seen.has(outcome), true, `Not met: ${outcome}`);
  },
});

/** What the sequences must have met, or they show too little. */
const OUTCOMES = [
  "file throws NotFoundError",
  "file throws TypeMismatchError",
  "directory throws TypeMismatchError",
  "remove works",
  "remove throws InvalidModificationError",
  "remove throws NoModificationAllowedError",
  "remove throws NotFoundError",
  "move works",
  "move throws NoModificationAllowedError",
  "move throws TypeError",
  "open throws NoModificationAllowedError",
  "open throws TypeError",
  "write works",
  "write throws InvalidStateError",
  "write throws NoModificationAllowedError",
  "write throws TypeError",
  "read works",
  "truncate works",
  "flush works",
  "stream works",
  "stream throws NoModificationAllowedError",
  "put works",
  "put throws TypeError",
  "cut works",
  "end works",
];
