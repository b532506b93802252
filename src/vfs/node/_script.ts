/**
 * Sequences of calls of `node:fs`, and an interpreter that carries them out on any module of its
 * shape: the shim, the real one, and as text in a `node` process.
 *
 * @module
 */

/** How a call is made. */
export type Form = "sync" | "callback" | "promise";

/** One call: paths, bytes and open files are written as objects, which the interpreter replaces. */
export interface ScriptCall {
  readonly form: Form;
  readonly name: string;
  readonly args: readonly unknown[];
  /** Of a call on a file handle: which of those that were opened. */
  readonly handle?: number;
}

export type Outcome = Record<string, unknown>;
export type AnyFs = Record<string, unknown>;

/** What the objects among the arguments stand for. */
interface Meaning {
  readonly root: string;
  /** The numbers of the files that were opened; of closed ones, a number that no file has. */
  readonly fds: number[];
  /** The buffers that were made for the present call. */
  readonly buffers: Uint8Array[];
}

/** What an argument stands for. */
function meant(arg: unknown, meaning: Meaning): unknown {
  if (typeof arg !== "object" || arg === null) return arg;
  if (Array.isArray(arg)) return arg.map((part) => meant(part, meaning));
  const { root, fds, buffers } = meaning;
  const written = arg as Record<string, unknown>;
  if ("nothing" in written) return undefined;
  if ("path" in written) return `${root}/${written.path}`;
  if ("bytes" in written) return new TextEncoder().encode(written.bytes as string);
  if ("fd" in written) return fds.length === 0 ? 9999 : fds[(written.fd as number) % fds.length];
  if (!("into" in written)) return arg;
  buffers.push(new Uint8Array(written.into as number));
  return buffers[buffers.length - 1];
}

/** Text that is the same wherever the files are, and whatever a temporary directory is called. */
function plain(text: unknown, root: string): unknown {
  return typeof text === "string" ? text.split(root).join("").replace(/t-\w{6}/, "t-") : text;
}

/** A value that can be sent, and compared. */
function shown(value: unknown, root: string): unknown {
  if (value === undefined) return "undefined";
  if (typeof value === "string") return plain(value, root);
  if (typeof value !== "object" || value === null) return value;
  if (ArrayBuffer.isView(value)) return `bytes ${new TextDecoder().decode(value)}`;
  if (Array.isArray(value)) {
    const list = value.map((entry) => shown(entry, root));
    const isNames = list.every((entry) => typeof entry === "string" || "name" in (entry as object));
    return isNames ? list.map((entry) => JSON.stringify(entry)).sort() : list;
  }
  const thing = value as Record<string, unknown>;
  if (typeof thing.isFile === "function") {
    const kind = (thing.isFile as () => boolean)() ? "file" : "directory";
    if ("name" in thing) return { name: thing.name, kind, in: plain(thing.parentPath, root) };
    const size = kind === "file" ? thing.size : "any";
    return { kind, size, isDirectory: (thing.isDirectory as () => boolean)() };
  }
  if ("fd" in thing) return "handle";
  return Object.fromEntries(Object.entries(thing).map(([key, part]) => [key, shown(part, root)]));
}

/** Makes a call in its form; the callback form becomes a promise. */
function makeCall(
  fs: AnyFs,
  { call: { form, name, handle }, args, handles }: {
    readonly call: ScriptCall;
    readonly args: unknown[];
    readonly handles: AnyFs[];
  },
): unknown {
  const make = (holder: AnyFs, name: string, ...args: unknown[]) =>
    (holder[name] as (...args: unknown[]) => unknown).apply(holder, args);
  if (handle !== undefined) {
    const target = handles[handle % handles.length];
    return target === undefined ? "no handle" : make(target, name, ...args);
  }
  if (form === "sync") return make(fs, `${name}Sync`, ...args);
  if (form === "promise") return make(fs.promises as AnyFs, name, ...args);
  return new Promise((resolve, reject) => {
    const done = (error: unknown, ...values: unknown[]) => {
      if (name === "exists") resolve(error);
      else if (error) reject(error);
      else resolve(values[0]);
    };
    make(fs, name, ...args, done);
  });
}

/** What is compared of an error. In what they say about a wrong argument, versions of Node differ. */
function faultOf(error: unknown, root: string): Outcome {
  const { name, code, errno, syscall, path, dest, message } = error as Record<string, unknown>;
  const said = String(code).startsWith("ERR_") ? "" : message;
  const parts = [name, code, errno, syscall, path, dest, said];
  return { error: parts.map((part) => part === undefined ? null : plain(part, root)) };
}

/** Carries out calls; returns what each has given. */
export async function interpret(
  fs: AnyFs,
  root: string,
  calls: readonly ScriptCall[],
): Promise<Outcome[]> {
  const fds: number[] = [];
  const handles: AnyFs[] = [];
  const outcomes: Outcome[] = [];
  for (const call of calls) {
    const { name, form, handle } = call;
    const buffers: Uint8Array[] = [];
    const args = call.args.map((arg) => meant(arg, { root, fds, buffers }));
    let outcome: Outcome;
    try {
      let value = await makeCall(fs, { call, args, handles });
      if (name === "open") {
        if (form === "promise") handles.push(value as AnyFs);
        else fds.push(value as number);
        value = "opened";
      }
      // The number may be another file's by now.
      if (name === "close" && handle === undefined) fds[fds.indexOf(args[0] as number)] = 9999;
      if (name === "mkdtemp") value = (value as string).replace(/\w{6}$/, "");
      outcome = { value: shown(value, root), into: buffers.map((into) => shown(into, root)) };
    } catch (error) {
      outcome = faultOf(error, root);
    }
    // Of a number that nothing can be read of, the forms of readFile say different things.
    const isEmpty = "error" in outcome || outcome.value === "" || outcome.value === "bytes ";
    const isVague = name === "readFile" && typeof args[0] === "number" && isEmpty;
    outcomes.push(isVague ? {} : outcome);
  }
  for (const fd of fds) if (fd !== 9999) (fs.closeSync as (fd: number) => void)(fd);
  for (const handle of handles) await (handle.close as () => Promise<void>)();
  return outcomes;
}

/** Everything that the interpreter needs, as text. */
export function interpreterText(): string {
  return [meant, plain, shown, makeCall, faultOf, interpret].join("\n");
}

/** Calls as text; JSON has no `undefined`. */
export function written(calls: unknown): string {
  return JSON.stringify(calls, (_key, value) => value === undefined ? { nothing: true } : value);
}
