import { fromFileUrl, relative } from "@std/path";
import type { Blame, BlamedBarrier, Counterexample, SourcePlace } from "../mod.ts";

/**
 * A finding whose places in source code are paths from the working directory: a document names no
 * machine, and is the same on all of them.
 *
 * @param found The finding.
 * @returns The same finding.
 */
export function withRelativePlaces(found: Counterexample): Counterexample {
  if (found.blame === undefined) return found;
  const { barriers, others, reason, instead, places } = found.blame;
  const also = others.also?.map(fromHere);
  const blame: Blame = {
    ...found.blame,
    barriers: barriers.map(fromHere),
    reason: inWords(reason, places),
    ...(instead !== undefined && { instead: inWords(instead, places) }),
    ...(places && { places: places.map(relativePlace) }),
    others: { ...others, ...(also && { also }) },
  };
  return { ...found, blame };
}

/** Words that name places by the ends of their URLs. */
function inWords(words: string, places: readonly SourcePlace[] = []): string {
  let named = words;
  for (const file of new Set(places.map(({ file }) => file))) {
    const short = file.split("/").slice(-2).join("/");
    const path = pathFromHere(file);
    if (path !== file) named = named.replaceAll(`${short}:`, `${path}:`);
  }
  return named;
}

function fromHere({ place, from, late, ...barrier }: BlamedBarrier): BlamedBarrier {
  return {
    ...barrier,
    ...(place && { place: relativePlace(place) }),
    ...(from && { from: relativePlace(from) }),
    ...(late && { late: relativePlace(late) }),
  };
}

function relativePlace(place: SourcePlace): SourcePlace {
  return { ...place, file: pathFromHere(place.file) };
}

function pathFromHere(file: string): string {
  return file.startsWith("file:") ? relative(Deno.cwd(), fromFileUrl(file)) : file;
}
