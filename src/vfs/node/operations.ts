/**
 * The operations that have a synchronous, a callback and a promise form.
 *
 * @module
 */
import { notSimulated } from "./argument_error.ts";
import { cp } from "./copied_tree.ts";
import { opendir } from "./directory.ts";
import type { NodeProcess } from "./node_process.ts";
import * as paths from "./path_operations.ts";
import type { Operation } from "./step.ts";
import * as trees from "./tree_operations.ts";
import * as files from "./whole_file_operations.ts";

/** Where calls go. */
export interface Host {
  /** The process that makes the calls. */
  readonly current: NodeProcess;
}

/** A module, as its exports by name. */
export type Exports = Record<string, unknown>;

/** What a call does, on the process that makes it. */
export type Operator = (process: NodeProcess, ...args: unknown[]) => Operation<unknown>;

/** What has all three forms, under the same name. */
export const OPERATIONS = {
  access: paths.access,
  appendFile: files.appendFile,
  chmod: paths.chmod,
  chown: paths.chown,
  copyFile: files.copyFile,
  cp,
  lchown: paths.lchown,
  link: paths.link,
  lstat: paths.lstat,
  lutimes: paths.lutimes,
  mkdir: trees.mkdir,
  mkdtemp: trees.mkdtemp,
  opendir,
  readFile: files.readFile,
  readdir: trees.readdir,
  readlink: paths.readlink,
  rename: paths.rename,
  rm: trees.rm,
  rmdir: trees.rmdir,
  stat: paths.stat,
  truncate: files.truncate,
  unlink: paths.unlink,
  utimes: paths.utimes,
  writeFile: files.writeFile,
} as Readonly<Record<string, Operator>>;

/** A refusal for each function of a module. */
export function refusals(module: object, prefix: string): Exports {
  const refused = Object.entries(module).map(([name, value]) => {
    const refusal = function () {
      throw notSimulated(`${prefix}.${name}`);
    };
    return [name, typeof value === "function" ? refusal : undefined];
  });
  return Object.fromEntries(refused);
}
