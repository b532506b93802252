import type { Counterexample } from "../check/counterexample.ts";
import type { KeptVersion } from "../check/reenact.ts";
import type { FileList } from "./page_cells.ts";
import type { PageMoment } from "./page_model.ts";
import { visible } from "./visible.ts";

/** Of each moment, only the files that differ from the moment before. */
export function sparse(moments: readonly (PageMoment | null)[]): (PageMoment | null)[] {
  const before = new Map<number, string>();
  return moments.map((moment) => {
    if (moment === null) return null;
    const files = moment.files.filter((file) => {
      const same = before.get(file[0]) === file.join();
      before.set(file[0], file.join());
      return !same;
    });
    return { ...moment, files };
  });
}

/** What is wrong with sectors, which the life that reads them finds out. */
export function damageIn(
  kept: readonly KeptVersion[],
  life: number,
  { inodes, crash }: {
    readonly inodes: FileList;
    readonly crash: Counterexample["crash"];
  },
): PageMoment["damage"] {
  return kept.flatMap((one) => {
    const file = inodes.find(one.inode);
    if (one.cell !== "damage" || one.life !== life + 1 || file === undefined) return [];
    const words = crash.kept.find((other) =>
      other.cell === "damage" && other.inode === one.inode && other.place === one.place &&
      other.life === one.life
    );
    if (words !== undefined && words.version !== one.version) return [];
    return [[file, Number(one.place), visible(words?.holds ?? "damaged")] as const];
  });
}
