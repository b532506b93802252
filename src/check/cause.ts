import type { Counterexample } from "./counterexample.ts";

/**
 * What two findings have in common that have the same cause: the rule that is broken, and the places
 * where barriers are missing; else the places that the blame names, as those of calls whose failure the
 * log does not cope with; or what was lost, as long as nothing is blamed. Numbers in paths do not
 * count: every segment of a log is a file like the others.
 *
 * @param counterexample The finding.
 * @returns A key to compare.
 */
export function causeOf({ verdict, crash, blame }: Counterexample): string {
  if (blame !== undefined && blame.barriers.length > 0) {
    const missing = blame.barriers.map(({ when, call, place, from, role }) =>
      [
        when,
        place === undefined ? call : `${place.file}:${place.line}`,
        ...from === undefined ? [] : [`${from.file}:${from.line}`],
        role,
      ].join(" ")
    );
    return [verdict.clause, ...missing.toSorted()].join("; ");
  }
  if (blame?.places !== undefined && blame.places.length > 0) {
    const places = blame.places.map(({ file, line }) => `${file}:${line}`);
    return [verdict.clause, blame.kind, ...new Set(places.toSorted())].join("; ");
  }
  const lost = crash.kept
    .filter(({ version, newest }) => version < newest)
    .map(({ cell, holds }) => `${cell} ${pathIn(holds).replaceAll(/\d+/g, "#")}`);
  return [verdict.clause, ...new Set(lost.toSorted())].join("; ");
}

/** The path, or for a name the name, that the words about a cell begin with. */
function pathIn(holds: string): string {
  return /"(.*?)"/s.exec(holds)?.[1] ?? "";
}
