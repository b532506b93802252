import type { Blame, BlamedBarrier } from "./blame_document.ts";

/** How a blame is written. */
export interface FormatBlameOptions {
  /** What to call a source file, which is given as a URL. Default: its folder and its name. */
  readonly nameFile?: (file: string) => string;
}

/** Barriers that are named; of more, how many there are besides. */
const MOST = 2;
const WIDTH = 100;
const FIRST = "Fix      ";
const INDENT = "         ";

/**
 * The cause of a finding in a few lines, as they stand in a proof.
 *
 * @param blame What `blame` has found out.
 * @param options How to write it.
 * @returns At most four lines.
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
  if (blame.barriers.length === 0) return wrapped(blame.reason).slice(0, 4);
  const named = blame.barriers.slice(0, MOST).map((barrier) => sentence(barrier, options));
  const more = blame.barriers.length - named.length;
  const lines = named.map((text, i) => `${i === 0 ? FIRST : `${INDENT}and `}${text}`);
  if (more > 0) lines.push(`${INDENT}and ${more} more ${more === 1 ? "barrier" : "barriers"}`);
  lines.push(`${INDENT}${evidence(blame)}`);
  return lines;
}

/** For example `after my_log.ts:42:5 (op 3, write "/log/1"), sync the directory "/log"`. */
function sentence(
  barrier: BlamedBarrier,
  { nameFile = folderAndName }: FormatBlameOptions,
): string {
  const { when, call, op, place, target, on, role } = barrier;
  const words = op === undefined ? call : `op ${op}, ${call}`;
  const where = place === undefined
    ? words
    : `${nameFile(place.file)}:${place.line}:${place.column} (${words})`;
  const which = role === "the file used last" ? ", the file used last" : "";
  return `${when} ${where}, sync the ${on} "${target}"${which}`;
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

function folderAndName(file: string): string {
  return file.split("/").slice(-2).join("/");
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
