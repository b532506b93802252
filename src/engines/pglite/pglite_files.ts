/**
 * The files of PostgreSQL on a {@linkcode FileSystem}.
 *
 * METHOD. PGlite hands every call of a file to its `BaseFilesystem`, but a barrier: without one, fsync
 * does nothing. So the barrier is put among the calls of its streams, of which all files and directories
 * share one set. What the clock, the generator of random numbers and the timers of the process say is
 * replaced, too: the same calls on the same files make the same writes, and nothing that a server has
 * left behind goes on after it.
 *
 * @module
 */
import {
  type ErrorCode,
  type FileHandle,
  type FileInfo,
  type FileSystem,
  FileSystemError,
} from "../../vfs/file_system.ts";
import { writeFully } from "../../vfs/write_fully.ts";
import type { PgliteModule, PgliteParts } from "./pglite_parts.ts";

/** The numbers that Emscripten has for errors. */
const ERRNO: Readonly<Record<ErrorCode, number>> = {
  EBADF: 8,
  EEXIST: 20,
  EINTR: 27,
  EINVAL: 28,
  EIO: 29,
  EISDIR: 31,
  EMFILE: 33,
  ENOENT: 44,
  ENOSPC: 51,
  ENOTDIR: 54,
  ENOTEMPTY: 55,
  EPERM: 63,
  EROFS: 69,
};

/** When every server starts: 2000-01-01. */
const START_MS = 946_684_800_000;

/** A node of a file or directory, in the tables of Emscripten. */
interface Node {
  readonly name: string;
  readonly parent: Node;
}

/** An open file, in the tables of Emscripten; a directory has no `nfd`. */
interface Stream {
  readonly node: Node;
  readonly nfd?: number;
}

/** What all nodes of a file system share. */
interface Shared {
  readonly stream_ops: { fsync?: (stream: Stream) => number };
}

/** Memory, as it is handed over: of all the process, and in three disguises. */
type Memory = ArrayBuffer | ArrayBufferView;

/**
 * Makes the file system that a server is started with.
 *
 * @param parts The package.
 * @param fs Where its files are: the root directory is the data directory.
 * @returns What PGlite takes as its option `fs`.
 */
export function pgliteFiles({ BaseFilesystem, PGlite }: PgliteParts, fs: FileSystem): object {
  const handles = new Map<number, FileHandle>();
  let last = 0;

  class Files extends BaseFilesystem {
    override async init(server: object, options: PgliteModule) {
      const made = await super.init(server, options);
      const { emscriptenOpts } = made;
      const { instantiateWasm, preRun } = emscriptenOpts;
      if (instantiateWasm === undefined || preRun === undefined) {
        throw new Error(
          "Cannot start PGlite: it has neither instantiateWasm nor preRun, expected both as in 0.5.16",
        );
      }
      emscriptenOpts.instantiateWasm = (imports, onSuccess) => {
        makeDeterministic(imports, emscriptenOpts.wasmMemory!);
        return instantiateWasm(imports, onSuccess);
      };
      preRun.push(({ FS }) => {
        const { stream_ops } = FS.lookupPath(PGlite.paths.PGDATA).node as Shared;
        stream_ops.fsync = (stream) => attempt(() => sync(stream));
      });
      return made;
    }

    open(path: string): number {
      const handle = attempt(() => fs.open(path, { read: true, write: true }));
      handles.set(++last, handle);
      return last;
    }

    close(file: number): void {
      attempt(() => handles.get(file)?.close());
      handles.delete(file);
    }

    read(file: number, into: Memory, offset: number, length: number, position: number): number {
      return attempt(() => handleOf(file).read(bytesOf(into, offset, length), position));
    }

    write(file: number, from: Memory, offset: number, length: number, position: number): number {
      return attempt(() => handleOf(file).write(bytesOf(from, offset, length), position));
    }

    fstat(file: number): object {
      return attempt(() => statOf({ kind: "file", size: handleOf(file).size(), inode: 0 }));
    }

    lstat(path: string): object {
      return attempt(() => statOf(fs.stat(rooted(path))));
    }

    readdir(path: string): string[] {
      return attempt(() => [".", "..", ...fs.list(rooted(path))]);
    }

    mkdir(path: string): void {
      attempt(() => fs.mkdir(path));
    }

    rmdir(path: string): void {
      attempt(() => fs.remove(path));
    }

    unlink(path: string): void {
      attempt(() => fs.remove(path));
    }

    rename(from: string, to: string): void {
      attempt(() => fs.rename(from, to));
    }

    truncate(path: string, length = 0): void {
      attempt(() => {
        const handle = fs.open(path, { write: true });
        handle.truncate(length);
        handle.close();
      });
    }

    writeFile(path: string, data: string | Uint8Array): void {
      attempt(() => {
        const handle = fs.open(path, { write: true, create: true, truncate: true });
        const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
        if (bytes.length > 0) writeFully(handle, bytes, 0);
        handle.close();
      });
    }

    /** Permissions are not simulated. */
    chmod(): void {}

    /** Times of files are not simulated. */
    utimes(): void {}
  }

  function handleOf(file: number): FileHandle {
    const handle = handles.get(file);
    if (handle === undefined) throw new FileSystemError("EBADF", "use", `file ${file}`);
    return handle;
  }

  function sync({ node, nfd }: Stream): number {
    if (nfd !== undefined) handleOf(nfd).sync();
    else {
      const directory = fs.open(pathOf(node));
      directory.sync();
      directory.close();
    }
    return 0;
  }

  return new Files();
}

/** Makes a call; an error gets the number that Emscripten wants. */
function attempt<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    throw Object.assign(new Error(error.message, { cause: error }), { code: ERRNO[error.code] });
  }
}

/** The root directory has no name. */
function rooted(path: string): string {
  return path === "" ? "/" : path;
}

function pathOf(node: Node): string {
  const names: string[] = [];
  for (let at = node; at.parent !== at; at = at.parent) names.unshift(at.name);
  return `/${names.join("/")}`;
}

function bytesOf(memory: Memory, offset: number, length: number): Uint8Array {
  return memory instanceof ArrayBuffer
    ? new Uint8Array(memory, offset, length)
    : new Uint8Array(memory.buffer, memory.byteOffset + offset, length);
}

function statOf({ kind, size, inode }: FileInfo): object {
  return {
    dev: 0,
    ino: inode,
    mode: kind === "file" ? 0o100600 : 0o40700,
    nlink: 1,
    uid: 0,
    gid: 0,
    rdev: 0,
    size,
    blksize: 4096,
    blocks: Math.ceil(size / 512),
    atime: START_MS,
    mtime: START_MS,
    ctime: START_MS,
  };
}

/** Time goes on by a millisecond whenever it is asked for, and nothing happens by itself. */
function makeDeterministic(imports: WebAssembly.Imports, memory: WebAssembly.Memory): void {
  let ms = 0;
  let random = 1;
  Object.assign(imports.env!, {
    emscripten_date_now: () => START_MS + ms++,
    emscripten_get_now: () => ms++,
    _setitimer_js: () => 0,
  });
  Object.assign(imports.wasi_snapshot_preview1!, {
    clock_time_get: (_clock: number, _precision: bigint, pointer: number) => {
      const now = BigInt(START_MS + ms++) * 1_000_000n;
      new DataView(memory.buffer).setBigUint64(pointer >>> 0, now, true);
      return 0;
    },
    random_get: (pointer: number, length: number) => {
      const bytes = new Uint8Array(memory.buffer, pointer >>> 0, length);
      for (let i = 0; i < length; i++) {
        random = Math.imul(random, 0x41c64e6d) + 12345 >>> 0;
        bytes[i] = random >>> 16;
      }
      return 0;
    },
  });
}
