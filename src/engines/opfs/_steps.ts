/**
 * Sequences of calls of the API, drawn at random, and what carries them out: the same function on the
 * simulation and, as source text, in a worker of a browser.
 *
 * @module
 */
import fc from "fast-check";
import type { OpfsDirectoryHandle } from "./directory_handle.ts";
import type { OpfsSyncAccessHandle, SyncAccessMode } from "./sync_access_handle.ts";
import type { OpfsWritableFileStream } from "./writable_file_stream.ts";

/** How an access handle is opened: as the API has it, by default, or in a way that it refuses. */
type Mode = SyncAccessMode | "" | "other";

/** One call. Handles that stay open are kept in slots. */
export type Step =
  | { readonly do: "file"; readonly path: string; readonly create: boolean }
  | { readonly do: "directory"; readonly path: string; readonly create: boolean }
  | { readonly do: "remove"; readonly path: string; readonly recursive: boolean }
  | { readonly do: "list"; readonly path: string }
  | { readonly do: "content"; readonly path: string }
  | { readonly do: "move"; readonly path: string; readonly to: string; readonly name?: string }
  | { readonly do: "resolve"; readonly path: string; readonly from: string }
  | { readonly do: "open"; readonly path: string; readonly slot: number; readonly mode: Mode }
  | { readonly do: "write"; readonly slot: number; readonly bytes: number; readonly at?: number }
  | { readonly do: "read"; readonly slot: number; readonly bytes: number; readonly at?: number }
  | { readonly do: "truncate"; readonly slot: number; readonly size: number }
  | { readonly do: "size" | "flush" | "close"; readonly slot: number }
  | {
    readonly do: "stream";
    readonly path: string;
    readonly slot: number;
    readonly keepExistingData: boolean;
  }
  | {
    readonly do: "put";
    readonly slot: number;
    readonly bytes: number;
    readonly position?: number;
  }
  | { readonly do: "seek" | "cut"; readonly slot: number; readonly to: number }
  | { readonly do: "end" | "abort"; readonly slot: number };

/** Steps about names. */
type OnNames = Exclude<Step, { readonly slot: number }>;
/** Steps that open something. */
type Opening = Extract<Step, { readonly do: "open" | "stream" }>;
/** Steps on an open stream. */
type OnStream = Extract<Step, { readonly do: "put" | "seek" | "cut" | "end" | "abort" }>;
/** Steps on an open access handle. */
type OnHandle = Exclude<Step, OnNames | Opening | OnStream>;

const path = fc.constantFrom("a", "b", "d", "d/a", "d/e", "d/e/a");
const directory = fc.constantFrom("", "d", "d/e");
const slot = fc.nat({ max: 2 });
const offset = fc.oneof(fc.nat({ max: 12 }), fc.constantFrom(-1, 1.5, 600));
const bytes = fc.nat({ max: 9 });

/** A step; where an optional part is left out, it is left out. */
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("file" as const), path, create: fc.boolean() }),
  fc.record({ do: fc.constant("directory" as const), path, create: fc.boolean() }),
  fc.record({ do: fc.constant("remove" as const), path, recursive: fc.boolean() }),
  fc.record({ do: fc.constant("list" as const), path: directory }),
  fc.record({ do: fc.constant("content" as const), path }),
  fc.record(
    {
      do: fc.constant("move" as const),
      path,
      to: fc.constantFrom("a", "b", "x/y", "/d", "/d/e"),
      name: fc.constantFrom("a", "b", ""),
    },
    { requiredKeys: ["do", "path", "to"] },
  ),
  fc.record({ do: fc.constant("resolve" as const), path, from: directory }),
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("open" as const),
      path,
      slot,
      mode: fc.constantFrom<Mode[]>("", "readwrite", "read-only", "readwrite-unsafe", "other"),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("write" as const), slot, bytes, at: offset }, {
      requiredKeys: ["do", "slot", "bytes"],
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("read" as const), slot, bytes, at: offset }, {
      requiredKeys: ["do", "slot", "bytes"],
    }),
  },
  fc.record({ do: fc.constant("truncate" as const), slot, size: offset }),
  fc.record({ do: fc.constantFrom("size" as const, "flush" as const, "close" as const), slot }),
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("stream" as const),
      path,
      slot,
      keepExistingData: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("put" as const), slot, bytes, position: fc.nat(12) }, {
      requiredKeys: ["do", "slot", "bytes"],
    }),
  },
  fc.record({
    do: fc.constantFrom("seek" as const, "cut" as const),
    slot,
    to: fc.nat({ max: 12 }),
  }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant("end" as const), slot }) },
  fc.record({ do: fc.constant("abort" as const), slot }),
);

/** Sequences that begin with something to work on. */
export const sequences: fc.Arbitrary<Step[]> = fc.array(step, {
  minLength: 1,
  maxLength: 60,
  size: "max",
})
  .map((steps) => [
    { do: "file", path: "a", create: true },
    { do: "directory", path: "d", create: true },
    { do: "file", path: "d/a", create: true },
    { do: "directory", path: "d/e", create: true },
    ...steps,
  ]);

/** What is open: access handles and streams, by slot. */
interface Slots {
  readonly handles: (OpfsSyncAccessHandle | undefined)[];
  readonly streams: (OpfsWritableFileStream | undefined)[];
}

/** The directory at a path. */
async function directoryAt(root: OpfsDirectoryHandle, path: string): Promise<OpfsDirectoryHandle> {
  let directory = root;
  for (const name of path.split("/").filter((name) => name !== "")) {
    directory = await directory.getDirectoryHandle(name);
  }
  return directory;
}

/** The directory that holds a path, and the last name of the path. */
async function parentAt(
  root: OpfsDirectoryHandle,
  path: string,
): Promise<[OpfsDirectoryHandle, string]> {
  const at = path.lastIndexOf("/");
  return [await directoryAt(root, at < 0 ? "" : path.slice(0, at)), path.slice(at + 1)];
}

/** Bytes that tell which step they are of. */
function bytesOf(count: number, from: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: count }, (_, i) => from + i);
}

/** Carries out a step that is about names; `undefined` when it is none of them. */
async function onNames(root: OpfsDirectoryHandle, step: OnNames): Promise<unknown> {
  const [parent, name] = await parentAt(root, step.path);
  switch (step.do) {
    case "file":
      return (await parent.getFileHandle(name, { create: step.create })).name;
    case "directory":
      return (await parent.getDirectoryHandle(name, { create: step.create })).kind;
    case "remove":
      return await parent.removeEntry(name, { recursive: step.recursive });
    case "list": {
      const found: string[] = [];
      for await (const [name, handle] of await directoryAt(root, step.path)) {
        found.push(`${name} ${handle.kind}`);
      }
      return found.sort();
    }
    case "content": {
      const file = await (await parent.getFileHandle(name)).getFile();
      return [file.name, ...new Uint8Array(await file.arrayBuffer())];
    }
    case "move": {
      const file = await parent.getFileHandle(name);
      const to = step.to.startsWith("/") ? await directoryAt(root, step.to) : step.to;
      if (typeof to === "string" || step.name === undefined) await file.move(to);
      else await file.move(to, step.name);
      return [file.name, await root.resolve(file)];
    }
    case "resolve": {
      const from = await directoryAt(root, step.from);
      return await from.resolve(await parent.getFileHandle(name));
    }
  }
  return undefined;
}

/** Carries out a step that opens something. */
async function onOpening(
  root: OpfsDirectoryHandle,
  step: Opening,
  { handles, streams }: Slots,
): Promise<unknown> {
  const [parent, name] = await parentAt(root, step.path);
  const file = await parent.getFileHandle(name);
  if (step.do === "open") {
    const options = step.mode === "" ? {} : { mode: step.mode as SyncAccessMode };
    const handle = await file.createSyncAccessHandle(options);
    handles[step.slot]?.close();
    handles[step.slot] = handle;
    return handle.mode;
  }
  const stream = await file.createWritable({ keepExistingData: step.keepExistingData });
  await streams[step.slot]?.abort().catch(() => {});
  streams[step.slot] = stream;
  return "open";
}

/** Carries out a step on an open access handle. */
function onHandle(
  handle: OpfsSyncAccessHandle | undefined,
  step: OnHandle,
  number: number,
): unknown {
  if (handle === undefined) return "nothing in this slot";
  const options = "at" in step && step.at !== undefined ? { at: step.at } : {};
  switch (step.do) {
    case "write":
      return handle.write(bytesOf(step.bytes, number), options);
    case "read": {
      const into = new Uint8Array(step.bytes);
      return [handle.read(into, options), ...into];
    }
    case "truncate":
      return handle.truncate(step.size);
    case "size":
      return handle.getSize();
    case "flush":
      return handle.flush();
    default:
      return handle.close();
  }
}

/** Carries out a step on an open stream. */
async function onStream(
  stream: OpfsWritableFileStream | undefined,
  step: OnStream,
  number: number,
): Promise<unknown> {
  if (stream === undefined) return "nothing in this slot";
  switch (step.do) {
    case "put": {
      const data = bytesOf(step.bytes, number);
      return await stream.write(
        step.position === undefined ? data : { type: "write", data, position: step.position },
      );
    }
    case "seek":
      return await stream.seek(step.to);
    case "cut":
      return await stream.truncate(step.to);
    case "end":
      return await stream.close();
    default:
      return await stream.abort();
  }
}

function isOnStream(step: OnHandle | OnStream): step is OnStream {
  return ["put", "seek", "cut", "end", "abort"].includes(step.do);
}

/** Carries out the steps below `root`, and tells what each of them returned or threw. */
export async function carryOut(
  root: OpfsDirectoryHandle,
  steps: readonly Step[],
): Promise<unknown[]> {
  const slots: Slots = { handles: [], streams: [] };
  const one = (step: Step, number: number): unknown => {
    if (!("slot" in step)) return onNames(root, step);
    if ("path" in step) return onOpening(root, step, slots);
    return isOnStream(step)
      ? onStream(slots.streams[step.slot], step, number)
      : onHandle(slots.handles[step.slot], step, number);
  };
  const results: unknown[] = [];
  for (const [number, step] of steps.entries()) {
    try {
      results.push(await one(step, number) ?? "done");
    } catch (error) {
      results.push(`throws ${(error as Error | undefined)?.name}`);
    }
  }
  for (const handle of slots.handles) handle?.close();
  for (const stream of slots.streams) await stream?.abort().catch(() => {});
  return results;
}

/** The source text of {@linkcode carryOut} and of what it uses, for where modules cannot be had. */
export const SOURCE: string = [
  directoryAt,
  parentAt,
  bytesOf,
  onNames,
  onOpening,
  onHandle,
  onStream,
  isOnStream,
  carryOut,
].join("\n");
