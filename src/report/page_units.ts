import type { PageCell, PageMoment } from "./page_model.ts";

/** What is merged: the cells of a life, and the moments that refer to them. */
interface CellsAndMoments {
  readonly cells: readonly PageCell[];
  readonly moments: readonly (PageMoment | null)[];
}

/**
 * Where sectors may tear, a cell is a part of a sector, of a single byte at worst. Neighbours with the
 * same history and the same fate, at every crash point that is shown, become one cell of the page.
 *
 * @param life The cells and the moments of a life.
 * @param perSector How many cells make a sector.
 * @returns The same with as few cells as tell all.
 */
export function mergeUnits(
  { cells, moments }: CellsAndMoments,
  perSector: number,
): CellsAndMoments {
  if (perSector === 1) return { cells, moments };
  const fates = cells.map(() => [] as string[]);
  for (const [point, moment] of moments.entries()) {
    for (const [cell, version] of moment?.kept ?? []) fates[cell]!.push(`${point}:${version}`);
    for (const [file, place] of moment?.damage ?? []) {
      const cell = cells.findIndex((cell) =>
        cell.kind === "sector" && cell.file === file && cell.place === place
      );
      if (cell >= 0) fates[cell]!.push(`${point}:damaged`);
    }
  }
  const order = cells.keys().toArray().sort((a, b) => byPlace(cells[a]!, cells[b]!));
  const merged: PageCell[] = [];
  const now = new Map<number, number>();
  let [before, known] = ["", -2];
  for (const index of order) {
    const { kind, file, place, made, until, flavour } = cells[index]!;
    const sector = kind === "sector" ? Math.floor(Number(place) / perSector) : -1;
    const key = [kind, file, sector, made, until, flavour, fates[index]].join(";");
    const isNext = kind === "sector" && key === before && known + 1 === place;
    if (isNext) {
      const last = merged.at(-1)!;
      merged[merged.length - 1] = { ...last, span: last.span + 1 };
    } else merged.push(cells[index]!);
    now.set(index, merged.length - 1);
    [before, known] = [key, Number(place)];
  }
  return {
    cells: merged,
    moments: moments.map((moment) => {
      if (moment === null) return null;
      const kept = new Map(moment.kept.map(([cell, version]) => [now.get(cell)!, version]));
      return { ...moment, kept: [...kept] };
    }),
  };
}

/** Names and sizes as they come; units by file and place. */
function byPlace(a: PageCell, b: PageCell): number {
  if (a.kind !== "sector" || b.kind !== "sector") {
    return Number(a.kind === "sector") - Number(b.kind === "sector");
  }
  return a.file - b.file || Number(a.place) - Number(b.place);
}
