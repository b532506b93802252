/**
 * The simplest sound frame, and one file of them. Logs of the zoo that are about something else
 * than frames build on it.
 *
 * METHOD. A frame is the length of the payload (u32, little endian), a CRC-32 over length and
 * payload (u32), and the payload. A run of zeros is no frame: the CRC of four zero bytes is not 0.
 * Frames follow each other without gaps. The first one that does not check ends the file: whatever
 * is there was never acked. It is cut, and the cut is synced, before anything is appended.
 *
 * @module
 */
import CRC32 from "crc-32";
import { type FileHandle, type FileSystem, syncDirectory, writeFully } from "../../mod.ts";

const HEADER_BYTES = 8;

/** The valid frames at the start of a file, and where they end. */
export interface Scan {
  /** The payloads, oldest first. */
  readonly payloads: Uint8Array[];
  /** The offset behind the last valid frame. */
  readonly endBytes: number;
}

/** A file of frames, open for appending. */
export interface FrameFile extends Scan {
  /** Open for reading and writing. */
  readonly file: FileHandle;
}

/** Which bytes {@linkcode readBytes} reads. */
export interface ByteRange {
  /** Where the range starts, in bytes from the start of the file. */
  readonly offset: number;
  /** How many bytes it has. */
  readonly length: number;
}

/**
 * Reads a range of a file, going on after short reads.
 *
 * @param file An open handle.
 * @param range The bytes wanted.
 * @returns The bytes: fewer than wanted where the file ends earlier.
 */
export function readBytes(file: FileHandle, range: ByteRange): Uint8Array {
  const bytes = new Uint8Array(range.length);
  let done = 0;
  while (done < range.length) {
    const more = file.read(bytes.subarray(done), range.offset + done);
    if (more === 0) break;
    done += more;
  }
  return bytes.subarray(0, done);
}

/**
 * The number stored in four bytes, little endian.
 *
 * @param bytes Where it is stored.
 * @param offset Of its first byte.
 * @returns The number, 0 to 2³² − 1.
 */
export function readU32(bytes: Uint8Array, offset: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(offset, true);
}

/**
 * Numbers as bytes, four each, little endian.
 *
 * @param numbers Each 0 to 2³² − 1.
 * @returns Their bytes.
 */
export function u32Bytes(...numbers: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(numbers.length * 4));
  for (const [i, number] of numbers.entries()) view.setUint32(i * 4, number, true);
  return new Uint8Array(view.buffer);
}

/**
 * Puts byte arrays one after another.
 *
 * @param parts The arrays, in order.
 * @returns One array.
 */
export function joinBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/**
 * The CRC-32 of some byte arrays, as if they were one.
 *
 * @param parts What the checksum covers, in order.
 * @returns The checksum, 0 to 2³² − 1.
 */
export function checksum(...parts: readonly Uint8Array[]): number {
  return parts.reduce((crc, part) => CRC32.buf(part, crc), 0) >>> 0;
}

/**
 * One payload as a frame.
 *
 * @param payload What the frame carries.
 * @returns The bytes of the frame.
 */
export function encodeFrame(payload: Uint8Array): Uint8Array {
  const length = u32Bytes(payload.length);
  return joinBytes(length, u32Bytes(checksum(length, payload)), payload);
}

/**
 * Reads frames from the start of a file up to the first one that does not check.
 *
 * @param file Open for reading.
 * @returns The payloads and where they end.
 */
export function readFrames(file: FileHandle): Scan {
  const payloads: Uint8Array[] = [];
  let offset = 0;
  for (;;) {
    const header = readBytes(file, { offset, length: HEADER_BYTES });
    if (header.length < HEADER_BYTES) break;
    const length = readU32(header, 0);
    if (offset + HEADER_BYTES + length > file.size()) break;
    const payload = readBytes(file, { offset: offset + HEADER_BYTES, length });
    if (checksum(header.subarray(0, 4), payload) !== readU32(header, 4)) break;
    payloads.push(payload);
    offset += HEADER_BYTES + length;
  }
  return { payloads, endBytes: offset };
}

/**
 * Opens a file of frames: creates it when it is missing, cuts a torn tail, and makes everything it
 * returns durable, the name included.
 *
 * @param fs The disk.
 * @param path The file, in a directory that exists.
 * @returns The open file and its frames.
 */
export function openFrameFile(fs: FileSystem, path: string): FrameFile {
  const file = fs.open(path, { read: true, write: true, create: true });
  const scan = readFrames(file);
  if (file.size() > scan.endBytes) file.truncate(scan.endBytes);
  file.sync();
  syncDirectory(fs, path.slice(0, path.lastIndexOf("/")));
  return { file, ...scan };
}

/**
 * Replaces a file so that a crash leaves the old content or the new, never anything else: new
 * file, barrier, rename, barrier on the directory.
 *
 * @param fs The disk.
 * @param path The file, which need not exist yet.
 * @param bytes The new content.
 */
export function replaceFile(fs: FileSystem, path: string, bytes: Uint8Array): void {
  const draft = `${path}.tmp`;
  const file = fs.open(draft, { write: true, create: true, truncate: true });
  writeFully(file, bytes, 0);
  file.sync();
  file.close();
  fs.rename(draft, path);
  syncDirectory(fs, path.slice(0, path.lastIndexOf("/")));
}
