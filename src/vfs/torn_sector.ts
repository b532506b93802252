import { POISON } from "./model.ts";

/** How a sector may tear. */
export interface Tearing {
  /** Where in the sector the write begins, in bytes. */
  readonly from: number;
  /** The smallest unit that persists whole, in bytes; 1 for anywhere. */
  readonly tearBytes: number;
  /** Whether bytes outside of the write survive. */
  readonly powersafe: boolean;
}

/**
 * What a sector may hold when the power goes while it is written. Samples of what is possible: the
 * first part new and the rest old, the other way round, and what a controller makes of a write that
 * it gave up: zeros or garbage.
 *
 * @param old The sector before the write.
 * @param written The bytes of the write that fall into the sector.
 * @param tearing Where they fall, and how the sector may tear.
 * @returns The sector in each of these states; none of them equals the old or the new sector.
 */
export function tornSectors(
  old: Uint8Array,
  written: Uint8Array,
  { from, tearBytes, powersafe }: Tearing,
): Uint8Array[] {
  const to = from + written.length;
  const now = old.slice();
  now.set(written, from);
  const torn: Uint8Array[] = [];
  const add = (sector: Uint8Array) => {
    if (![old, now, ...torn].some((other) => isSame(other, sector))) torn.push(sector);
  };
  for (const cut of cutsOf(from, to, tearBytes)) {
    const head = old.slice();
    head.set(now.subarray(0, cut));
    add(head);
    const tail = old.slice();
    tail.set(now.subarray(cut), cut);
    add(tail);
  }
  for (const byte of [0, POISON]) {
    if (tearBytes === 1) add(old.slice().fill(byte, from, to));
    if (!powersafe) add(new Uint8Array(old.length).fill(byte));
  }
  return torn;
}

/** Where a write may be cut: at every unit, or, when that is a byte, in its middle. */
function cutsOf(from: number, to: number, tearBytes: number): number[] {
  if (tearBytes === 1) return to - from < 2 ? [] : [(from + to) >> 1];
  const cuts: number[] = [];
  for (let cut = (Math.floor(from / tearBytes) + 1) * tearBytes; cut < to; cut += tearBytes) {
    cuts.push(cut);
  }
  return cuts;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((byte, i) => byte === b[i]);
}
