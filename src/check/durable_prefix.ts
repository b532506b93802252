import type { Demands, Known, Oracle } from "./oracle.ts";

/** So many bytes of a record are shown. */
const SHOWN = 8;

/**
 * The oracle of logs: what was recovered must begin with everything that was acked and end within what
 * was issued, and nothing in between may be missing.
 */
export const durablePrefix: Oracle = {
  nothing: [],

  isLegal(recovered, known, demands) {
    for (let front = demands.frontOwed; front <= demands.frontIssued; front++) {
      if (isRun(recovered, known, demands, 0, front)) return true;
    }
    return false;
  },

  explain(recovered, known, demands) {
    const { issued, frontOwed, frontIssued } = demands;
    const places = recovered.map((record) => placeOf(record, known));
    const counts = countsOf(demands, recovered.length);
    const first = places[0];
    if (first !== undefined && first >= 0 && first < frontOwed) {
      return {
        clause: "forgotten record back",
        message: `Record ${first + 1} was durably forgotten, and is there again (${counts})`,
      };
    }
    // Where nothing is there, all that may have been forgotten may have been.
    let place = Math.min(Math.max(first ?? frontIssued, frontOwed), frontIssued);
    for (const [i, record] of recovered.entries()) {
      while (place < issued && known.mayMiss(place) && !sameBytes(record, known.at(place))) place++;
      const expected = place < issued ? known.at(place) : undefined;
      if (expected !== undefined && sameBytes(record, expected)) {
        place++;
        continue;
      }
      const found = places[i]!;
      if (found > place && found < issued) {
        return {
          clause: "hole",
          message: `Record ${place + 1} is missing, but record ${found + 1} is there (${counts})`,
        };
      }
      return {
        clause: expected === undefined ? "back from the dead" : "wrong record",
        message: expected === undefined
          ? `After record ${place} comes a record that was not issued at that moment ` +
            `(${counts}): ${describe(record)}`
          : `Record ${place + 1} should be ${describe(expected)}, but is ` +
            `${found >= 0 ? `record ${found + 1}, ` : ""}${
              differing(record, expected)
            } (${counts})`,
      };
    }
    let missing = place;
    while (known.mayMiss(missing)) missing++;
    const wasShown = missing < known.shown;
    return {
      clause: wasShown ? "shown record lost" : "acked record lost",
      message: wasShown
        ? `Record ${missing + 1} had been shown by an earlier open, and is missing (${counts})`
        : `Record ${missing + 1} was acked, and is missing (${counts})`,
    };
  },
};

/** Whether `recovered` from `i` on is the records from `place` on, up to a legal end. */
function isRun(
  recovered: readonly Uint8Array[],
  known: Known,
  demands: Demands,
  i: number,
  place: number,
): boolean {
  for (; i < recovered.length; i++, place++) {
    if (place >= demands.issued) return false;
    if (known.mayMiss(place) && isRun(recovered, known, demands, i, place + 1)) {
      return true;
    }
    if (!sameBytes(recovered[i]!, known.at(place))) return false;
  }
  for (; place < demands.owed; place++) if (!known.mayMiss(place)) return false;
  return true;
}

function placeOf(record: Uint8Array, known: Known): number {
  for (let place = 0; place < known.places; place++) {
    if (sameBytes(record, known.at(place))) return place;
  }
  return -1;
}

/** Whether two records are equal, byte for byte. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a === b) return true;
  const { length } = a;
  if (length !== b.length) return false;
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** How many records must be there and may be there, without those that are forgotten. */
function countsOf(
  { owed, issued, frontOwed, frontIssued }: Demands,
  recovered: number,
): string {
  const leaving = frontIssued - frontOwed;
  const forgotten = [
    ...frontOwed > 0 ? [`${count(frontOwed)} forgotten`] : [],
    ...leaving > 0 ? [`${leaving} being forgotten`] : [],
  ].map((words) => `, ${words}`).join("");
  return `${count(owed - frontOwed)} owed, ${count(issued - frontOwed)} issued, ` +
    `${count(recovered)} recovered${forgotten}`;
}

function count(records: number): string {
  return records === 1 ? "1 record" : `${records} records`;
}

/** What a record is, where that shows how it differs; else where it differs first. */
function differing(record: Uint8Array, expected: Uint8Array): string {
  const at = record.findIndex((byte, i) => byte !== expected[i]);
  if (record.length !== expected.length || at < SHOWN) return describe(record);
  const [is, should] = [record, expected].map((bytes) => digits(bytes.subarray(at, at + 1)));
  return `${is} in place of ${should} at its byte ${at}`;
}

function digits(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

function describe(record: Uint8Array): string {
  const rest = record.length > SHOWN ? " …" : "";
  const shown = record.length > 0 ? ` [${digits(record.subarray(0, SHOWN))}${rest}]` : "";
  return `${record.length} bytes${shown}`;
}
