import type { FileSystem, LogUnderTest } from "../../mod.ts";

/** An open log of the zoo: what `open` returns and the harness then calls. */
export interface OpenLog {
  /** Adds one record after all others. */
  append(record: Uint8Array): void | Promise<void>;
  /** Makes everything appended so far durable. Needed when `acks` is `"sync"`. */
  sync?(): void;
  /** Every record now in the log, oldest first. */
  records(): readonly Uint8Array[];
  /** Forgets the oldest `count` records. */
  truncateFront?(count: number): void;
  /** Gives the handles back. */
  close(): void | Promise<void>;
}

/** What {@linkcode logUnderTest} needs to know about a log. */
export interface OpenLogOptions {
  /** Shown in reports. */
  readonly name: string;
  /** Which call's return promises durability. Only a log that acks on sync offers `sync`. */
  readonly acks: "append" | "sync";
  /** The log can forget its oldest records. Default: `false`. */
  readonly truncatesFront?: boolean;
  /** Opens the log in a directory, recovering whatever is there. */
  open(fs: FileSystem, dir: string): OpenLog;
}

/**
 * Plugs a log of the zoo into the harness.
 *
 * @param options The log: its name, what it promises and how to open it.
 * @returns The log as the harness sees it.
 */
export function logUnderTest(options: OpenLogOptions): LogUnderTest<OpenLog> {
  return {
    name: options.name,
    acks: options.acks,
    open: (fs, dir) => options.open(fs, dir),
    append: (log, record) => log.append(record),
    records: (log) => log.records(),
    close: (log) => log.close(),
    ...options.acks === "sync" ? { sync: (log: OpenLog) => log.sync?.() } : {},
    ...options.truncatesFront
      ? { truncateFront: (log: OpenLog, count: number) => log.truncateFront?.(count) }
      : {},
  };
}
