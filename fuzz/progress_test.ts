/**
 * Progress: on a terminal, and nowhere else; gone when there is something to read.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { directoryOf, plugpull } from "./_run_plugpull.ts";
import { hasTerminal, onTerminal, screenOf } from "./_terminal.ts";

const NAIVE = new URL("../scenarios/naive_log.ts", import.meta.url).pathname;
const REFERENCE = new URL("../scenarios/reference_log.ts", import.meta.url).pathname;

/** Figures of time, which differ from run to run. */
const withoutTimes = (text: string) => text.replaceAll(/[\d,.]+ ms/g, "? ms");

const CTRL_C = "\x03";

const terminal = { ignore: !hasTerminal };

Deno.test("progress is shown on a terminal, and nothing of it is left", terminal, async () => {
  const [mine, other] = [directoryOf(), directoryOf()];
  const written = await onTerminal(`check ${NAIVE}`, { cwd: mine });
  assert(/␛\[36m. *␛\[39m /u.test(written), "no spinner");
  assert(/check: workload \d+ of \d+|explaining finding \d of \d: \w+/.test(written), written);
  const { stdout, stderr } = await plugpull(other, "check", NAIVE);
  assertEquals(withoutTimes(screenOf(written)), withoutTimes(stdout));
  assertEquals(stderr, "");
});

Deno.test("progress has no colour with NO_COLOR, and is not shown in CI", terminal, async () => {
  const cwd = directoryOf();
  const plain = await onTerminal(`check ${NAIVE}`, { cwd, env: "NO_COLOR=1" });
  assert(/\r?␛\[1G.* check/u.test(plain), plain);
  assert(!/␛\[\d+m/.test(plain), plain);
  for (const quiet of [{ env: "CI=1" }, { env: "TERM=dumb" }]) {
    assert(!/␛\[\d*[GK]/.test(await onTerminal(`check ${NAIVE}`, { cwd, ...quiet })));
  }
  const json = await onTerminal(`check ${NAIVE} --json`, { cwd });
  assertEquals(JSON.parse(json).verdict, "violates");
});

Deno.test(
  "progress does not mind a terminal without a width, or a narrow one",
  terminal,
  async () => {
    const cwd = directoryOf();
    const none = await onTerminal(`check ${NAIVE}`, { cwd, columns: 0 });
    assertStringIncludes(none, " check");
    assert(screenOf(none).startsWith("violates  naive log"), none);
    const narrow = await onTerminal(`check ${NAIVE}`, { cwd, columns: 12 });
    for (const [, frame] of narrow.matchAll(/␛\[39m (check[^␛]*|expl[^␛]*)␛/g)) {
      assert(frame!.length <= 9, frame);
    }
  },
);

Deno.test("progress is gone after an interrupt, and after an error", terminal, async () => {
  const cwd = directoryOf({
    "hangs.ts": `import log from "${REFERENCE}";
      let runs = 0;
      export default { ...log, open(fs, dir) {
        while (++runs > 3000);
        return log.open(fs, dir);
      } };`,
  });
  const ctrlC = { after: "check: workload", keys: CTRL_C };
  const interrupted = screenOf(
    await onTerminal(`check ${REFERENCE} --depth 2`, { cwd, press: ctrlC }),
  );
  assert(
    /^(\^C)?plugpull: Interrupted after \d+ workloads, 0 of which violate\n$/.test(interrupted),
  );
  const failed = screenOf(await onTerminal("check missing.ts", { cwd }));
  assert(failed.startsWith('plugpull: Cannot load "missing.ts"'), failed);
  const hung = await onTerminal("check hangs.ts --hang 1", { cwd });
  assertStringIncludes(hung, "recoveries");
  assert(screenOf(hung).startsWith("plugpull: The log hangs: no run ended for 1 s in"), hung);
});

Deno.test("progress tells how far zoo, scenarios and mutants have come", terminal, async () => {
  const cwd = directoryOf({
    "fixed.ts": `import { allFixes, naiveLog } from "${NAIVE}";
      export default naiveLog(allFixes);`,
  });
  const zoo = await onTerminal("zoo 4 --model posix-ra", { cwd });
  assertStringIncludes(zoo, "zoo: 1 of 1, 4 on posix-ra");
  assert(/explaining finding 1 of 1: (shrinking|other disks|blame)/.test(zoo), zoo);
  const upTo = { after: " of 14, naive/fixed-0-of-6 on ", keys: CTRL_C };
  const scenarios = screenOf(await onTerminal("scenarios naive", { cwd, press: upTo }));
  assertStringIncludes(scenarios, "plugpull: Interrupted after ");
  // The last one takes its time: nobody notices it.
  const press = { after: "mutants: barrier 4 of 4, dropped, ", keys: CTRL_C };
  const mutants = await onTerminal("mutants fixed.ts --only dropped", { cwd, press });
  assert(/mutants: the log itself, workload \d+ of \d+, [\d,]+ recoveries/.test(mutants), mutants);
  assertStringIncludes(screenOf(mutants), "plugpull: Interrupted after 3 mutants");
});
