import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { parse } from "yaml";
import { faultsOfWorkflow, type Step, type Workflow } from "./lint_workflows.ts";

const FOLDER = new URL("../.github/workflows/", import.meta.url);
const PATH = ".github/workflows/nightly.yml";
const nightly = Deno.readTextFileSync(new URL("nightly.yml", FOLDER));

Deno.test("every workflow passes actionlint and the rules of this project", async () => {
  const names = [...Deno.readDirSync(FOLDER)].map(({ name }) => name);
  assert(names.includes("nightly.yml"));
  for (const name of names) {
    const text = Deno.readTextFileSync(new URL(name, FOLDER));
    assertEquals(await faultsOfWorkflow(text, `.github/workflows/${name}`), []);
  }
});

Deno.test("a workflow that was broken does not pass", async () => {
  const broken: readonly (readonly [from: string | RegExp, to: string, said: string])[] = [
    ["timeout-minutes: 355", "timeout-minuts: 355", 'unexpected key "timeout-minuts"'],
    ["needs: plan\n", "needs: plans\n", "plans"],
    ["23 1 * * *", "23 25 * * *", "invalid CRON"],
    ["matrix.shard }}", "matrix.shards }}", '"shards" is not defined'],
    ["steps.shards.outputs", "steps.shard.outputs", '"shard" is not defined'],
    ["inputs.plugpull-ref", "inputs.plugpull-rev", '"plugpull-rev" is not defined'],
    ["\njobs:", "\njob:", "job"],
    ["contents: read", "contents: write", "expected contents: read"],
    ["    timeout-minutes: 30\n", "", 'the job "merge" has no timeout'],
    [/@[0-9a-f]{40} # v4.3.0/, "@v4", "is not pinned"],
    [" # v4.3.0", "", "does not say its version"],
    ['fuzz "$MODULE"', 'fuzz "${{ inputs.module }}"', "has an expression in it"],
    ["          esac\n", "", "is none"],
  ];
  for (const [from, to, said] of broken) {
    const text = nightly.replace(from, to);
    assert(text !== nightly, `${from} is not in the workflow`);
    assertStringIncludes((await faultsOfWorkflow(text, PATH)).join("\n"), said);
  }
});

/** The steps of a job that have a script. */
function scriptOf(job: string, name: string): string {
  const { jobs } = parse(nightly) as Workflow;
  const { run } = jobs[job]!.steps.find((step: Step) => step.name === name)!;
  return run!;
}

/** How a script of the workflow ended, and what it wrote. */
interface Ending {
  readonly code: number;
  readonly said: string;
  /** What it handed to the other jobs. */
  readonly outputs: string;
  /** What it called `npx` with. */
  readonly called: string;
}

/** Runs a script as GitHub does, in a directory, with an `npx` that ends with `status`. */
function run(
  script: string,
  { cwd, env = {}, status = 0 }: {
    readonly cwd: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly status?: number;
  },
): Ending {
  const bin = join(cwd, "bin");
  Deno.mkdirSync(bin, { recursive: true });
  const npx = `#!/bin/sh\necho "$@" > ${cwd}/called\nexit ${status}\n`;
  Deno.writeTextFileSync(join(bin, "npx"), npx, { mode: 0o755 });
  const [called, outputs] = [join(cwd, "called"), join(cwd, "outputs")];
  for (const file of [called, outputs]) Deno.writeTextFileSync(file, "");
  const { code, stdout, stderr } = new Deno.Command("bash", {
    args: ["-e", "-c", script],
    cwd,
    env: { PATH: `${bin}:${Deno.env.get("PATH")}`, GITHUB_OUTPUT: outputs, ...env },
  }).outputSync();
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  return {
    code,
    said,
    outputs: Deno.readTextFileSync(outputs),
    called: Deno.readTextFileSync(called),
  };
}

/** A test with a directory of its own. */
function scriptTest(name: string, body: (cwd: string) => void): void {
  Deno.test(name, () => {
    const cwd = Deno.makeTempDirSync({ prefix: "plugpull_" });
    try {
      body(cwd);
    } finally {
      Deno.removeSync(cwd, { recursive: true });
    }
  });
}

scriptTest("the plan numbers the shards from 1, and refuses other numbers", (cwd) => {
  const plan = scriptOf("plan", "Number the shards");
  const shards = (SHARDS: string) => run(plan, { cwd, env: { SHARDS } });
  assertEquals(shards("4").outputs, "shards=[1,2,3,4]\n");
  assertEquals(shards("1").outputs, "shards=[1]\n");
  for (const wrong of ["0", "100", "4; echo", ""]) {
    const { code, outputs, said } = shards(wrong);
    assertEquals([code, outputs], [1, ""]);
    assertStringIncludes(said, "::error::shards is");
  }
});

scriptTest("a shard fails when it could not search, not when it has found something", (cwd) => {
  const search = scriptOf("shard", "Search");
  const env = {
    PLUGPULL: "plugpull/",
    PLUGPULL_SHARD: "2/4",
    MODULE: "my log.ts",
    TIME: "5h",
    GITHUB_RUN_NUMBER: "17",
  };
  const codes = [0, 1, 2, 3, 4, 130].map((status) => {
    const { code, said } = run(search, { cwd, env, status });
    assertEquals(Deno.readTextFileSync(join(cwd, ".plugpull/status")), `${status}\n`);
    assertEquals(said.includes("::warning::Shard 2/4 was dull"), status === 4);
    return code;
  });
  assertEquals(codes, [0, 0, 2, 3, 0, 130]);
  assertEquals(
    run(search, { cwd, env }).called,
    "-y deno@2.9.6 run -A plugpull/fuzz/main.ts fuzz my log.ts --time 5h --seed 17 --github " +
      "--html .plugpull/summary.html\n",
  );
});

scriptTest("the merge takes all shards, and fails where one of them has news", (cwd) => {
  const merge = scriptOf("merge", "Merge corpora and findings");
  const judge = scriptOf("merge", "Fail where a shard has found something new");
  const statuses = (...all: readonly number[]) => {
    for (const [i, status] of all.entries()) {
      const shard = join(cwd, `.plugpull/shards/shard-${i + 1}`);
      Deno.mkdirSync(shard, { recursive: true });
      Deno.writeTextFileSync(join(shard, "status"), `${status}\n`);
    }
  };
  statuses(0, 4, 3);
  const env = { PLUGPULL: "" };
  assertEquals(
    run(merge, { cwd, env }).called,
    "-y deno@2.9.6 run -A fuzz/main.ts fuzz merge .plugpull/shards/shard-1 " +
      ".plugpull/shards/shard-2 .plugpull/shards/shard-3\n",
  );
  assertEquals([0, 1, 2, 3].map((status) => run(merge, { cwd, env, status }).code), [0, 0, 2, 3]);
  assertEquals(run(judge, { cwd }).code, 0);
  statuses(1, 11, 1);
  const { code, said } = run(judge, { cwd });
  assertEquals(code, 1);
  assertEquals(said, "::error::New findings, or some that came back, in shard-1, shard-3\n");
});
