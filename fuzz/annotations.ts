/**
 * Findings as GitHub shows them beside the source: one `::error` line each.
 *
 * @module
 */
import { fromFileUrl, relative } from "@std/path";
import { type Counterexample, formatBlame, replayCommand } from "../mod.ts";

/** A place in source code. */
interface Place {
  readonly file: string;
  readonly line: number;
  readonly column?: number;
}

/**
 * A finding as an annotation: on the source line that is to blame, else on the module.
 *
 * @param found The finding.
 * @param place The source line, where one is known.
 * @param file Where the finding was written, where it was.
 * @returns One line for the standard output of a workflow.
 */
export function annotationOf(
  found: Counterexample,
  place: Place | undefined,
  file: string | undefined,
): string {
  const { subject, verdict } = found;
  const path = pathOf(place?.file ?? subject.module ?? "");
  const properties = [
    ...path === "" ? [] : [`file=${inProperty(path)}`],
    `line=${place?.line ?? 1}`,
    ...place?.column === undefined ? [] : [`col=${place.column}`],
    `title=${inProperty(`${subject.name}: ${verdict.clause}`)}`,
  ];
  const fix = found.blame === undefined
    ? ""
    : `\n${formatBlame(found.blame).map(unpadded).join("\n")}`;
  const replay = `${fix}${file === undefined ? "" : `\nReplay: ${replayCommand(file)}`}`;
  return `::error ${properties.join(",")}::${inMessage(`${verdict.message}${replay}`)}`;
}

/** A line of a proof without its margin. */
function unpadded(line: string): string {
  return line.trim().replace(/^(\w+) {2,}/, "$1: ");
}

/** Paths are relative to where the command was started: the root of a checkout. */
function pathOf(file: string): string {
  return file.startsWith("file:") ? relative(Deno.cwd(), fromFileUrl(file)) : file;
}

/** What would end the line, or what is escaped itself, is escaped. */
function inMessage(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function inProperty(text: string): string {
  return inMessage(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
