/**
 * Random sequences of calls of `node:fs`, on few names, so that calls meet.
 *
 * @module
 */
import fc from "fast-check";
import type { Form, ScriptCall } from "./_script.ts";

/** Too long for a name. */
const LONG = "n".repeat(256);
const NAMES = [
  "a",
  "b",
  "d",
  "d/e",
  "d/e/f",
  "d/a",
  "missing/x",
  "a/x",
  "d/../b",
  "d/./a",
  "a/",
  LONG,
  `d/${LONG}`,
  `missing/${LONG}`,
];
const path = fc.constantFrom(...NAMES).map((path) => ({ path }));
const pathOrAbove = fc.oneof(
  { weight: 2, arbitrary: path },
  { weight: 1, arbitrary: fc.constantFrom({ path: "d/e/.." }, { path: "d/." }) },
);
const fd = fc.nat(3).map((fd) => ({ fd }));
const text = fc.constantFrom("", "x", "hello", "0123456789");
const bytes = text.map((bytes) => ({ bytes }));
const data = fc.oneof(text, bytes);
/** Where nothing is to be written, the forms differ in whether they ask the disk at all. */
const someData = data.filter((data) => data !== "" && (data as { bytes?: string }).bytes !== "");
const count = fc.constantFrom(0, 1, 3, 7, 20);
const position = fc.constantFrom(null, 0, 2, 12, -1, undefined, 2 ** 53);
const flags = fc.constantFrom(
  ...["r", "r+", "w", "wx", "w+", "a", "ax", "a+", "rs+", "as", "wx+", "nope"],
  ...[0, 1, 2, 0o101, 0o102, 0o301, 0o1101, 0o2102, 0o3101, 0o200000, 0o10101, 0o4010102],
);
const encoding = fc.constantFrom(undefined, "utf8", "hex", { encoding: "latin1" }, "nope", null);
const writing = fc.constantFrom(
  undefined,
  "utf8",
  { flag: "a" },
  { flag: "wx" },
  { flag: "r+", flush: true },
  { flush: true },
  { mode: 0o600 },
);
/** What it says of names that are too long, Node's `cp` says in another call. */
const copied = fc.constantFrom("a", "b", "d", "d/e", "d/a").map((path) => ({ path }));
const copying = fc.constantFrom<unknown>(
  undefined,
  { recursive: true },
  { recursive: true, force: false },
  { force: false, errorOnExist: true },
);
const wrong = fc.constantFrom<unknown>(undefined, null, {}, true, "a\0b", 1.5);
const form = fc.constantFrom<Form>("sync", "callback", "promise");
const onNumber = fc.constantFrom<Form>("sync", "callback");

type Args = fc.Arbitrary<readonly unknown[]>;
const recursive = fc.constantFrom({ recursive: true }, { recursive: false });

/** The arguments of each call that has all three forms. */
export const ON_PATHS: Readonly<Record<string, Args>> = {
  access: fc.tuple(path, fc.constantFrom(undefined, 0, 2, 4)),
  appendFile: fc.oneof(fc.tuple(path, data, writing), fc.tuple(fd, someData, writing)),
  chmod: fc.tuple(path, fc.constantFrom<unknown>(0o644, "600", undefined, "9")),
  chown: fc.tuple(path, fc.constant(0), fc.constantFrom<unknown>(0, -1, undefined)),
  copyFile: fc.tuple(path, path, fc.constantFrom(undefined, 0, 1)),
  cp: fc.tuple(copied, copied, copying),
  link: fc.tuple(path, path),
  lstat: fc.tuple(path),
  mkdir: fc.tuple(path, fc.oneof(fc.constant(undefined), recursive)),
  mkdtemp: fc.tuple(fc.constantFrom({ path: "t-" }, { path: "missing/t-" })),
  open: fc.tuple(path, flags),
  readFile: fc.tuple(fc.oneof(path, path, path, fd), encoding),
  readdir: fc.tuple(
    path,
    fc.constantFrom(undefined, "utf8", { withFileTypes: true }, { recursive: true }),
  ),
  readlink: fc.tuple(path),
  realpath: fc.tuple(path),
  rename: fc.tuple(pathOrAbove, pathOrAbove),
  rm: fc.tuple(
    pathOrAbove,
    fc.constantFrom(undefined, { recursive: true }, { force: true }),
  ),
  rmdir: fc.tuple(pathOrAbove),
  stat: fc.tuple(path),
  truncate: fc.tuple(path, fc.constantFrom(undefined, 0, 3, 20, -2)),
  unlink: fc.tuple(path),
  utimes: fc.tuple(path, fc.constantFrom<unknown>(1, "2", undefined), fc.constant(3)),
  writeFile: fc.oneof(fc.tuple(path, data, writing), fc.tuple(fd, someData, writing)),
};

/** Those on the number of an open file. */
export const ON_NUMBERS: Readonly<Record<string, Args>> = {
  close: fc.tuple(fd),
  exists: fc.tuple(path),
  fchmod: fc.tuple(fd, fc.constant(0o600)),
  fdatasync: fc.tuple(fd),
  fstat: fc.tuple(fd),
  fsync: fc.tuple(fd),
  ftruncate: fc.tuple(fd, fc.constantFrom(undefined, 0, 3, 20)),
  read: fc.tuple(fd, count.map((into) => ({ into })), fc.constantFrom(0, 1), count, position),
  readv: fc.tuple(
    fd,
    fc.array(fc.constantFrom({ into: 1 }, { into: 4 }), { maxLength: 3 }),
    position,
  ),
  write: fc.tuple(fd, bytes, fc.constantFrom(0, 1), fc.constantFrom(undefined, 1), position),
  writev: fc.tuple(fd, fc.array(bytes, { minLength: 1, maxLength: 3 }), position),
};

/** Those of a file handle. */
export const ON_HANDLES: Readonly<Record<string, Args>> = {
  appendFile: fc.tuple(data),
  close: fc.tuple(),
  datasync: fc.tuple(),
  read: fc.tuple(fc.constant({ into: 6 }), fc.constant(0), count, position),
  readFile: fc.tuple(encoding),
  stat: fc.tuple(),
  sync: fc.tuple(),
  truncate: fc.tuple(fc.constantFrom(undefined, 3, 20)),
  write: fc.tuple(bytes, fc.constant(0), fc.constant(undefined), position),
  writeFile: fc.tuple(data),
  writev: fc.tuple(fc.array(bytes, { minLength: 1, maxLength: 3 }), position),
};

function callsOf(table: Readonly<Record<string, Args>>, form: fc.Arbitrary<Form>) {
  return Object.entries(table).map(([name, args]) =>
    fc.tuple(form, args).map(([form, args]): ScriptCall => ({ form, name, args }))
  );
}

/** A right call, whose first argument may be wrong. */
function spoilt(call: fc.Arbitrary<ScriptCall>): fc.Arbitrary<ScriptCall> {
  const spoil = fc.oneof(
    { weight: 15, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: wrong.map((value) => ({ value })) },
  );
  return fc.tuple(call, spoil).map(([call, spoil]) =>
    // Node makes a string of whatever path it gets here.
    spoil === null || call.args.length === 0 || call.name === "realpath"
      ? call
      : { ...call, args: call.args.with(0, spoil.value) }
  );
}

/** Sequences of calls; some have a wrong argument, if `isSpoilt`. */
export function scripts(isSpoilt: boolean): fc.Arbitrary<ScriptCall[]> {
  const maybe = isSpoilt ? spoilt : (call: fc.Arbitrary<ScriptCall>) => call;
  const handle = fc.tuple(
    fc.oneof(...callsOf(ON_HANDLES, fc.constant("promise"))),
    fc.nat(2),
  ).map(([call, handle]) => ({ ...call, handle }));
  const calls = fc.array(
    fc.oneof(
      { weight: 4, arbitrary: maybe(fc.oneof(...callsOf(ON_PATHS, form))) },
      { weight: 2, arbitrary: maybe(fc.oneof(...callsOf(ON_NUMBERS, onNumber))) },
      { weight: 1, arbitrary: handle },
    ),
    { minLength: 1, maxLength: 24, size: "max" },
  );
  return fc.tuple(fc.subarray([...BEGINNINGS]), calls).map((parts) => parts.flat());
}

/** Something to begin with, so that not everything fails. */
const BEGINNINGS: readonly ScriptCall[] = [
  { form: "sync", name: "mkdir", args: [{ path: "d" }] },
  { form: "sync", name: "mkdir", args: [{ path: "d/e" }] },
  { form: "sync", name: "writeFile", args: [{ path: "a" }, "first"] },
  { form: "sync", name: "writeFile", args: [{ path: "d/a" }, "second"] },
  { form: "sync", name: "open", args: [{ path: "a" }, "r+"] },
  { form: "callback", name: "open", args: [{ path: "d" }, "r"] },
  { form: "promise", name: "open", args: [{ path: "a" }, "a+"] },
  { form: "promise", name: "open", args: [{ path: "b" }, "w+"] },
];
