/**
 * The options that several commands share, and how their values are read.
 *
 * @module
 */
import { Command, InvalidArgumentError, Option } from "commander";
import { mediaFaultKinds, models, parseFaultPlan } from "../mod.ts";

/** The longest time that a timer can wait, about 23 days. */
const TIMER_MS_MAX = 2_000_000_000;

/** A command that takes several options at once. */
export class FlaggedCommand extends Command {
  override createCommand(name: string): FlaggedCommand {
    return new FlaggedCommand(name);
  }

  /** Adds options. */
  addFlags(...flags: readonly Option[]): this {
    for (const flag of flags) this.addOption(flag);
    return this;
  }
}

/** What kind of disk it is; where it is drawn, the help says so. */
const disk = ({ isDrawn }: { readonly isDrawn: boolean }): readonly Option[] =>
  [
    new Option("--model <name>", "persistence model of the disk")
      .choices(Object.keys(models)).default("posix-ra", isDrawn ? "drawn" : undefined),
    new Option("--sector <bytes>", "size of a sector").choices(["512", "4096"])
      .default("512", isDrawn ? "drawn" : undefined),
    new Option("--stale-tail", "bytes past the persisted size stay on the media"),
    new Option("--stale-sectors", "sectors that were not written out may show garbage"),
    new Option("--no-stale-sectors", "they read as zeros. Default: as the model has it"),
    new Option(
      "--no-dioread-nolock",
      "ext4-ordered: new blocks are written before they are allocated",
    ),
    new Option("--tear <bytes>", "unit of a sector that persists whole; the smaller, the slower")
      .choices(["512", "256", "128", "64", "32", "16", "8", "4", "2", "1"]),
    new Option("--no-powersafe-overwrite", "a write cut short may take its whole sector along"),
    new Option("--lying-barriers", "barriers return and force nothing"),
    new Option(
      "--capacity <bytes>",
      `how many bytes the disk holds, in blocks of 4096. Default: ${
        isDrawn ? "drawn" : "any number"
      }`,
    )
      .argParser(wholeNumber),
  ].map((flag) => flag.helpGroup("The disk:"));

/** The disk of a command that needs to know it. */
export const diskFlags: readonly Option[] = disk({ isDrawn: false });

/** The disk of a campaign, which draws what is left open. */
export const drawnDiskFlags: readonly Option[] = disk({ isDrawn: true });

/** What goes wrong besides the power. */
export const faultFlags: readonly Option[] = [
  new Option("--call-faults <number>", "most calls that fail in a run. Default: none")
    .choices(["1", "2"]),
  new Option("--faults <plan>", "calls of the first life that fail").argParser(faultPlan),
  new Option("--media-faults <kinds>", `"all", or some of ${mediaFaultKinds.map(dashed).join()}`)
    .argParser(mediaFaults),
].map((flag) => flag.helpGroup("What goes wrong besides the power:"));

/** How far the search goes. */
export const searchFlags: readonly Option[] = [
  new Option("--depth <losses>", "power losses that may hit a recovery: 0 to 9. Default: 1")
    .choices(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]),
  new Option(
    "--schedules <number>",
    "most orders of what happens at once in a workload. Default: 128",
  )
    .argParser(wholeNumber),
  new Option("--budget <recoveries>", "most recoveries for each workload. Default: 50000 × depth")
    .argParser(wholeNumber),
  new Option("--seed <number>", "seed of everything that is drawn. Default: 1")
    .argParser(wholeNumber),
].map((flag) => flag.helpGroup("The search:"));

/** How a campaign is run. */
export const campaignFlags: readonly Option[] = [
  new Option("--time <duration>", "most time, as 90s, 10m or 8h").argParser(duration),
  new Option(
    "--runs <number>",
    "most runs over all shards. Default: 1000, or any number with --time",
  )
    .argParser(wholeNumber),
  new Option("--seed <number>", "seed of everything that is drawn. Default: drawn itself")
    .argParser(wholeNumber),
  new Option("--jobs <number>", "processes. Default: as many as there are processors")
    .argParser(count),
  new Option(
    "--shard <i/n>",
    "which of how many machines, as 2/4. Default: PLUGPULL_SHARD, or 1/1",
  ),
  new Option(
    "--queue <url>",
    "share the runs through Redis with all who say the same, as redis://host:6379",
  ),
  new Option("--resume", "go on where the last campaign of this module stopped"),
  new Option("--mode <mode>", "vary what led somewhere new, or draw each run from nothing")
    .choices(["guided", "random"]).default("guided"),
  new Option("--no-faults", "no call fails"),
  new Option("--depth <losses>", "power losses that may hit a recovery. Default: drawn")
    .choices(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]),
  new Option("--budget <recoveries>", "most recoveries of a run. Default: drawn").argParser(count),
  new Option("--media-faults <kinds>", `"all", or some of ${mediaFaultKinds.map(dashed).join()}`)
    .argParser(mediaFaults),
  new Option("--no-canary", "do not also look for a known bug, to see that bugs are found"),
  new Option("--json", "print JSON, one object a line, and nothing else"),
].map((flag) => flag.helpGroup("The campaign:"));

/** How long a log may be silent. */
export const hangFlag: Option = new Option("--hang <seconds>", "how long a log may be silent")
  .argParser(seconds).default(10);

/** JSON instead of text. */
export const jsonFlag: Option = new Option("--json", "print one JSON object and nothing else");

/** A page to look at. */
export const htmlFlag: Option = new Option(
  "--html <file>",
  "also write a page that shows the finding",
);

/** A page to look at, of a campaign. */
export const summaryFlag: Option = new Option(
  "--html <file>",
  "also write a page that shows how it went",
);

/** What GitHub shows beside the source. */
export const githubFlag: Option = new Option(
  "--github",
  "also print findings as GitHub annotations of the source",
);

/** Reads a whole number. */
export function wholeNumber(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number)) return number;
  throw new InvalidArgumentError("Expected a whole number from 0.");
}

/** Reads a whole number that is not 0. */
function count(text: string): number {
  const number = wholeNumber(text);
  if (number > 0) return number;
  throw new InvalidArgumentError("Expected a whole number from 1.");
}

/** Reads a duration; returns milliseconds. */
export function duration(text: string): number {
  const [, number, unit] = /^(\d+)(s|m|h)$/.exec(text) ?? [];
  if (number === undefined) throw new InvalidArgumentError("Expected a duration such as 90s.");
  const ms = Number(number) * { s: 1_000, m: 60_000, h: 3_600_000 }[unit as "s" | "m" | "h"];
  if (ms > TIMER_MS_MAX) throw new InvalidArgumentError("Expected at most 555h.");
  return ms;
}

function seconds(text: string): number {
  const number = wholeNumber(text);
  if (number >= 1 && number * 1000 <= TIMER_MS_MAX) return number;
  throw new InvalidArgumentError("Expected from 1 to 2000000 seconds.");
}

function dashed(kind: string): string {
  return kind.replaceAll(" ", "-");
}

function mediaFaults(text: string): readonly string[] {
  if (text === "all") return mediaFaultKinds;
  return text.split(",").map((word) => {
    const kind = mediaFaultKinds.find((kind) => dashed(kind) === word.trim());
    if (kind !== undefined) return kind;
    throw new InvalidArgumentError(
      `Expected "all", or some of ${mediaFaultKinds.map(dashed).join()}.`,
    );
  });
}

function faultPlan(text: string): string {
  try {
    parseFaultPlan(text);
    return text;
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}
