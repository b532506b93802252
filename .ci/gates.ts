/**
 * Runs every gate, one after the other, and goes on after a failure. Prints one line for each gate,
 * all that a failed gate said, and at the end the numbers of tests. A gate that fails without a
 * failing test counts as one failure, so that the last line never looks better than the exit status.
 *
 * @module
 */

/** A command that must succeed. */
interface Gate {
  readonly name: string;
  /** Arguments for `deno`. */
  readonly args: readonly string[];
  /** Its summary holds the numbers of tests. */
  readonly hasTests?: true;
}

const GATES: readonly Gate[] = [
  { name: "format", args: ["fmt", "--check"] },
  { name: "lint", args: ["lint"] },
  { name: "types", args: ["check"] },
  { name: "docs", args: ["doc", "--lint", "mod.ts"] },
  { name: "tests, examples, layers", args: ["test", "-A", "--doc", "--parallel"], hasTests: true },
  { name: "publish", args: ["publish", "--dry-run", "--allow-dirty"] },
];

interface Outcome {
  readonly ok: boolean;
  readonly passed: number;
  readonly failed: number;
  readonly output: string;
}

async function run({ args, hasTests }: Gate): Promise<Outcome> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  const output = decoder.decode(stdout) + decoder.decode(stderr);
  const tests = hasTests ? countTests(output) : { passed: 0, failed: 0 };
  const ok = success && tests.failed === 0 && (!hasTests || tests.passed > 0);
  return { ok, passed: tests.passed, failed: tests.failed || (ok ? 0 : 1), output };
}

/** Reads the summary of `deno test`: `ok | 12 passed (3 steps) | 0 failed (1s)`. */
function countTests(output: string): { passed: number; failed: number } {
  const [, passed, failed] = /\| (\d+) passed.*\| (\d+) failed/.exec(output) ?? [];
  return { passed: Number(passed ?? 0), failed: Number(failed ?? 0) };
}

if (import.meta.main) {
  let [passed, failed] = [0, 0];
  const complaints: string[] = [];
  for (const gate of GATES) {
    const start = performance.now();
    const outcome = await run(gate);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    const tests = gate.hasTests ? `   ${outcome.passed} passed, ${outcome.failed} failed` : "";
    console.log(
      `${outcome.ok ? "ok    " : "FAILED"} ${gate.name.padEnd(24)}${seconds.padStart(6)} s${tests}`,
    );
    passed += outcome.passed;
    failed += outcome.failed;
    if (!outcome.ok) {
      complaints.push(`\n-- ${gate.name}: deno ${gate.args.join(" ")}\n`, outcome.output);
    }
  }
  if (complaints.length > 0) console.log(complaints.join("\n"));
  console.log(`${passed} passed, ${failed} failed`);
  if (failed > 0) Deno.exit(1);
}
