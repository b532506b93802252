/**
 * Random calls of the `Deno` namespace. A small alphabet of names makes them collide all the time.
 *
 * @module
 */
import fc from "fast-check";

/** Whether the call that returns a value is made, or the one that returns a promise. */
export type Form = "sync" | "async";

/** A call on an open file. */
export type FileCall =
  | { call: "read" | "write"; length: number; fill: number }
  | { call: "seek"; offset: number | bigint; whence: number }
  | { call: "truncate"; length: number | undefined }
  | { call: "stat" | "sync" | "syncData" | "lock" | "unlock" | "utime" };

/** A call. */
export type Call =
  | { call: "open"; form: Form; slot: number; path: string; options: Deno.OpenOptions | undefined }
  | { call: "create"; form: Form; slot: number; path: string }
  | { call: "close" | "dispose"; slot: number }
  | { call: "file"; form: Form; slot: number; on: FileCall }
  | { call: "at once"; slot: number; on: FileCall[] }
  | { call: "readable"; slot: number }
  | { call: "writable"; slot: number; chunks: number[]; end: "close" | "abort" }
  | { call: "stream"; path: string; chunks: number[]; options: Deno.WriteFileOptions }
  | { call: "writeFile" | "writeTextFile"; form: Form; path: string; length: number }
    & { fill: number; options: Deno.WriteFileOptions | undefined }
  | { call: "mkdir" | "remove"; form: Form; path: string; recursive: boolean }
  | { call: "truncate"; form: Form; path: string; length: number | undefined }
  | { call: PathName; form: Form; path: string; isUrl: boolean }
  | { call: "rename" | "link" | "copyFile"; form: Form; path: string; to: string };

const PATH_NAMES = [
  "readFile",
  "readTextFile",
  "readDir",
  "stat",
  "lstat",
  "realPath",
  "chmod",
  "chown",
  "utime",
] as const;
/** Calls that take one path. */
export type PathName = typeof PATH_NAMES[number];

/** Files that are open at once. */
export const SLOTS = 3;

/** Every call that can be drawn. */
export const CALL_NAMES: readonly string[] = [
  ...PATH_NAMES,
  ...["open", "create", "close", "dispose", "file", "at once", "readable", "writable", "stream"],
  ...["writeFile", "writeTextFile", "mkdir", "remove", "truncate", "rename", "link", "copyFile"],
];

const form = fc.constantFrom<Form>("sync", "async");
const slot = fc.nat(SLOTS - 1);
const length = fc.oneof(fc.nat(20), fc.constantFrom(0, 511, 513, 5_000));
const fill = fc.integer({ min: 1, max: 255 });
const size = fc.oneof(
  { weight: 6, arbitrary: fc.nat(40) },
  { weight: 1, arbitrary: fc.constantFrom(-1, NaN, 2.7, 1_000, Infinity) },
  { weight: 1, arbitrary: fc.constant(undefined) },
);
const flag = fc.boolean();

/** Paths below a root, which may lead back to it, and never above it: what is there is not ours. */
function paths(root: string): fc.Arbitrary<string> {
  return anyPaths(root).filter((path) => {
    let depth = 0;
    return path.slice(root.length).split("/").every((name) => {
      if (name === "..") depth--;
      else if (name !== "" && name !== ".") depth++;
      return depth >= 0;
    });
  });
}

function anyPaths(root: string): fc.Arbitrary<string> {
  const last = fc.constantFrom("a", "b", "c");
  const name = fc.oneof(
    { weight: 20, arbitrary: last },
    { weight: 1, arbitrary: fc.constantFrom("..", ".", "") },
  );
  const tail = fc.oneof(
    { weight: 20, arbitrary: fc.constant("") },
    { weight: 1, arbitrary: fc.constantFrom("/", "/.", "/..", "\0") },
  );
  const below = (depth: number) =>
    fc.tuple(fc.array(name, { minLength: depth, maxLength: depth }), last, tail)
      .map(([names, end, slash]) => `${root}/${[...names, end].join("/")}${slash}`);
  return fc.oneof(
    { weight: 16, arbitrary: below(0) },
    { weight: 8, arbitrary: below(1) },
    { weight: 3, arbitrary: below(2) },
    { weight: 1, arbitrary: fc.constantFrom(root, `${root}/`, "") },
  );
}

const OPEN_FLAGS = ["read", "write", "append", "create", "createNew", "truncate"] as const;

const openOptions: fc.Arbitrary<Deno.OpenOptions | undefined> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ read: true, write: true, create: true }) },
  { weight: 2, arbitrary: fc.constant({ append: true, create: true }) },
  { weight: 1, arbitrary: fc.constant({ append: true, read: true, create: true }) },
  { weight: 1, arbitrary: fc.constantFrom(undefined, {}) },
  {
    weight: 3,
    arbitrary: fc.record(Object.fromEntries(OPEN_FLAGS.map((key) => [key, flag])), {
      requiredKeys: [],
    }),
  },
);

const writeOptions: fc.Arbitrary<Deno.WriteFileOptions> = fc.record(
  { append: flag, create: flag, createNew: flag },
  { requiredKeys: [] },
);

const fileCall: fc.Arbitrary<FileCall> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ call: fc.constant("write" as const), length, fill }) },
  { weight: 4, arbitrary: fc.record({ call: fc.constant("read" as const), length, fill }) },
  {
    weight: 4,
    arbitrary: fc.record({
      call: fc.constant("seek" as const),
      offset: fc.oneof(fc.integer({ min: -9, max: 40 }), fc.constantFrom(1.9, -1.9, NaN, 4n, -3n)),
      whence: fc.oneof(
        { weight: 20, arbitrary: fc.nat(2) },
        { weight: 1, arbitrary: fc.constant(3) },
      ),
    }),
  },
  { weight: 2, arbitrary: fc.record({ call: fc.constant("truncate" as const), length: size }) },
  {
    weight: 2,
    arbitrary: fc.record({
      call: fc.constantFrom("stat", "sync", "syncData", "lock", "unlock", "utime"),
    }),
  },
);

/** Lists of calls on paths below a root. */
export function denoCalls(root: string): fc.Arbitrary<Call[]> {
  const path = paths(root);
  const call = <const C extends string>(name: C) => fc.constant(name);
  const chunks = fc.array(fc.constantFrom(0, 3, 40_000, 65_536), { maxLength: 4 });
  return fc.array(
    fc.oneof(
      {
        weight: 8,
        arbitrary: fc.record({ call: call("open"), form, slot, path, options: openOptions }),
      },
      { weight: 1, arbitrary: fc.record({ call: call("create"), form, slot, path }) },
      {
        weight: 1,
        arbitrary: fc.record({ call: fc.constantFrom("close", "dispose"), slot }),
      },
      { weight: 14, arbitrary: fc.record({ call: call("file"), form, slot, on: fileCall }) },
      {
        weight: 3,
        arbitrary: fc.record({
          call: call("at once"),
          slot,
          on: fc.array(fileCall, { minLength: 2, maxLength: 6 }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ call: call("readable"), slot }) },
      {
        weight: 1,
        arbitrary: fc.record({
          call: call("writable"),
          slot,
          chunks,
          end: fc.constantFrom("close", "abort"),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ call: call("stream"), path, chunks, options: writeOptions }),
      },
      {
        weight: 6,
        arbitrary: fc.record({
          call: fc.constantFrom("writeFile", "writeTextFile"),
          form,
          path,
          length,
          fill,
          options: fc.option(writeOptions, { nil: undefined }),
        }),
      },
      {
        weight: 7,
        arbitrary: fc.record({
          call: fc.constantFrom("mkdir", "mkdir", "remove"),
          form,
          path,
          recursive: flag,
        }),
      },
      { weight: 2, arbitrary: fc.record({ call: call("truncate"), form, path, length: size }) },
      {
        weight: 8,
        arbitrary: fc.record({
          call: fc.constantFrom(...PATH_NAMES),
          form,
          path,
          isUrl: flag,
        }),
      },
      {
        weight: 8,
        arbitrary: fc.record({
          call: fc.constantFrom("rename", "link", "copyFile"),
          form,
          path,
          to: path,
        }),
      },
    ) as fc.Arbitrary<Call>,
    { maxLength: 80, size: "max" },
  );
}
