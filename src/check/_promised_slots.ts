/** A log on promised calls for tests: a slot of one sector for each record. What appends is the test's. */
import { type AsyncFileHandle, promised } from "../vfs/promised_file_system.ts";
import type { ShimmedFileSystem } from "../vfs/shimmed_file_system.ts";

/** Bytes of a slot: whether it is full, the length of its record, and the record. */
export const SLOT = 512;

/** What such a log has open. */
export interface PromisedSlots {
  readonly file: AsyncFileHandle;
  readonly records: Uint8Array[];
}

/** Opens it, and reads the slots that are full. */
export async function openSlots(below: ShimmedFileSystem, dir: string): Promise<PromisedSlots> {
  const fs = promised(below);
  const file = await fs.open(`${dir}/log`, { read: true, write: true, create: true });
  const directory = await fs.open(dir);
  await directory.sync();
  await directory.close();
  const records: Uint8Array[] = [];
  const slot = new Uint8Array(SLOT);
  while (await file.read(slot, records.length * SLOT) === SLOT && slot[0] === 1) {
    records.push(slot.slice(2, 2 + slot[1]!));
  }
  await file.truncate(records.length * SLOT);
  await file.sync();
  return { file, records };
}

/** A record as a slot. */
export function slotOf(record: Uint8Array): Uint8Array {
  const slot = new Uint8Array(SLOT);
  slot.set([1, record.length, ...record]);
  return slot;
}
