import type { Workload } from "../mod.ts";
import type { Message } from "./task.ts";

/** Signs are sent at most this often, in milliseconds: somebody reads them. */
const SIGN_MS = 100;

/** What a worker tells of what it is doing: `check: workload 12 of 38, 120,334 recoveries`. */
export class SignsOfLife {
  readonly #send: (message: Message & { kind: "alive" }) => void;
  #what = "";
  #at = "";
  #workloads: readonly Workload[] = [];
  /** The name of the workload that is run. */
  #workload: string | undefined;
  /** Runs of the log: a first one, its recoveries, and now and then another first one. */
  #runs = 0;
  #sent = -Infinity;

  /** Tells it with a message. */
  constructor(send: (message: Message & { kind: "alive" }) => void) {
    this.#send = send;
  }

  /**
   * Something new begins, and is told at once.
   *
   * @param what What it is, as `zoo`.
   * @param at How far it has come, as `14 of 59`.
   */
  begin(what: string, at = ""): void {
    this.#what = what;
    this.#at = at;
    this.#workloads = [];
    this.#runs = 0;
    this.#tell(performance.now());
  }

  /** It comes to another place; that is told with one of the next runs. */
  reach(at: string): void {
    this.#at = at;
  }

  /** A check begins, with these workloads. */
  readonly onStart = (workloads: readonly Workload[]): void => {
    this.#workloads = workloads;
  };

  /** The log is run. */
  readonly onRun = ({ name }: Workload): void => {
    this.#runs++;
    const now = performance.now();
    if (name === this.#workload && now - this.#sent < SIGN_MS) return;
    this.#workload = name;
    this.#tell(now);
  };

  #tell(now: number): void {
    this.#sent = now;
    this.#send({ kind: "alive", workload: this.#workload, doing: this.#words() });
  }

  #words(): string {
    const of = this.#workloads.length;
    const number = 1 + this.#workloads.findIndex(({ name }) => name === this.#workload);
    const details = [
      this.#at,
      number > 0 && of > 1 ? `workload ${number} of ${of}` : "",
      this.#runs > 1 ? `${this.#runs.toLocaleString("en-US")} recoveries` : "",
    ].filter((detail) => detail !== "");
    return details.length === 0 ? this.#what : `${this.#what}: ${details.join(", ")}`;
  }
}
