/**
 * A mutating call on a file or directory, or a barrier, as the trace keeps it. A call that failed is
 * kept only where it has changed what the media may hold; so is a writeback of the kernel.
 */
export interface Op {
  /** The call. `sync` and `syncData` are barriers. */
  readonly kind:
    | "create"
    | "link"
    | "mkdir"
    | "remove"
    | "rename"
    | "sync"
    | "syncData"
    | "truncate"
    | "write"
    | "writeback";
  /** The path as the caller named it, for reports. */
  readonly path: string;
  /** The file that the call was about; for a name, the file or directory that bears it. */
  readonly inode: number;
  /** Inode of the directory that holds the name (create, link, mkdir, remove, rename: the old one). */
  readonly directory?: number;
  /** The name within `directory`. */
  readonly name?: string;
  /** Rename: inode of the directory that holds the new name. */
  readonly toDirectory?: number;
  /** Rename: the new name within `toDirectory`. */
  readonly toName?: string;
  /** Rename and link: the new path as the caller named it, for reports. */
  readonly toPath?: string;
  /** Write: where, in bytes. Truncate: the new size, in bytes. */
  readonly offset?: number;
  /** Write: the bytes. */
  readonly bytes?: Uint8Array;
  /** What could not be written out, in words, where the call is a barrier or a writeback that failed. */
  readonly failed?: string;
}

/**
 * An op in words, for reports and messages.
 *
 * @param op The op.
 * @returns For example `write "/log/1" 108 bytes at 216`.
 *
 * @example
 * ```ts
 * import { formatOp } from "../../mod.ts";
 *
 * console.log(formatOp({ kind: "sync", path: "/log/1", inode: 2 })); // sync "/log/1"
 * ```
 */
export function formatOp(op: Op): string {
  switch (op.kind) {
    case "write":
      return `write "${op.path}" ${op.bytes?.length ?? 0} bytes at ${op.offset}`;
    case "truncate":
      return `truncate "${op.path}" to ${op.offset} bytes`;
    case "rename":
    case "link":
      return `${op.kind} "${op.path}" to "${op.toPath}"`;
    default:
      return `${op.kind} "${op.path}"${
        op.failed === undefined ? "" : `, which fails: ${op.failed}`
      }`;
  }
}
