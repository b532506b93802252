/**
 * A file system that tells, before and after each call of a log that may need a barrier, what the
 * call is about and where in the log's code it is made.
 *
 * METHOD. Everything goes to the simulated disk below as it is. Watched are the calls that change
 * something, barriers, and opening and closing; reading is not. A process *knows* the files and
 * directories that its calls have led through: a barrier may be imposed on each of them, without a
 * handle. A call of the promised view takes effect long after the log has made it: its place is
 * noted when it is made.
 *
 * @module
 */
import { type CallOrigin, origin, type PlacedCall } from "../vfs/call_origin.ts";
import type { Disk } from "../vfs/disk.ts";
import type { FileHandle, FileInfo, OpenOptions } from "../vfs/file_system.ts";
import { formatOp, type Op } from "../vfs/op.ts";
import { parsePath } from "../vfs/path.ts";
import { completion, type PendingCall } from "../vfs/promised_file_system.ts";
import type { InterleavedFileSystem } from "./interleaving.ts";
import { KeptStack, NOWHERE, placeOfCall, type SourcePlace } from "./call_place.ts";
import { Shimmed, type ShimmedFileSystem } from "../vfs/shimmed_file_system.ts";

/** The calls that are watched; the last four are those of the log itself, about to return. */
export type WatchedName =
  | Exclude<Op["kind"], "create" | "writeback">
  | "open"
  | "list"
  | "close"
  | "append returns"
  | "sync returns"
  | "truncateFront returns"
  | "open returns";

/** A call, as a watcher sees it. */
export interface WatchedCall {
  /** The call. */
  readonly name: WatchedName;
  /** What it is about; a rename, the old name. */
  readonly path: string;
  /** The file, or 0 where it is not known before the call. */
  readonly inode: number;
  /** The directory that holds its name, for a rename the new one; 0 where it is not known. */
  readonly directory: number;
  /** Where a write begins, where the log says so. */
  readonly offset?: number | undefined;
  /** The process that makes it. */
  readonly process: WatchedFileSystem;
  /** Where the log makes it; the file is `"unknown"` for its own return. Costs a stack. */
  place(): SourcePlace;
  /** Where the log has called what makes it, the innermost first. Costs a deeper stack. */
  callers(): readonly SourcePlace[];
  /** Where it belongs to a promised call: what has become of that. */
  readonly promise: PromiseState | undefined;
}

/** What has become of a promised call. */
export interface PromiseState {
  /** Whether the log has gone on, with another call or by returning, before it had settled. */
  overtaken: boolean;
  /** Whether the log has returned from a call of its own before it had settled, or makes it after that. */
  open: boolean;
  /** Whether it takes effect after a call that was made later. */
  passed: boolean;
}

/** Sees calls. A watcher may impose barriers. */
export interface CallWatcher {
  /** Whether it looks at the returns of the log's own calls: those of promises come a turn later. */
  readonly seesReturns: boolean;
  /** Whether the log's own calls return only when every promised call under way has settled. */
  readonly waits?: boolean;
  /** The call is about to be made. */
  before(call: WatchedCall): void;
  /** It has been made, and did not fail. */
  after(call: WatchedCall): void;
}

/**
 * The calls of processes so far, as a tree: what a process has called leads to where it calls next.
 * Two places that follow the same calls are taken for one: enough for a search, not for a proof.
 */
export class CallMemory {
  /** Where the call is made that led here. */
  place: SourcePlace | undefined;
  /** Where what makes it is called. */
  callers: readonly SourcePlace[] | undefined;
  readonly #next: Map<string, CallMemory> = new Map();

  /** After one more call. */
  after(call: string): CallMemory {
    let next = this.#next.get(call);
    if (next === undefined) this.#next.set(call, next = new CallMemory());
    return next;
  }
}

/** See the METHOD above. */
export class WatchedFileSystem extends Shimmed implements ShimmedFileSystem {
  /** What is below. */
  readonly below: InterleavedFileSystem;
  /** The paths that calls have led through, by what bears them. */
  readonly known: Map<number, string> = new Map();
  /** The files that were opened or written to, each once, the last one first. */
  readonly used: number[] = [];
  readonly #watcher: CallWatcher;
  /** The promised call that is taking effect. */
  #taking: Origin | undefined;
  /** The promised calls that have not settled. */
  readonly #pending: Set<PromiseState> = new Set();
  /** Who waits until there are none. */
  readonly #waiting: (() => void)[] = [];
  /** Calls of the log itself that have not returned. */
  #inside = 0;
  /** Promised calls so far, and the number of the last made one that has taken effect. */
  #made = 0;
  #latest = 0;
  #memory: CallMemory | undefined;
  /** Takes the calls of the promised view. */
  readonly [completion]: (call: PlacedCall) => void;
  /** Takes down where a call is made that takes effect later, or as several. */
  readonly [origin]: (otherwise?: CallOrigin) => CallOrigin;

  /** Stands before the disk of one process. */
  constructor(below: InterleavedFileSystem, watcher: CallWatcher, memory?: CallMemory) {
    super();
    this.below = below;
    this.#watcher = watcher;
    this.#memory = memory;
    const take = (call: PlacedCall) => {
      below[completion](this.#placed(call, KeptStack.of(call, take)));
    };
    this[completion] = take;
    const keep = (otherwise?: CallOrigin) => new KeptStack(keep, otherwise as KeptStack);
    this[origin] = keep;
  }

  /** The disk. */
  get disk(): Disk {
    return this.below.disk;
  }

  #placed(call: PendingCall, stack: KeptStack): PendingCall {
    this.#overtake();
    const promise: PromiseState = { overtaken: false, open: this.#inside === 0, passed: false };
    this.#pending.add(promise);
    const number = ++this.#made;
    const origin: Origin = { place: () => stack.place, callers: () => stack.callers, promise };
    return {
      what: call.what,
      isBarrier: call.isBarrier,
      settle: () => {
        this.#pending.delete(promise);
        call.settle();
        if (this.#pending.size > 0) return;
        for (const go of this.#waiting.splice(0)) go();
      },
      takeEffect: () => {
        this.#taking = origin;
        promise.passed = number < this.#latest;
        this.#latest = Math.max(this.#latest, number);
        try {
          call.takeEffect();
        } finally {
          this.#taking = undefined;
        }
      },
    };
  }

  /** Waits until every promised call has settled, and those that follow from it. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) {
      await new Promise<void>((resolve) => void this.#waiting.push(resolve));
      for (let turn = 0; turn < TURNS_TO_GO_ON; turn++) await Promise.resolve();
    }
  }

  /** A call of the log itself begins. */
  enters(): void {
    this.#inside++;
  }

  /** The log goes on, whatever has not settled. */
  #overtake(): void {
    for (const promise of this.#pending) promise.overtaken = true;
  }

  /** See {@linkcode FileSystem.open}. */
  open(path: string, options?: OpenOptions): FileHandle {
    const place = this.#placeOf(`open ${path}`, this.open);
    this.#watcher.before(this.#call("open", path, { inode: 0, directory: 0 }, place));
    const ops = this.disk.life.trace.length;
    const below = this.below.open(path, options);
    // Whether there was such a file often tells what comes next.
    if (this.disk.life.trace.length > ops) this.#memory = this.#memory?.after("it is new");
    const found = this.#find(path);
    const handle = new WatchedHandle(below, { path, process: this, ...found });
    if (found.inode !== 0) this.#use(found.inode);
    this.#watcher.after(this.#call("open", path, found, place));
    return handle;
  }

  /** See {@linkcode FileSystem.mkdir}. */
  mkdir(path: string): void {
    const place = this.#placeOf(`mkdir ${path}`, this.mkdir);
    this.#watcher.before(this.#call("mkdir", path, { inode: 0, directory: 0 }, place));
    this.below.mkdir(path);
    this.#watcher.after(this.#call("mkdir", path, this.#find(path), place));
  }

  /** See {@linkcode FileSystem.list}. */
  list(path: string): string[] {
    const place = this.#placeOf(`list ${path}`, this.list);
    this.#watcher.before(this.#call("list", path, this.#find(path), place));
    const names = this.below.list(path);
    this.#watcher.after(this.#call("list", path, this.#find(path), place));
    return names;
  }

  /** See {@linkcode FileSystem.stat}. */
  stat(path: string): FileInfo {
    return this.below.stat(path);
  }

  /** See {@linkcode FileSystem.rename}. */
  rename(from: string, to: string): void {
    const place = this.#placeOf(`rename ${from}`, this.rename);
    this.#watcher.before(this.#call("rename", from, this.#find(from), place));
    this.below.rename(from, to);
    this.#watcher.after(this.#call("rename", from, this.#find(to), place));
  }

  /** See {@linkcode FileSystem.link}. */
  link(existing: string, created: string): void {
    const place = this.#placeOf(`link ${existing}`, this.link);
    this.#watcher.before(this.#call("link", existing, this.#find(existing), place));
    this.below.link(existing, created);
    this.#watcher.after(this.#call("link", existing, this.#find(created), place));
  }

  /** See {@linkcode FileSystem.remove}. */
  remove(path: string): void {
    const place = this.#placeOf(`remove ${path}`, this.remove);
    const found = this.#find(path);
    this.#watcher.before(this.#call("remove", path, found, place));
    this.below.remove(path);
    this.#watcher.after(this.#call("remove", path, found, place));
  }

  /** The log itself is about to return from a call. */
  returns(name: WatchedName): void {
    const nowhere = { inode: 0, directory: 0 };
    this.#inside--;
    this.#overtake();
    if (this.#inside === 0) { for (const promise of this.#pending) promise.open = true; }
    this.#watcher.before(this.#call(name, "", nowhere, UNPLACED));
  }

  /** A call of one of the handles. */
  handled<T>(name: WatchedName, opened: Opened, make: () => T, callee: () => unknown): T {
    const place = this.#placeOf(`${name} ${opened.path}`, callee);
    const call = { ...this.#call(name, opened.path, opened, place), offset: opened.offset };
    this.#watcher.before(call);
    const made = make();
    if (name === "write" || name === "truncate") this.#use(opened.inode);
    this.#watcher.after(call);
    return made;
  }

  #use(inode: number): void {
    const { used } = this;
    if (used[0] === inode || this.disk.kind(inode) !== "file") return;
    const at = used.indexOf(inode);
    if (at >= 0) used.splice(at, 1);
    used.unshift(inode);
  }

  /** Where a call is made, for whoever asks before it returns. */
  #placeOf(call: string, callee: (...args: never[]) => unknown): Origin {
    if (this.#taking !== undefined) return this.#taking;
    const memory = this.#memory = this.#memory?.after(call);
    const known: Pick<CallMemory, "place" | "callers"> = memory ??
      { place: undefined, callers: undefined };
    return {
      place: () => known.place ??= placeOfCall(callee),
      callers: () => known.callers ??= new KeptStack(callee).callers,
      promise: undefined,
    };
  }

  #call(
    name: WatchedName,
    path: string,
    { inode, directory }: Pick<WatchedCall, "inode" | "directory">,
    origin: Origin,
  ): WatchedCall {
    return { name, path, inode, directory, ...origin, process: this };
  }

  /** What a path leads to. The call that it is for walks the same way: no search forks over it. */
  #find(path: string): { inode: number; directory: number } {
    const { disk, known } = this;
    let [inode, directory, walked] = [ROOT, 0, ""];
    // What a dead process does decides nothing any more.
    if (!this.below.alive) return { inode: 0, directory };
    for (const name of parsePath(path).names) {
      if (name === ".." || inode === 0 || disk.kind(inode) !== "directory") {
        return { inode: 0, directory: 0 };
      }
      known.set(inode, walked === "" ? "/" : walked);
      directory = inode;
      walked = `${walked}/${name}`;
      inode = disk.lookup(directory, name);
    }
    if (inode !== 0) known.set(inode, path);
    return { inode, directory };
  }
}

/** Microtask turns in which a log that has waited for a call makes the next one. */
const TURNS_TO_GO_ON = 8;

/** Number of the root directory. */
const ROOT = 1;

/** Where a call comes from. */
type Origin = Pick<WatchedCall, "place" | "callers" | "promise">;

const UNPLACED: Origin = { place: () => NOWHERE, callers: () => [], promise: undefined };

/** What a handle is about. */
interface Opened {
  readonly path: string;
  readonly inode: number;
  readonly directory: number;
  readonly process: WatchedFileSystem;
  /** Where a write begins. */
  readonly offset?: number | undefined;
}

class WatchedHandle implements FileHandle {
  readonly #below: FileHandle;
  readonly #opened: Opened;

  constructor(below: FileHandle, opened: Opened) {
    this.#below = below;
    this.#opened = opened;
  }

  read(into: Uint8Array, offset: number): number {
    return this.#below.read(into, offset);
  }

  write(bytes: Uint8Array, offset?: number): number {
    const write = () => this.#below.write(bytes, offset);
    const { process } = this.#opened;
    return process.handled("write", { ...this.#opened, offset }, write, this.write as Callee);
  }

  size(): number {
    return this.#below.size();
  }

  truncate(size: number): void {
    this.#watch("truncate", () => this.#below.truncate(size), this.truncate as Callee);
  }

  sync(): void {
    this.#watch("sync", () => this.#below.sync(), this.sync);
  }

  syncData(): void {
    this.#watch("syncData", () => this.#below.syncData(), this.syncData);
  }

  close(): void {
    this.#watch("close", () => this.#below.close(), this.close);
  }

  #watch<T>(name: WatchedName, make: () => T, callee: () => unknown): T {
    return this.#opened.process.handled(name, this.#opened, make, callee);
  }
}

/** Only its frame on the stack counts. */
type Callee = () => unknown;

/**
 * A call in words: where it has left an op in the trace, as that op.
 *
 * @param call The call.
 * @param before How many ops there were before it.
 * @returns For example `write "/log/1" 108 bytes at 216`.
 */
export function wordsOf({ name, path, process }: WatchedCall, before: number): string {
  const op = process.disk.life.trace[before];
  if (op !== undefined) return formatOp(op);
  return path === "" ? name : `${name} "${path}"`;
}
