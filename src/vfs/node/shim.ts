/**
 * `node:fs` put together: each operation in its synchronous, callback and promise form.
 *
 * METHOD. An operation is run on the process that is current when the call is made, and stays with
 * it. Whatever Node has and this has not is a function that refuses to work, so that what Node adds
 * some day is refused, too, and never reaches the real disk.
 *
 * @module
 */
import real from "node:fs";
import { promisify } from "node:util";
import { invalidType, notSimulated } from "./argument_error.ts";
import { pathOf, timeOf } from "./arguments.ts";
import * as descriptors from "./descriptor_operations.ts";
import { Dir, opendir } from "./directory.ts";
import { FileHandle } from "./file_handle.ts";
import type { NodeProcess } from "./node_process.ts";
import { CONSTANTS } from "./open_flags.ts";
import * as paths from "./path_operations.ts";
import { BigIntStats, Dirent, Stats } from "./stats.ts";
import { type Operation, promiseOf, runLater, runNow } from "./step.ts";
import { streamsOver } from "./streams.ts";
import { cp } from "./copied_tree.ts";
import * as trees from "./tree_operations.ts";
import * as files from "./whole_file_operations.ts";
import { isIterable, writeFileFrom } from "./written_chunks.ts";

/** Where calls go. */
export interface Host {
  /** The process that makes the calls. */
  readonly current: NodeProcess;
}

/** A module, as its exports by name. */
export type Exports = Record<string, unknown>;

type Operator = (process: NodeProcess, ...args: unknown[]) => Operation<unknown>;
type Callback = (error: unknown, ...values: unknown[]) => void;

/** What has all three forms, under the same name. */
const OPERATIONS = {
  access: paths.access,
  appendFile: files.appendFile,
  chmod: paths.chmod,
  chown: paths.chown,
  copyFile: files.copyFile,
  cp,
  lchown: paths.lchown,
  link: paths.link,
  lstat: paths.lstat,
  lutimes: paths.lutimes,
  mkdir: trees.mkdir,
  mkdtemp: trees.mkdtemp,
  opendir,
  readFile: files.readFile,
  readdir: trees.readdir,
  readlink: paths.readlink,
  rename: paths.rename,
  rm: trees.rm,
  rmdir: trees.rmdir,
  stat: paths.stat,
  truncate: files.truncate,
  unlink: paths.unlink,
  utimes: paths.utimes,
  writeFile: files.writeFile,
} as Readonly<Record<string, Operator>>;

/** What is about the number of an open file, so that the promise form has handles instead. */
const ON_NUMBERS = {
  close: descriptors.close,
  fchmod: descriptors.fchmod,
  fchown: descriptors.fchown,
  fdatasync: descriptors.fdatasync,
  fstat: descriptors.fstat,
  fsync: descriptors.fsync,
  ftruncate: descriptors.ftruncate,
  futimes: descriptors.futimes,
  open: descriptors.open,
} as Readonly<Record<string, Operator>>;

/** Of these, the callback gets the number of bytes and the buffer, and the caller the number. */
const TRANSFERS = {
  read: [descriptors.read, "bytesRead", "buffer"],
  readv: [descriptors.readv, "bytesRead", "buffers"],
  write: [descriptors.write, "bytesWritten", "buffer"],
  writev: [descriptors.writev, "bytesWritten", "buffers"],
} as unknown as Readonly<Record<string, readonly [Operator, string, string]>>;

/** The module, with calls that go to the current process of the host. */
export function shimOver(host: Host): Exports {
  const shim: Exports = {};
  const { ReadStream, WriteStream } = streamsOver(() => shim);
  for (const [name, operator] of Object.entries({ ...OPERATIONS, ...ON_NUMBERS })) {
    shim[`${name}Sync`] = syncForm(host, operator);
    shim[name] = callbackForm(host, operator);
  }
  shim.close = closeForm(host);
  for (const [name, [operator, count, buffer]] of Object.entries(TRANSFERS)) {
    shim[`${name}Sync`] = (...args: unknown[]) =>
      (runNow(operator(host.current, ...args)) as Exports)[count];
    shim[name] = transferForm(host, operator, [count, buffer]);
  }
  Object.assign(shim, existsForms(host), realpathForms(host));
  const streams = {
    read: (path: unknown, options?: unknown) => new ReadStream(path, options),
    write: (path: unknown, options?: unknown) => new WriteStream(path, options),
  };
  Object.assign(shim, {
    createReadStream: streams.read,
    createWriteStream: streams.write,
    ReadStream,
    WriteStream,
    FileReadStream: ReadStream,
    FileWriteStream: WriteStream,
    Stats,
    BigIntStats,
    Dirent,
    Dir,
    constants: CONSTANTS,
    F_OK: CONSTANTS.F_OK,
    R_OK: CONSTANTS.R_OK,
    W_OK: CONSTANTS.W_OK,
    X_OK: CONSTANTS.X_OK,
    _toUnixTimestamp: (time: unknown) => timeOf(time) / 1000,
    promises: promisesOver(host, streams),
  });
  return refuseRest(shim, real, "fs");
}

/** Fills in a refusal for each function of the real module that is missing. */
function refuseRest(shim: Exports, module: object, prefix: string): Exports {
  for (const [name, value] of Object.entries(module)) {
    if (name in shim) continue;
    shim[name] = typeof value !== "function" ? undefined : function () {
      throw notSimulated(`${prefix}.${name}`);
    };
  }
  return shim;
}

function syncForm(host: Host, operator: Operator) {
  return (...args: unknown[]) => runNow(operator(host.current, ...args));
}

/** Takes the callback out of the arguments: the last function among them. */
function callbackAmong(args: unknown[]): Callback {
  const at = args.findLastIndex((arg) => typeof arg === "function");
  if (at < 0) throw invalidType("cb", "of type function", args.at(-1));
  const [callback] = args.splice(at);
  return callback as Callback;
}

function callbackForm(host: Host, operator: Operator) {
  return (...args: unknown[]) => {
    const callback = callbackAmong(args);
    callLater(host.current, operator, { args, callback });
  };
}

function callLater(
  process: NodeProcess,
  operator: Operator,
  { args, callback }: { readonly args: unknown[]; readonly callback: Callback },
): void {
  runLater(process.fs, operator(process, ...args), (error, value) => {
    if (error !== undefined) callback(error);
    else if (value === undefined) callback(null);
    else callback(null, value);
  });
}

/** Closing needs no callback; then its failure is nobody's. */
function closeForm(host: Host) {
  return (fd: unknown, callback: unknown = rethrow) => {
    if (typeof callback !== "function") throw invalidType("cb", "of type function", callback);
    const args = [fd];
    callLater(host.current, descriptors.close, { args, callback: callback as Callback });
  };
}

function rethrow(error: unknown): void {
  if (error !== null) throw error;
}

function transferForm(host: Host, operator: Operator, [count, buffer]: [string, string]) {
  const form = (...args: unknown[]) => {
    const callback = callbackAmong(args);
    const process = host.current;
    runLater(process.fs, operator(process, ...args), (error, value) => {
      if (error !== undefined) return callback(error, 0, args[1]);
      const done = value as Exports;
      callback(null, done[count], done[buffer]);
    });
  };
  return customised(form, (...args) => {
    const process = host.current;
    return promiseOf(process.fs, operator(process, ...args));
  });
}

/** Gives a function the promise form that `util.promisify` makes of it. */
function customised<F extends object>(form: F, promised: (...args: unknown[]) => unknown): F {
  return Object.defineProperty(form, promisify.custom, { value: promised, configurable: true });
}

/** Its callback gets the answer alone. */
function existsForms(host: Host): Exports {
  const exists = (path: unknown, callback: unknown) => {
    if (typeof callback !== "function") throw invalidType("cb", "of type function", callback);
    const process = host.current;
    runLater(process.fs, paths.exists(process, path), (_error, value) => callback(value ?? false));
  };
  const promised = (path: unknown) => {
    const process = host.current;
    return promiseOf(process.fs, paths.exists(process, path));
  };
  return {
    exists: customised(exists, promised),
    existsSync: (path: unknown) => runNow(paths.exists(host.current, path)),
  };
}

/** They have a native form beside them. */
function realpathForms(host: Host): Exports {
  const [native, names] = [paths.realpath as Operator, paths.realpathOfNames as Operator];
  return {
    realpath: Object.assign(callbackForm(host, names), { native: callbackForm(host, native) }),
    realpathSync: Object.assign(syncForm(host, names), { native: syncForm(host, native) }),
  };
}

/** The module `node:fs/promises`. */
function promisesOver(
  host: Host,
  streams: ConstructorParameters<typeof FileHandle>[2],
): Exports {
  const promises: Exports = { constants: CONSTANTS };
  const truncate: Operator = (process, path, length) =>
    files.truncate(process, pathOf(path), length);
  const operations = { ...OPERATIONS, truncate, realpath: paths.realpath as Operator };
  for (const [name, operator] of Object.entries(operations)) {
    promises[name] = async (...args: unknown[]) => {
      const process = host.current;
      const operation = operator(process, ...args);
      // Open files are handles here, and never numbers.
      if (typeof args[0] === "number") pathOf(args[0]);
      return await promiseOf(process.fs, operation);
    };
  }
  const open = async (path: unknown, flags?: unknown, mode?: unknown) => {
    const process = host.current;
    const fd = await promiseOf(process.fs, descriptors.open(process, path, flags, mode));
    return new FileHandle(process, fd, streams);
  };
  return refuseRest(
    Object.assign(promises, { open }, onHandles(promises, open)),
    real.promises,
    "fs.promises",
  );
}

/** The calls that take a handle in place of a path. */
function onHandles(
  promises: Exports,
  open: (path: unknown, flags?: unknown, mode?: unknown) => Promise<FileHandle>,
): Exports {
  const { readFile, writeFile } = promises as Record<
    string,
    (...args: unknown[]) => Promise<unknown>
  >;
  const { appendFile } = promises as Record<string, (...args: unknown[]) => Promise<unknown>>;
  return {
    readFile: (file: unknown, options?: unknown) =>
      file instanceof FileHandle ? file.readFile(options) : readFile!(file, options),
    appendFile: (file: unknown, data: unknown, options?: unknown) =>
      file instanceof FileHandle
        ? file.appendFile(data, options)
        : appendFile!(file, data, options),
    writeFile: async (file: unknown, data: unknown, options?: unknown): Promise<unknown> => {
      if (file instanceof FileHandle) return await file.writeFile(data, options);
      if (!isIterable(data)) return await writeFile!(file, data, options);
      const { flag = "w", mode, flush } = (options ?? {}) as Exports;
      const handle = await open(file, flag, mode);
      try {
        await writeFileFrom({ file: handle, data, options });
        if (flush === true) await handle.sync();
      } finally {
        await handle.close();
      }
      return undefined;
    },
  };
}
