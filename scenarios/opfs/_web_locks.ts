/**
 * Locks as `navigator.locks` gives them out, for a process that is alone in its browser: its own
 * connections are the only ones. Nothing outlives the process, and nothing takes real time.
 *
 * Not simulated: stealing, and giving up after a while.
 *
 * @module
 */

interface Lock {
  readonly name: string;
  readonly mode: "exclusive" | "shared";
}

type Callback = (lock: Lock | null) => unknown;

interface Options {
  readonly mode?: "exclusive" | "shared";
  readonly ifAvailable?: boolean;
  readonly steal?: boolean;
  readonly signal?: AbortSignal;
}

interface Request {
  readonly lock: Lock;
  grant(): void;
}

/** The locks of one process. */
export class WebLocks {
  readonly #held: Lock[] = [];
  readonly #waiting: Request[] = [];

  /** Asks for a lock, and holds it until what `callback` returns has settled. */
  request(name: string, ...rest: [Callback] | [Options, Callback]): Promise<unknown> {
    const callback = rest.at(-1) as Callback;
    const { mode = "exclusive", ifAvailable = false, steal, signal }: Options = rest.length === 2
      ? rest[0] as Options
      : {};
    if (steal || signal) throw new Error("not simulated: a lock with steal or signal");
    const lock = { name, mode };
    const isFree = this.#isFree(lock) &&
      this.#waiting.every((waiting) => waiting.lock.name !== name);
    if (ifAvailable && !isFree) return Promise.resolve().then(() => callback(null));
    const { promise, resolve } = Promise.withResolvers<void>();
    if (isFree) this.#grant({ lock, grant: resolve });
    else this.#waiting.push({ lock, grant: resolve });
    return promise.then(() => callback(lock)).finally(() => this.#release(lock));
  }

  /** What is held and waited for. */
  query(): Promise<{ held: Lock[]; pending: Lock[] }> {
    return Promise.resolve({
      held: [...this.#held],
      pending: this.#waiting.map(({ lock }) => lock),
    });
  }

  #isFree({ name, mode }: Lock): boolean {
    const others = this.#held.filter((held) => held.name === name);
    return mode === "shared" ? others.every((held) => held.mode === "shared") : others.length === 0;
  }

  #grant({ lock, grant }: Request): void {
    this.#held.push(lock);
    grant();
  }

  #release(lock: Lock): void {
    this.#held.splice(this.#held.indexOf(lock), 1);
    const blocked = new Set<string>();
    for (const request of [...this.#waiting]) {
      const { name } = request.lock;
      if (blocked.has(name) || !this.#isFree(request.lock)) {
        blocked.add(name);
        continue;
      }
      this.#waiting.splice(this.#waiting.indexOf(request), 1);
      this.#grant(request);
    }
  }
}

/** A `BroadcastChannel` that nobody else listens to: there is one connection. */
export class LonelyChannel {
  /** The name of the channel. */
  readonly name: string;
  /** Never called. */
  onmessage: unknown = null;

  /** Joins nobody. */
  constructor(name: string) {
    this.name = name;
  }

  /** Reaches nobody: a channel does not hear itself. */
  postMessage(_message: unknown): void {}

  /** Leaves. */
  close(): void {}
}

/** Puts both in the place of the globals, until the next process takes theirs. */
export function standInForLocks(): void {
  const value = new WebLocks();
  Object.defineProperty(navigator, "locks", { value, configurable: true, writable: true });
  Object.assign(globalThis, { BroadcastChannel: LonelyChannel });
}
