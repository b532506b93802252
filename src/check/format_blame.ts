import type { Blame, BlamedBarrier } from "./blame_document.ts";
import { folderAndName, type SourcePlace } from "./call_place.ts";
import { opOfLife } from "./op_of_life.ts";

/** How a blame is written. */
export interface FormatBlameOptions {
  /** What to call a source file, which is given as a URL. Default: its folder and its name. */
  readonly nameFile?: (file: string) => string;
}

/** Barriers that are named; of more, how many there are besides. */
const MOST = 4;
const WIDTH = 100;
const FIRST = "Fix      ";
const INDENT = "         ";

/**
 * The cause of a finding in a few lines, as they stand in a proof.
 *
 * @param blame What `blame` has found out.
 * @param options How to write it.
 * @returns A few lines, none of which is cut.
 *
 * @example
 * ```ts
 * import { formatBlame } from "../../mod.ts";
 *
 * const reason = "No barrier fixes this: on this disk barriers do nothing.";
 * const others = { hold: 0, of: 0, complete: false };
 * const blame = { kind: "logic", barriers: [], reason, verified: false, others } as const;
 * console.log(formatBlame(blame)); // [ "Fix      No barrier fixes this: on this disk barriers do nothing." ]
 * ```
 */
export function formatBlame(blame: Blame, options: FormatBlameOptions = {}): string[] {
  if (blame.barriers.length === 0) return wrapped(blame.reason);
  const { instead } = blame;
  const named = blame.barriers.slice(0, MOST).map((barrier) => barrierInWords(barrier, options));
  const more = blame.barriers.length - named.length;
  const begin = instead === undefined ? FIRST : `${INDENT}or `;
  const lines = instead === undefined ? [] : [`${FIRST}${instead}`];
  lines.push(...named.map((text, i) => `${i === 0 ? begin : `${INDENT}and `}${text}`));
  if (more > 0) lines.push(`${INDENT}and ${more} more ${more === 1 ? "barrier" : "barriers"}`);
  lines.push(`${INDENT}${evidence(blame)}`, ...furtherCauses(blame, options));
  return lines;
}

/** What is missing besides, where other workloads break the promise all the same. */
function furtherCauses(
  { others: { broken, also } }: Blame,
  options: FormatBlameOptions,
): string[] {
  if (broken === undefined) return [];
  if (also === undefined) return [`${INDENT}What else is missing was not found within the budget.`];
  const named = also.slice(0, MOST).map((barrier) => barrierInWords(barrier, options));
  const more = also.length - named.length;
  if (more > 0) named.push(`${more} more`);
  return [
    `${INDENT}${also.length} more ${also.length === 1 ? "barrier is" : "barriers are"} needed:`,
    ...named.map((text, i) => `${INDENT}${i === 0 ? "" : "and "}${text}`),
    `${INDENT}Checked: with all of them, every workload holds as far as searched.`,
  ];
}

/** For example `after my_log.ts:42:5 (op 3, write "/log/1"), sync the directory "/log"`. */
export function barrierInWords(
  barrier: BlamedBarrier,
  { nameFile = folderAndName }: FormatBlameOptions = {},
): string {
  const { when, call, life, op, place, from, awaited, late, target, on, role } = barrier;
  const words = op === undefined ? call : `${opOfLife(op, life)}, ${call}`;
  const called = place === undefined || from === undefined
    ? ""
    : ` where it is called from ${callerOf(place, from, nameFile)}`;
  const where = place === undefined
    ? words
    : `${nameFile(place.file)}:${place.line}:${place.column}${called} (${words})`;
  const returned = awaited === false ? ", once it has returned (await it)" : "";
  const which = role === "the file used last" ? ", the file used last" : "";
  const pending = late === undefined
    ? ""
    : ` (${
      nameFile(late.file)
    }:${late.line}:${late.column} does, but the log goes on before that is ` +
      "done: await it)";
  return `${when} ${where}${returned}, sync the ${on} "${target}"${which}${pending}`;
}

/** The line of a caller; its file is only named where it is another one. */
function callerOf(
  place: SourcePlace,
  { file, line, column }: SourcePlace,
  nameFile: (file: string) => string,
): string {
  return file === place.file ? `line ${line}` : `${nameFile(file)}:${line}:${column}`;
}

function evidence({ verified, barriers, others, reason }: Blame): string {
  const them = barriers.length === 1 ? "it" : "them";
  if (others.broken !== undefined) {
    return `This is one of several causes: with ${them}, "${others.broken}" still breaks the promise.`;
  }
  if (!verified) return `Not proven: ${reason}`;
  const rest = others.of === 0
    ? ""
    : `, and ${others.hold} other workloads${others.complete ? "" : " as far as searched"}`;
  return `Checked: with ${them}, all crash states of this workload hold${rest}.`;
}

function wrapped(text: string): string[] {
  const lines: string[] = [];
  let line = FIRST;
  for (const word of text.split(" ")) {
    if (line.length + word.length + 1 > WIDTH && line.trim() !== "") {
      lines.push(line.trimEnd());
      line = INDENT;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}
