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
import { cpNow } from "./copied_tree.ts";
import * as descriptors from "./descriptor_operations.ts";
import { Dir } from "./directory.ts";
import type { StreamMaker } from "./file_handle.ts";
import { lateExports, type Maker } from "./late_exports.ts";
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

/** What `realpath` does, and its native form. */
const [NAMES, NATIVE] = [paths.realpathOfNames as Operator, paths.realpath as Operator];

/** Of these, the synchronous form is another. */
const SYNCHRONOUS = { cp: cpNow } as Readonly<Record<string, Operator>>;

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

/** What an export is made of. */
interface Over {
  readonly host: Host;
  /** The streams, once they are asked for. */
  readonly classes: () => Streams;
  readonly makers: StreamMaker;
}

type Makers = Record<string, Maker<Over>>;

/** What makes each export. */
const MAKERS: ReadonlyMap<string, Makers[string]> = new Map(Object.entries(
  {
    ...Object.fromEntries(Object.entries(SHARED).map(([name, value]) => [name, () => value])),
    ...formMakers(),
    ...transferMakers(),
    close: ({ host }) => closeForm(host),
    exists: ({ host }) => existsForm(host),
    existsSync: ({ host }) => (path: unknown) => runNow(paths.exists(host.current, path)),
    realpath: ({ host }) =>
      Object.assign(callbackForm(host, NAMES), { native: callbackForm(host, NATIVE) }),
    realpathSync: ({ host }) =>
      Object.assign(syncForm(host, NAMES), { native: syncForm(host, NATIVE) }),
    createReadStream: ({ makers }) => makers.read,
    createWriteStream: ({ makers }) => makers.write,
    promises: ({ host, makers }) => promisesOver(host, makers),
    ReadStream: ({ classes }) => classes().ReadStream,
    WriteStream: ({ classes }) => classes().WriteStream,
    FileReadStream: ({ classes }) => classes().ReadStream,
    FileWriteStream: ({ classes }) => classes().WriteStream,
  } satisfies Makers,
));

function formMakers(): Makers {
  const operators = Object.entries({ ...OPERATIONS, ...ON_NUMBERS });
  return Object.fromEntries(operators.flatMap(([name, operator]): [string, Makers[string]][] => [
    [`${name}Sync`, ({ host }) => syncForm(host, SYNCHRONOUS[name] ?? operator)],
    [name, ({ host }) => callbackForm(host, operator)],
  ]));
}

function transferMakers(): Makers {
  const transfers = Object.entries(TRANSFERS);
  return Object.fromEntries(
    transfers.flatMap(([name, [operator, count, buffer]]): [string, Makers[string]][] => [
      [
        `${name}Sync`,
        ({ host }) => (...args: unknown[]) =>
          (runNow(operator(host.current, ...args)) as Exports)[count],
      ],
      [name, ({ host }) => transferForm(host, operator, [count, buffer])],
    ]),
  );
}

/** The module, with calls that go to the current process of the host. */
export function shimOver(host: Host): Exports {
  let streams: Streams | undefined;
  const classes = () => streams ??= streamsOver(host, () => shim);
  const makers: StreamMaker = {
    read: (path, options) => new (classes().ReadStream)(path, options),
    write: (path, options) => new (classes().WriteStream)(path, options),
  };
  const shim = lateExports<Over>(MAKERS, { host, classes, makers });
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
function existsForm(host: Host) {
  const exists = (path: unknown, callback: unknown) => {
    if (typeof callback !== "function") throw invalidType("cb", "of type function", callback);
    const process = host.current;
    runLater(process.fs, paths.exists(process, path), (_error, value) => callback(value ?? false));
  };
  return customised(exists, (path: unknown) => {
    const process = host.current;
    return promiseOf(process.fs, paths.exists(process, path));
  });
}
