/**
 * The streams of an open file.
 *
 * METHOD. Reading gives what is behind the cursor in chunks of 64 KiB. Writing gathers small chunks
 * in a buffer of 64 KiB, as Deno 2.9.6 does (denoland/deno pull request 32676): a chunk that counts as
 * written may not have been handed to the disk yet, and no barrier on the file covers it. The buffer goes to the disk before a chunk that does
 * not fit, and when the stream is closed; then nobody hears of an error. `abort` forgets it. Every
 * end of a stream, be it right or wrong, closes the file.
 *
 * @module
 */

/** The size of chunks that are read, and of the buffer of what is written. */
const CHUNK_BYTES = 65536;

/** What streams need of a file. */
type File = Pick<Deno.FsFile, "read" | "write" | "close" | typeof Symbol.dispose>;

/** Whatever is written has to be bytes. */
type Bytes = Uint8Array | ArrayBuffer | DataView;

/** Reads from the cursor to the end. */
export function readableOf(file: File): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    type: "bytes",
    autoAllocateChunkSize: CHUNK_BYTES,
    async pull(controller) {
      const request = controller.byobRequest!;
      const view = request.view as Uint8Array;
      try {
        const got = await file.read(view);
        if (got !== null) return request.respond(got);
        file[Symbol.dispose]();
        controller.close();
        request.respond(0);
      } catch (error) {
        controller.error(gone(error));
        file[Symbol.dispose]();
      }
    },
    cancel: () => file[Symbol.dispose](),
  });
}

/** Writes from the cursor on. */
export function writableOf(file: File): WritableStream<Uint8Array> {
  const buffer = new Uint8Array(CHUNK_BYTES);
  let length = 0;
  const flush = async () => {
    const gathered = buffer.subarray(0, length);
    length = 0;
    await writeAll(file, gathered);
  };
  return new WritableStream<Uint8Array>({
    async write(chunk: Bytes) {
      const bytes = bytesOf(chunk);
      try {
        if (length + bytes.length > CHUNK_BYTES) await flush();
        if (bytes.length >= CHUNK_BYTES) return await writeAll(file, bytes);
      } catch (error) {
        file[Symbol.dispose]();
        throw gone(error);
      }
      buffer.set(bytes, length);
      length += bytes.length;
    },
    async close() {
      try {
        await flush();
      } catch {
        // The runtime does not tell either.
      } finally {
        file[Symbol.dispose]();
      }
    },
    abort: () => file[Symbol.dispose](),
  }, new ByteLengthQueuingStrategy({ highWaterMark: CHUNK_BYTES }));
}

async function writeAll(file: File, bytes: Uint8Array): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    try {
      const more = await file.write(bytes.subarray(done));
      if (more === 0) throw new Deno.errors.WriteZero("failed to write whole buffer");
      done += more;
    } catch (error) {
      if (!(error instanceof Deno.errors.Interrupted)) throw error;
    }
  }
}

function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  if (ArrayBuffer.isView(chunk)) {
    return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  throw new TypeError("Expected ArrayBuffer or ArrayBufferView for write chunk");
}

/** What a stream says of a file that was closed behind its back. */
function gone(error: unknown): unknown {
  return error instanceof Deno.errors.BadResource
    ? new Deno.errors.BadResource("The stream's underlying resource was closed or consumed")
    : error;
}
