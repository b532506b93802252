/**
 * A file system that asks what shall become of each barrier.
 *
 * METHOD. Everything goes to the file system below as it is, except for barriers: `sync`, `syncData`,
 * and the barrier that follows each write of a handle opened with `sync: true`. Such a handle is
 * opened without the option, and its barrier is made here, as a call of its own. So whoever decides
 * sees every barrier, one at a time, before it is made. A call of the promised view takes effect
 * long after the log has made it: its place is noted when it is made.
 *
 * @module
 */
import {
  type FileHandle,
  type FileInfo,
  type FileSystem,
  FileSystemError,
  type OpenOptions,
} from "../vfs/file_system.ts";
import {
  type CompletingFileSystem,
  completion,
  type PendingCall,
} from "../vfs/promised_file_system.ts";
import { type CallOrigin, origin, type PlacedCall } from "../vfs/call_origin.ts";
import { KeptStack, placeOfCall, type SourcePlace } from "./call_place.ts";
import { Shimmed, type ShimmedFileSystem } from "../vfs/shimmed_file_system.ts";

/** The call that is a barrier. A `synchronous write` is one through a handle opened with `sync`. */
export type BarrierCall = "fsync" | "fdatasync" | "synchronous write";

/** A barrier that a log asks for, before it is made. */
export interface AskedBarrier {
  /** The call. */
  readonly call: BarrierCall;
  /** Where the log calls it; for a synchronous write, where the log opens the handle. Costs a stack. */
  place(): SourcePlace;
  /** Whether it is about a directory. */
  isOnDirectory(): boolean;
  /** Makes it. */
  make(): void;
  /** Makes the weaker `fdatasync` instead. */
  makeWeaker(): void;
  /** Leaves it out. Fails as the barrier would when the handle is closed. */
  omit(): void;
  /** Leaves it out for now, and keeps the file open; returns what makes it later. */
  postpone(): () => void;
}

/** Decides what becomes of each barrier of one process. */
export type BarrierGate = (asked: AskedBarrier) => void;

/** See the METHOD above. */
export class BarrierFileSystem extends Shimmed implements ShimmedFileSystem {
  readonly #below: FileSystem;
  readonly #gate: BarrierGate;
  readonly #taking: Taking = { place: undefined };
  /** Takes the calls of the promised view, where the file system below does. */
  readonly [completion]?: (call: PlacedCall) => void;
  /** Takes down where a call is made that takes effect later, or as several. */
  readonly [origin]?: (otherwise?: CallOrigin) => CallOrigin;

  /**
   * Stands before a file system.
   *
   * @param below Where everything goes.
   * @param gate Decides about barriers.
   */
  constructor(below: FileSystem, gate: BarrierGate) {
    super();
    this.#below = below;
    this.#gate = gate;
    if (!(completion in below)) return;
    const completing = below as CompletingFileSystem;
    const take = (call: PlacedCall) =>
      completing[completion](
        call.isBarrier || call.what.startsWith("open ")
          ? this.#placed(call, KeptStack.of(call, take).place)
          : call,
      );
    this[completion] = take;
    const keep = (otherwise?: CallOrigin) => new KeptStack(keep, otherwise as KeptStack);
    this[origin] = keep;
  }

  /** See {@linkcode FileSystem.open}. */
  open(path: string, options: OpenOptions = {}): FileHandle {
    const taking = this.#taking;
    const place = options.sync ? taking.place ?? placeOfCall(this.open) : undefined;
    const below = this.#below.open(path, { ...options, sync: false });
    return new BarrierHandle(below, { ...options, path, place, taking, gate: this.#gate });
  }

  /** A promised call that knows, when it takes effect, where it was made. */
  #placed(call: PendingCall, place: SourcePlace): PendingCall {
    const taking = this.#taking;
    return {
      what: call.what,
      isBarrier: call.isBarrier,
      settle: () => call.settle(),
      takeEffect() {
        taking.place = place;
        try {
          call.takeEffect();
        } finally {
          taking.place = undefined;
        }
      },
    };
  }

  /** See {@linkcode FileSystem.mkdir}. */
  mkdir(path: string): void {
    this.#below.mkdir(path);
  }

  /** See {@linkcode FileSystem.list}. */
  list(path: string): string[] {
    return this.#below.list(path);
  }

  /** See {@linkcode FileSystem.stat}. */
  stat(path: string): FileInfo {
    return this.#below.stat(path);
  }

  /** See {@linkcode FileSystem.rename}. */
  rename(from: string, to: string): void {
    this.#below.rename(from, to);
  }

  /** See {@linkcode FileSystem.link}. */
  link(existing: string, created: string): void {
    this.#below.link(existing, created);
  }

  /** See {@linkcode FileSystem.remove}. */
  remove(path: string): void {
    this.#below.remove(path);
  }
}

/** The promised call that is taking effect: where it was made. */
interface Taking {
  place: SourcePlace | undefined;
}

/** What a handle knows about itself. */
interface Opened extends OpenOptions {
  readonly path: string;
  readonly gate: BarrierGate;
  readonly taking: Taking;
  /** Where it was opened for synchronous writes. */
  readonly place: SourcePlace | undefined;
}

class BarrierHandle implements FileHandle {
  readonly #below: FileHandle;
  readonly #opened: Opened;
  #closed = false;
  /** Barriers that will be made later, and need the file below open. */
  #postponed = 0;

  constructor(below: FileHandle, opened: Opened) {
    this.#below = below;
    this.#opened = opened;
  }

  read(into: Uint8Array, offset: number): number {
    return this.#open("read").read(into, offset);
  }

  write(bytes: Uint8Array, offset?: number): number {
    const written = this.#open("write").write(bytes, offset);
    const { place } = this.#opened;
    if (place !== undefined) this.#ask("synchronous write", () => place);
    return written;
  }

  size(): number {
    return this.#open("size").size();
  }

  truncate(size: number): void {
    this.#open("truncate").truncate(size);
  }

  sync(): void {
    this.#ask("fsync", () => this.#opened.taking.place ?? placeOfCall(this.sync));
  }

  syncData(): void {
    this.#ask("fdatasync", () => this.#opened.taking.place ?? placeOfCall(this.syncData));
  }

  close(): void {
    const below = this.#open("close");
    if (this.#postponed === 0) below.close();
    else requireOpen(below, "close", this.#opened.path);
    this.#closed = true;
  }

  /** The handle below, unless this one is closed: the one below may be open for longer. */
  #open(op: string): FileHandle {
    if (this.#closed) throw new FileSystemError("EBADF", op, this.#opened.path);
    return this.#below;
  }

  #ask(call: BarrierCall, place: () => SourcePlace): void {
    const { path, gate, write, append } = this.#opened;
    const op = call === "fsync" ? "sync" : call === "fdatasync" ? "syncData" : "write";
    const below = this.#open(op);
    const make = () => call === "fsync" ? below.sync() : below.syncData();
    const omit = () => requireOpen(below, op, path);
    gate({
      call,
      place,
      isOnDirectory: () => !write && !append && isDirectory(below),
      make,
      makeWeaker: () => below.syncData(),
      omit,
      postpone: () => {
        omit();
        this.#postponed++;
        return () => {
          make();
          if (--this.#postponed === 0 && this.#closed) below.close();
        };
      },
    });
  }
}

/** Throws `EBADF` when a handle is closed, or its process gone; reads and changes nothing. */
function requireOpen(handle: FileHandle, op: string, path: string): void {
  // A negative size is refused on any open handle, and on a closed one with another error.
  if (errorOf(() => handle.truncate(-1)) === "EBADF") throw new FileSystemError("EBADF", op, path);
}

/** Whether a handle is that of a directory; reads nothing, so that no search forks over it. */
function isDirectory(handle: FileHandle): boolean {
  return errorOf(() => handle.read(NO_BYTES, -1)) === "EISDIR";
}

const NO_BYTES = new Uint8Array(0);

/** Makes a call that fails; returns how. Nobody sees the error, so it needs no stack. */
function errorOf(call: () => unknown): string | undefined {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    call();
  } catch (error) {
    if (error instanceof FileSystemError) return error.code;
    throw error;
  } finally {
    Error.stackTraceLimit = limit;
  }
  return undefined;
}
