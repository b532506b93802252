import { fromFileUrl, relative } from "@std/path";
import type { BlamedBarrier, Counterexample, SourcePlace } from "../mod.ts";

/**
 * A finding whose places in source code are paths from the working directory: a document names no
 * machine, and is the same on all of them.
 *
 * @param found The finding.
 * @returns The same finding.
 */
export function withRelativePlaces(found: Counterexample): Counterexample {
  if (found.blame === undefined) return found;
  const { barriers, others } = found.blame;
  const also = others.also?.map(fromHere);
  return {
    ...found,
    blame: {
      ...found.blame,
      barriers: barriers.map(fromHere),
      others: { ...others, ...(also && { also }) },
    },
  };
}

function fromHere({ place, from, ...barrier }: BlamedBarrier): BlamedBarrier {
  return {
    ...barrier,
    ...(place && { place: relativePlace(place) }),
    ...(from && { from: relativePlace(from) }),
  };
}

function relativePlace(place: SourcePlace): SourcePlace {
  const { file } = place;
  return file.startsWith("file:")
    ? { ...place, file: relative(Deno.cwd(), fromFileUrl(file)) }
    : place;
}
