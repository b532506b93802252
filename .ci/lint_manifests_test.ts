import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { parse } from "yaml";
import { faultsOfManifest } from "./lint_manifests.ts";

const FOLDER = new URL("../deploy/kubernetes/", import.meta.url);
const read = (name: string) => Deno.readTextFileSync(new URL(name, FOLDER));

/** A job, as far as it is looked at. */
interface Job {
  readonly spec: {
    readonly completions: number;
    readonly parallelism: number;
    readonly template: { readonly spec: { readonly containers: readonly [Container] } };
  };
}

interface Container {
  readonly args: readonly [script: string];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
}

function containerOf(name: string): Container {
  return (parse(read(name)) as Job).spec.template.spec.containers[0];
}

Deno.test("every manifest is what Kubernetes expects", () => {
  const names = [...Deno.readDirSync(FOLDER)].map(({ name }) => name)
    .filter((name) => name.endsWith(".yaml")).toSorted();
  assertEquals(names, ["campaign.yaml", "merge.yaml", "volume.yaml"]);
  for (const name of names) assertEquals(faultsOfManifest(read(name)), [], name);
});

Deno.test("a manifest that was broken does not pass", () => {
  const broken = [
    ["campaign.yaml", "completionMode:", "completionMod:", `'"completionMod"' does not exist`],
    ["campaign.yaml", "Indexed", "Index", "data/spec/completionMode must be equal to one of"],
    ["campaign.yaml", "completions: 4", 'completions: "4"', "completions must be integer"],
    ["campaign.yaml", "  template:", "  templates:", "must have required property template"],
    ["campaign.yaml", "readOnly: true", "readonly: true", `'"readonly"' does not exist`],
    [
      "campaign.yaml",
      "action: FailIndex",
      "actions: FailIndex",
      "must have required property action",
    ],
    ["campaign.yaml", "kind: Job", "kind: Jobs", '"batch/v1 Jobs" is not known'],
    ["volume.yaml", "[ReadWriteMany]", "ReadWriteMany", "accessModes must be array"],
    ["volume.yaml", "  resources:", " resources:", "All mapping items must start"],
  ] as const;
  for (const [name, from, to, said] of broken) {
    const text = read(name).replace(from, to);
    assert(text !== read(name), `${from} is not in ${name}`);
    assertStringIncludes(faultsOfManifest(text).join("\n"), said);
  }
});

Deno.test("the shards are counted alike wherever they are counted", () => {
  const { spec: { completions, parallelism } } = parse(read("campaign.yaml")) as Job;
  const shards = containerOf("campaign.yaml").env.find(({ name }) => name === "PLUGPULL_SHARDS");
  assertEquals([parallelism, Number(shards!.value)], [completions, completions]);
});

/** How a script ended, and how it called `deno`. */
interface Ending {
  readonly code: number;
  readonly called: readonly string[];
}

/** Runs the script of a container, in a directory in the place of `/`, with a `deno` of our own. */
async function run(name: string, cwd: string, deno: string): Promise<Ending> {
  const script = containerOf(name).args[0].replaceAll(/(?<= |=)\/(?=merged|tmp|data)/g, `${cwd}/`);
  const bin = join(cwd, "bin");
  for (const folder of [bin, join(cwd, ".plugpull"), join(cwd, "tmp")]) {
    Deno.mkdirSync(folder, { recursive: true });
  }
  Deno.writeTextFileSync(join(cwd, "called"), "");
  const program = `#!/bin/sh\necho "$@" >> "${cwd}/called"\n${deno}\n`;
  Deno.writeTextFileSync(join(bin, "deno"), program, { mode: 0o755 });
  const child = new Deno.Command("sh", {
    args: ["-c", script],
    cwd,
    env: {
      PATH: `${bin}:${Deno.env.get("PATH")}`,
      JOB: "000000ff-1111-2222-3333-444455556666",
      JOBS: "4",
      MODULE: "my_log.ts",
      TIME: "8h",
    },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  // A script of "deno" that waits says so, and is told to stop, as Kubernetes does it.
  const waits = join(cwd, "waits");
  const watch = setInterval(() => {
    try {
      Deno.statSync(waits);
    } catch {
      return;
    }
    clearInterval(watch);
    child.kill("SIGTERM");
  }, 20);
  const { code, stderr } = await child.output();
  clearInterval(watch);
  assertEquals(new TextDecoder().decode(stderr), "");
  const called = Deno.readTextFileSync(join(cwd, "called"))
    .replaceAll(`${cwd}/`, "/").trim().split("\n");
  return { code, called };
}

/** A test with a directory of its own. */
function scriptTest(name: string, body: (cwd: string) => Promise<void>): void {
  Deno.test(name, async () => {
    const cwd = Deno.makeTempDirSync({ prefix: "plugpull_" });
    try {
      await body(cwd);
    } finally {
      Deno.removeSync(cwd, { recursive: true });
    }
  });
}

const FUZZ = "run -A fuzz/main.ts fuzz my_log.ts --time 8h --seed 255 --jobs 4 " +
  "--html .plugpull/summary.html";

scriptTest("a shard ends well with a result, also when it has found something", async (cwd) => {
  for (const [status, code] of [[0, 0], [1, 0], [2, 2], [3, 3], [4, 0]] as const) {
    assertEquals((await run("campaign.yaml", cwd, `exit ${status}`)).code, code);
    assertEquals(Deno.readTextFileSync(join(cwd, ".plugpull/status")), `${status}\n`);
  }
});

scriptTest("a shard begins with what was merged, and after its end goes on", async (cwd) => {
  Deno.mkdirSync(join(cwd, "merged/campaigns"), { recursive: true });
  Deno.mkdirSync(join(cwd, ".plugpull"));
  Deno.writeTextFileSync(join(cwd, ".plugpull/begun-of-another-job"), "");
  const first = await run("campaign.yaml", cwd, "exit 1");
  assertEquals(first.called, ["run -A fuzz/main.ts fuzz merge /tmp/merged", FUZZ]);
  const second = await run("campaign.yaml", cwd, "exit 0");
  assertEquals(second.called, [`${FUZZ} --resume`]);
  const left = [...Deno.readDirSync(join(cwd, ".plugpull"))].map(({ name }) => name).toSorted();
  assertEquals(left, ["begun-000000ff-1111-2222-3333-444455556666", "status"]);
});

scriptTest("a shard that is told to stop ends its campaign, and is not done", async (cwd) => {
  const waits = `trap 'echo told >> ${cwd}/called; exit 0' TERM; : > ${cwd}/waits
    while :; do sleep 0.02; done`;
  const { code, called } = await run("campaign.yaml", cwd, waits);
  assertEquals(called, [FUZZ, "told"]);
  assertEquals(code, 143);
});

scriptTest("the merge takes all shards, and fails where one of them has news", async (cwd) => {
  for (const [i, status] of [0, 4, 0].entries()) {
    const shard = join(cwd, `data/shard-${i}`);
    Deno.mkdirSync(shard, { recursive: true });
    Deno.writeTextFileSync(join(shard, "status"), `${status}\n`);
  }
  const merged = await run("merge.yaml", cwd, "exit 1");
  assertEquals(merged.called, [
    "run -A fuzz/main.ts fuzz merge --into /data/merged /data/shard-0 /data/shard-1 /data/shard-2",
  ]);
  assertEquals(merged.code, 0);
  assertEquals((await run("merge.yaml", cwd, "exit 3")).code, 2);
  Deno.writeTextFileSync(join(cwd, "data/shard-1/status"), "1\n");
  assertEquals((await run("merge.yaml", cwd, "exit 0")).code, 1);
});
