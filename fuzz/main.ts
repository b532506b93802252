/**
 * The command line. Exit status: 0 holds, 1 violates, 2 bad usage or bad input, 3 harness broken,
 * 4 not measured.
 *
 * @module
 */
import { CommanderError, Option } from "commander";
import { models } from "../mod.ts";
import { check, checkBuiltIn } from "./check_command.ts";
import { dump } from "./dump_command.ts";
import {
  campaignFlags,
  diskFlags,
  drawnDiskFlags,
  faultFlags,
  FlaggedCommand,
  githubFlag,
  hangFlag,
  htmlFlag,
  jsonFlag,
  searchFlags,
  summaryFlag,
} from "./flags.ts";
import { fuzz } from "./fuzz_command.ts";
import { init, templates } from "./init_command.ts";
import { noteKnown } from "./known_command.ts";
import { litmus } from "./litmus_command.ts";
import { showModels } from "./models_command.ts";
import { merge } from "./merge_command.ts";
import { mutants } from "./mutants_command.ts";
import { complain } from "./options.ts";
import { replay } from "./replay_command.ts";
import { scenarios } from "./scenarios_command.ts";
import { zoo } from "./zoo_command.ts";

const program = new FlaggedCommand("plugpull")
  .description("Pulls the plug on a write-ahead log, in every way a disk may lose data.")
  .exitOverride()
  .configureOutput({ writeErr: (text) => console.error(text.trimEnd()) })
  .addHelpText(
    "after",
    [
      examples("check", "check my_log.ts", "replay .plugpull/findings/naive-log-1f2e3d4c.json"),
      "\nExit status: 0 holds, 1 violates, 2 bad input, 3 harness broken, 4 not measured.",
    ].join("\n"),
  );

program.command("init").argument("<module>", "the file to write")
  .description("write a module to begin with: a check of it holds")
  .addOption(
    new Option("--as <kind>", "what it is about").choices(Object.keys(templates)).default("log"),
  )
  .addHelpText("after", examples("init my_log.ts", "init my_store.ts --as store"))
  .action((module: string, options) => {
    Deno.exitCode = init(module, options);
  });

program.command("check").argument("[module]", "module whose default export is a log or a store")
  .description("check a log exhaustively; without a module, the reference log and the naive log")
  .addFlags(...diskFlags, ...faultFlags, ...searchFlags, hangFlag, htmlFlag, jsonFlag, githubFlag)
  .addHelpText(
    "after",
    examples(
      "check",
      "check my_log.ts",
      "check my_log.ts --model posix --json",
      "check my_log.ts --html finding.html",
      "check my_log.ts --call-faults 1",
      "check my_log.ts --faults 'write 3: ENOSPC; sync 1: EIO'",
    ),
  )
  .action(async (module: string | undefined, options) => {
    Deno.exitCode = module === undefined
      ? await checkBuiltIn(options)
      : await check(module, options);
  });

program.command("replay").argument("<file>", "a counterexample, as JSON, or a file .incident")
  .description("run the crash of a counterexample, or the run of an incident, again")
  .addFlags(hangFlag, htmlFlag, jsonFlag)
  .addHelpText(
    "after",
    examples(
      "replay .plugpull/findings/naive-log-1f2e3d4c.json",
      "replay .plugpull/findings/naive-log-1f2e3d4c.json --html finding.html",
    ),
  )
  .action(async (file: string, options) => {
    Deno.exitCode = await replay(file, options);
  });

program.command("dump").argument("<path>", "a segment of the reference log, or its directory")
  .description("print a log record by record, also a damaged one")
  .addHelpText("after", examples("dump my_data/log"))
  .action((path: string) => {
    Deno.exitCode = dump(path);
  });

program.command("scenarios").argument("[name]", "one scenario, or the beginning of several")
  .description("run the catalogue and compare each verdict with the expected one")
  .addFlags(jsonFlag)
  .addHelpText("after", examples("scenarios", "scenarios naive", "scenarios postgres"))
  .action(async (name: string | undefined, options) => {
    Deno.exitCode = await scenarios(name, options);
  });

program.command("litmus").argument("[id]", "one litmus test, or the beginning of several")
  .description("run small programs and compare what a crash can do with what it may do")
  .addOption(
    new Option("--model <name>", "one persistence model. Default: all").choices(
      Object.keys(models),
    ),
  )
  .addFlags(jsonFlag)
  .addHelpText("after", examples("litmus", "litmus ARVR", "litmus REN --model btrfs"))
  .action(async (id: string | undefined, options) => {
    Deno.exitCode = await litmus(id, options);
  });

program.command("models").argument("[name]", "one persistence model")
  .description("print what each persistence model promises, and where that is documented")
  .addFlags(jsonFlag)
  .addHelpText("after", examples("models", "models xfs"))
  .action((name: string | undefined, options) => {
    Deno.exitCode = showModels(name, options);
  });

const fuzzing = program.command("fuzz").argument("<module>", "module with a log or a store")
  .description("run a campaign: random workloads, faults and disks, for as long as you like")
  .addFlags(...drawnDiskFlags, ...campaignFlags, hangFlag, summaryFlag, githubFlag)
  .addHelpText(
    "after",
    [
      examples(
        "fuzz my_log.ts",
        "fuzz my_log.ts --time 8h",
        "fuzz my_log.ts --time 8h --resume",
        "fuzz my_log.ts --runs 100000 --seed 7 --shard 2/4",
        "fuzz merge shard-1/.plugpull shard-2/.plugpull",
        "fuzz known .plugpull/findings/naive-log-1f2e3d4c.json",
      ),
      "\nExit status: 0 nothing new, 1 a new finding or one that came back, 2 bad input,",
      "3 harness broken (a run does not repeat itself, the canary was not found),",
      "4 not measured: it was dull, something that it should have seen was never reached.",
    ].join("\n"),
  )
  .action(async (module: string, options, command) => {
    Deno.exitCode = await fuzz(module, options, command);
  });

fuzzing.command("merge").argument("<directories...>", "directories .plugpull of other machines")
  .description("put corpora and findings of several machines together")
  .addOption(new Option("--into <directory>", "where to").default(".plugpull"))
  .addFlags(jsonFlag, githubFlag)
  .action((directories: string[], options) => {
    Deno.exitCode = merge(directories, options);
  });

fuzzing.command("bench").description(
  "see how fast rare planted bugs are found: guided, random, exhaustive",
)
  .helpOption(false).allowUnknownOption().allowExcessArguments()
  .action(async () => {
    const path = "./campaign/bench/bench.ts";
    const { bench }: typeof import("./campaign/bench/bench.ts") = await import(path);
    Deno.exitCode = await bench(Deno.args.slice(2));
  });

fuzzing.command("known").argument("<files...>", "counterexamples, as JSON")
  .description("note findings as known: a campaign goes on past them")
  .addOption(new Option("--fixed", "they are fixed by now, and must not come back"))
  .action((files: string[], options) => {
    Deno.exitCode = noteKnown(files, options);
  });

program.command("mutants").argument("<module>", "module whose default export is a log under test")
  .description("change each barrier of a log in turn, and report which nobody would miss")
  .addFlags(...diskFlags, ...faultFlags, ...searchFlags, hangFlag, jsonFlag)
  .addOption(
    new Option("--only <mutation>", "what is done to each barrier. Default: all three")
      .choices(["dropped", "delayed", "weakened"]),
  )
  .addHelpText(
    "after",
    [
      examples("mutants my_log.ts", "mutants my_log.ts --only dropped --json"),
      "\nExit status: 0 every deleted barrier is noticed, 1 one is not (or the log violates),",
      "2 bad input, 3 harness broken, 4 not measured.",
    ].join("\n"),
  )
  .action(async (module: string, options) => {
    Deno.exitCode = await mutants(module, options);
  });

program.command("zoo").argument("[id]", "one entry, or the beginning of several")
  .description("check the planted mistakes and the sound logs beside them")
  .addOption(
    new Option("--model <name>", "one persistence model. Default: all that an entry names")
      .choices(Object.keys(models)),
  )
  .addFlags(jsonFlag)
  .addHelpText(
    "after",
    [
      examples("zoo", "zoo 13a", "zoo --model xfs"),
      "\nExit status: 0 all as expected, 1 otherwise, 2 bad input, 3 harness broken.",
    ].join("\n"),
  )
  .action(async (id: string | undefined, options) => {
    Deno.exitCode = await zoo(id, options);
  });

function examples(...lines: string[]): string {
  return ["", "Examples:", ...lines.map((line) => `  deno task ${line}`)].join("\n");
}

try {
  await program.parseAsync(Deno.args, { from: "user" });
} catch (error) {
  if (error instanceof CommanderError) Deno.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    complain(describeFailure(error));
    Deno.exitCode = 3;
  }
}
// Not left to the event loop: a log that does not end may still hold the thread of its worker.
Deno.exit();

/** What the operating system refuses is told in a line; anything else is a mistake made here. */
function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return /\(os error \d+\)/.test(error.message)
    ? error.message
    : `Internal error, please report it: ${error.stack}`;
}
