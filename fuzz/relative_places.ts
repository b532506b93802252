import { fromFileUrl, relative } from "@std/path";
import type { Counterexample } from "../mod.ts";

/**
 * A finding whose places in source code are paths from the working directory: a document names no
 * machine, and is the same on all of them.
 *
 * @param found The finding.
 * @returns The same finding.
 */
export function withRelativePlaces(found: Counterexample): Counterexample {
  if (found.blame === undefined) return found;
  const barriers = found.blame.barriers.map((barrier) =>
    barrier.place?.file.startsWith("file:")
      ? { ...barrier, place: { ...barrier.place, file: fromHere(barrier.place.file) } }
      : barrier
  );
  return { ...found, blame: { ...found.blame, barriers } };
}

function fromHere(url: string): string {
  return relative(Deno.cwd(), fromFileUrl(url));
}
