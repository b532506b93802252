import { replayCommand as replayOf, type SourcePlace } from "../../../mod.ts";
import type { CampaignResult } from "../campaign.ts";
import type { JudgedFinding, Judgement } from "../judge.ts";

/** What a summary tells. */
export interface SummaryOrder {
  /** The module of the log. */
  readonly module: string;
  /** What makes the campaign, in the words that it began with. */
  readonly begin: string;
  /** The command that runs it again. */
  readonly command: string;
  /** What it came to. */
  readonly result: CampaignResult;
  /** Its findings, one for each cause. */
  readonly findings: readonly JudgedFinding[];
  /** What it says of the log. */
  readonly judgement: Judgement;
}

/** Findings that somebody has to look at come first. */
const TURN = { "new": 0, "came back": 1, "still fails": 2, "known": 3 } as const;

/** The findings in the order in which they are shown. */
export function inTurn(findings: readonly JudgedFinding[]): readonly JudgedFinding[] {
  return findings.toSorted((a, b) => TURN[a.news] - TURN[b.news]);
}

/** A place in source code, as editors and terminals read it. */
export function placeWords({ file, line, column }: SourcePlace): string {
  return `${file}:${line}:${column}`;
}

/** The command that replays a document, as a shell takes it. */
export function replayCommand(file: string): string {
  const isPlain = /^[\w./@:+-]+$/.test(file);
  return replayOf(isPlain ? file : `'${file.replaceAll("'", `'\\''`)}'`);
}

/** A number of things, whole and with its thousands set off. */
export function counted(number: number): string {
  return Math.round(number).toLocaleString("en-US");
}

/** Bytes as MiB. */
export function inMebibytes(bytes: number): string {
  return `${counted(bytes / 2 ** 20)} MiB`;
}
