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
import { invalidType } from "./argument_error.ts";
import { timeOf } from "./arguments.ts";
import * as descriptors from "./descriptor_operations.ts";
import { Dir } from "./directory.ts";
import type { StreamMaker } from "./file_handle.ts";
import type { NodeProcess } from "./node_process.ts";
import { CONSTANTS } from "./open_flags.ts";
import { type Exports, type Host, OPERATIONS, type Operator, refusals } from "./operations.ts";
import * as paths from "./path_operations.ts";
import { promisesOver } from "./promises_shim.ts";
import { BigIntStats, Dirent, Stats } from "./stats.ts";
import { promiseOf, runLater, runNow } from "./step.ts";
import { type Streams, streamsOver } from "./streams.ts";

type Callback = (error: unknown, ...values: unknown[]) => void;

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

/** The names of the forms; a shim is made for every simulated process, and must cost little. */
const FORMS = Object.entries({ ...OPERATIONS, ...ON_NUMBERS }).map(([name, operator]) => ({
  name,
  sync: `${name}Sync`,
  operator,
}));

const FORMS_OF_TRANSFERS = Object.entries(TRANSFERS).map(([name, [operator, count, buffer]]) => ({
  name,
  sync: `${name}Sync`,
  operator,
  count,
  buffer,
}));

/** What is the same in every shim; what Node has besides is refused. */
const SHARED: Exports = {
  ...refusals(real, "fs"),
  ...Object.fromEntries(["F_OK", "R_OK", "W_OK", "X_OK"].map((name) => [name, CONSTANTS[name]])),
  Stats,
  BigIntStats,
  Dirent,
  Dir,
  constants: CONSTANTS,
  _toUnixTimestamp: (time: unknown) => timeOf(time) / 1000,
};

/** The module, with calls that go to the current process of the host. */
export function shimOver(host: Host): Exports {
  const shim: Exports = { ...SHARED };
  for (const { name, sync, operator } of FORMS) {
    shim[sync] = syncForm(host, operator);
    shim[name] = callbackForm(host, operator);
  }
  shim.close = closeForm(host);
  for (const { name, sync, operator, count, buffer } of FORMS_OF_TRANSFERS) {
    shim[sync] = (...args: unknown[]) =>
      (runNow(operator(host.current, ...args)) as Exports)[count];
    shim[name] = transferForm(host, operator, [count, buffer]);
  }
  Object.assign(shim, existsForms(host), realpathForms(host));
  let streams: Streams | undefined;
  const classes = () => streams ??= streamsOver(() => shim);
  const makers: StreamMaker = {
    read: (path, options) => new (classes().ReadStream)(path, options),
    write: (path, options) => new (classes().WriteStream)(path, options),
  };
  shim.createReadStream = makers.read;
  shim.createWriteStream = makers.write;
  late(shim, "promises", () => promisesOver(host, makers));
  for (const name of ["ReadStream", "WriteStream"] as const) {
    late(shim, name, () => classes()[name]);
    late(shim, `File${name}`, () => classes()[name]);
  }
  return shim;
}

/** Gives an object what is made when it is first asked for; it can be replaced. */
function late(shim: Exports, name: string, make: () => unknown): void {
  let value: unknown;
  Object.defineProperty(shim, name, {
    get: () => value ??= make(),
    set: (other) => value = other,
    configurable: true,
    enumerable: true,
  });
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
