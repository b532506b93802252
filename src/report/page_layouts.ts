import { termsOf } from "../check/store.ts";
import type { DecodedPiece, LogUnderTest } from "../check/subject.ts";
import type { Disk } from "../vfs/disk.ts";
import type { PagePiece } from "./page_model.ts";
import { visible } from "./visible.ts";

/** Longer files are not taken apart. */
const BYTES_MAX = 2 ** 22;
/** Of more pieces in a file, the first are shown. */
const PIECES_MAX = 2000;
const LABEL_CHARS_MAX = 120;

/** Files taken apart by the log's own decoder; what is the same is kept once. */
export class Layouts {
  /** The distinct layouts. */
  readonly layouts: PagePiece[][] = [];
  /** The words in them. */
  readonly labels: string[] = [];
  readonly #log: LogUnderTest;
  readonly #ids = new Map<string, number>();
  readonly #labelIds = new Map<string, number>();
  /** Of each file, what it held when it was last asked for. */
  readonly #last = new Map<number, { readonly bytes: Uint8Array; readonly layout: number }>();

  /** Starts with nothing. */
  constructor(log: LogUnderTest) {
    this.#log = log;
  }

  /**
   * Takes a file apart.
   *
   * @param disk The disk, after a crash.
   * @param inode The file.
   * @param path Its path.
   * @returns The place of the layout in the list, -1 for none.
   */
  of(disk: Disk, inode: number, path: string): number {
    const bytes = new Uint8Array(Math.min(disk.size(inode), BYTES_MAX + 1));
    // Read in any case: the page shows what the disk decides then.
    const read = disk.read(inode, bytes, 0);
    if (this.#log.decode === undefined || read < bytes.length || read > BYTES_MAX) return -1;
    const last = this.#last.get(inode);
    if (last !== undefined && sameBytes(last.bytes, bytes)) return last.layout;
    const layout = this.#add(this.#piecesOf(path, bytes));
    this.#last.set(inode, { bytes, layout });
    return layout;
  }

  #piecesOf(path: string, bytes: Uint8Array): PagePiece[] {
    const pieces: PagePiece[] = [];
    try {
      let told = 0;
      for (const piece of this.#log.decode!(path, bytes.slice())) {
        // A decoder that stays where it is would never end.
        if (++told > PIECES_MAX) break;
        if (isPlaced(piece, bytes.length)) {
          pieces.push([piece.offset, piece.length, this.#labelId(piece.label), piece.ok ? 1 : 0]);
        }
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const label = this.#labelId(
        `the decoder of the ${termsOf(this.#log).subject} failed: ${reason}`,
      );
      return bytes.length === 0 ? [] : [[0, bytes.length, label, 0]];
    }
    return pieces.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  }

  #add(pieces: PagePiece[]): number {
    const key = JSON.stringify(pieces);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    this.#ids.set(key, this.layouts.length);
    return this.layouts.push(pieces) - 1;
  }

  #labelId(text: string): number {
    const label = visible(String(text)).slice(0, LABEL_CHARS_MAX);
    const known = this.#labelIds.get(label);
    if (known !== undefined) return known;
    this.#labelIds.set(label, this.labels.length);
    return this.labels.push(label) - 1;
  }
}

function isPlaced({ offset, length }: DecodedPiece, size: number): boolean {
  return Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 &&
    length > 0 && offset + length <= size;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
