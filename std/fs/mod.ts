// The part of @std/fs that this project uses, with the same signatures and the same behaviour. It
// stands in for the real package where only the npm registry can be reached.
import { basename, join } from "node:path";

/** What {@linkcode exists} and {@linkcode existsSync} ask for. */
export interface ExistsOptions {
  /** The path must be a directory. */
  isDirectory?: boolean;
  /** The path must be a file. */
  isFile?: boolean;
}

/** Which entries {@linkcode walkSync} yields. */
export interface WalkOptions {
  /** Levels below the root. Default: no limit. */
  maxDepth?: number;
  /** Yields files. Default: `true`. */
  includeFiles?: boolean;
  /** Yields directories, the root among them. Default: `true`. */
  includeDirs?: boolean;
  /** Yields only paths with one of these extensions. */
  exts?: string[];
  /** Yields only paths that one of these matches. */
  match?: RegExp[];
  /** Neither yields nor enters paths that one of these matches. */
  skip?: RegExp[];
}

/** An entry that {@linkcode walkSync} yields. */
export interface WalkEntry extends Deno.DirEntry {
  /** The root, joined with the names on the way to the entry. */
  path: string;
}

/** Creates a directory and its parents unless they exist. */
export async function ensureDir(dir: string | URL): Promise<void> {
  await Deno.mkdir(dir, { recursive: true });
}

/** Creates a directory and its parents unless they exist. */
export function ensureDirSync(dir: string | URL): void {
  Deno.mkdirSync(dir, { recursive: true });
}

/** Tells whether a path exists. */
export async function exists(
  path: string | URL,
  options?: ExistsOptions,
): Promise<boolean> {
  try {
    return isWanted(await Deno.stat(path), options);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Tells whether a path exists. */
export function existsSync(
  path: string | URL,
  options?: ExistsOptions,
): boolean {
  try {
    return isWanted(Deno.statSync(path), options);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** The files and directories under `root`, in the order of the file system. */
export function* walkSync(
  root: string,
  options: WalkOptions = {},
): IterableIterator<WalkEntry> {
  const {
    maxDepth = Infinity,
    includeFiles = true,
    includeDirs = true,
    skip = [],
  } = options;
  if (maxDepth < 0) return;
  if (includeDirs && isIncluded(root, options)) {
    const { isFile, isDirectory, isSymlink } = Deno.statSync(root);
    yield { path: root, name: basename(root), isFile, isDirectory, isSymlink };
  }
  if (maxDepth < 1 || skip.some((pattern) => pattern.test(root))) return;
  for (const entry of Deno.readDirSync(root)) {
    const path = join(root, entry.name);
    if (entry.isDirectory) {
      yield* walkSync(path, { ...options, maxDepth: maxDepth - 1 });
    } else if (includeFiles && isIncluded(path, options)) {
      yield { path, ...entry };
    }
  }
}

function isWanted(info: Deno.FileInfo, options: ExistsOptions = {}): boolean {
  if (options.isDirectory && options.isFile) {
    throw new TypeError(
      "Cannot ask for a path that is both a directory and a file",
    );
  }
  return (!options.isDirectory || info.isDirectory) &&
    (!options.isFile || info.isFile);
}

function isIncluded(
  path: string,
  { exts, match, skip = [] }: WalkOptions,
): boolean {
  if (
    exts &&
    !exts.some((ext) => path.endsWith(ext.startsWith(".") ? ext : `.${ext}`))
  ) {
    return false;
  }
  if (match && !match.some((pattern) => pattern.test(path))) return false;
  return !skip.some((pattern) => pattern.test(path));
}
