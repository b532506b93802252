/**
 * Writing a file as a whole from what yields its pieces: `fs.promises.writeFile` takes strings and
 * bytes, and also iterables and streams of them.
 *
 * @module
 */
import { calledFrom, type CallOrigin } from "../call_origin.ts";
import { dataOf, goOnUnless, optionsOf } from "./arguments.ts";

/** What pieces can be written to. */
interface Written {
  write(bytes: Uint8Array): Promise<{ bytesWritten: number }>;
}

type Pieces = Iterable<unknown> | AsyncIterable<unknown>;

/** Whether data come in pieces. */
export function isIterable(data: unknown): data is Pieces {
  if (typeof data !== "object" || data === null || ArrayBuffer.isView(data)) return false;
  return Symbol.iterator in data || Symbol.asyncIterator in data;
}

/** Writes piece after piece, at the cursor; every write comes from where `origin` says. */
export async function writeFileFrom(
  { file, data, options, origin }: {
    readonly file: Written;
    readonly data: Pieces;
    readonly options: unknown;
    readonly origin: CallOrigin | undefined;
  },
): Promise<void> {
  const { encoding, signal } = optionsOf(options);
  for await (const piece of data) {
    let left = dataOf(piece, encoding);
    while (left.length > 0) {
      goOnUnless(signal);
      const part = left;
      const { bytesWritten } = await calledFrom(origin, () => file.write(part));
      left = left.subarray(bytesWritten);
    }
  }
}
