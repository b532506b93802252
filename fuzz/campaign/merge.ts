/**
 * Corpora and findings of several machines as one. In any order, and any number of times, the same
 * comes out.
 *
 * @module
 */
import { ensureDirSync, existsSync } from "@std/fs";
import { join, resolve } from "@std/path";
import {
  type Counterexample,
  CounterexampleError,
  parseCounterexample,
  RealFileSystem,
  writeWhole,
} from "../../mod.ts";
import { nameOf } from "./input.ts";
import { Journal, JournalError, type Kept, NOTHING_TOLD, tell } from "./journal.ts";
import { tryLock, UNDER_WAY } from "./lock.ts";

/** What came together. */
export interface Merged {
  /** By campaign, how many runs its corpus has. */
  readonly corpora: Readonly<Record<string, number>>;
  /** The findings. Those that were not there before come from other machines. */
  readonly findings: readonly {
    readonly file: string;
    readonly counterexample: Counterexample;
    readonly wasThere: boolean;
  }[];
  /** Files that could not be read, with the reason: they were left where they are. */
  readonly skipped: readonly string[];
}

/**
 * The entries of several corpora: each once, in the order of their names. Of the numbers of their runs,
 * which differ from machine to machine, the smallest is kept.
 */
export function mergedEntries(corpora: readonly (readonly Kept[])[]): Kept[] {
  const byName = new Map<string, Kept>();
  for (const entry of corpora.flat()) {
    const name = nameOf(entry.input);
    const other = byName.get(name);
    if (other === undefined || entry.run < other.run) byName.set(name, entry);
  }
  return [...byName].toSorted(([a], [b]) => a < b ? -1 : 1).map(([, entry]) => entry);
}

/**
 * Merges directories into one, which counts as one of them.
 *
 * @param directories Where campaigns were run, as `.plugpull`.
 * @param into Where to.
 * @throws {JournalError} When a journal was written by another version, or a campaign is under way.
 * @throws {Error} When a directory is missing or cannot be written.
 */
export function mergeDirectories(directories: readonly string[], into: string): Merged {
  for (const directory of directories) Deno.statSync(directory);
  const all = [...new Set([into, ...directories].map((directory) => resolve(directory)))];
  const campaigns = new Set(all.flatMap((directory) => namesIn(join(directory, "campaigns"))));
  const corpora: Record<string, number> = {};
  for (const name of [...campaigns].toSorted()) {
    const places = all.map((directory) => join(directory, "campaigns", name));
    ensureDirSync(places[0]!);
    using _locks = lockAll(places);
    const entries = mergedEntries(
      all.map((directory) => entriesIn(join(directory, "campaigns", name, "journal"))),
    );
    corpora[name] = entries.length;
    const journal = join(resolve(into), "campaigns", name, "journal");
    ensureDirSync(journal);
    using written = Journal.open(new RealFileSystem(), journal);
    written.replace({ ...NOTHING_TOLD, base: entries });
  }
  return { corpora, ...mergeFindings(all, into) };
}

/** The locks of a campaign in several directories: nobody else may write there. */
function lockAll(directories: readonly string[]): Disposable {
  const locks: Deno.FsFile[] = [];
  const release = () => locks.forEach((lock) => lock.close());
  for (const directory of directories) {
    if (!existsSync(directory)) continue;
    const lock = tryLock(directory);
    if (lock === undefined) {
      release();
      throw new JournalError(`Cannot use "${directory}": ${UNDER_WAY}`);
    }
    locks.push(lock);
  }
  return { [Symbol.dispose]: release };
}

function entriesIn(journal: string): readonly Kept[] {
  if (namesIn(journal).length === 0) return [];
  using opened = Journal.open(new RealFileSystem(), journal);
  const { base, own } = tell(opened.lines());
  return [...base, ...own];
}

function mergeFindings(all: readonly string[], into: string): Omit<Merged, "corpora"> {
  const target = join(into, "findings");
  const before = new Set(namesIn(target));
  const findings = new Map<string, Counterexample>();
  const skipped: string[] = [];
  for (const directory of all) {
    for (const name of namesIn(join(directory, "findings"))) {
      const file = join(directory, "findings", name);
      if (name.endsWith(".incident")) copy(file, join(target, name));
      if (!name.endsWith(".json") || findings.has(name)) continue;
      try {
        findings.set(name, parseCounterexample(Deno.readTextFileSync(file)));
        copy(file, join(target, name));
      } catch (error) {
        if (!(error instanceof CounterexampleError)) throw error;
        skipped.push(`${file}: ${error.message}`);
      }
    }
  }
  return {
    findings: [...findings].toSorted(([a], [b]) => a < b ? -1 : 1)
      .map(([name, counterexample]) => ({
        file: join(target, name),
        counterexample,
        wasThere: before.has(name),
      })),
    skipped,
  };
}

function copy(from: string, to: string): void {
  const path = resolve(to);
  if (path === from) return;
  ensureDirSync(resolve(path, ".."));
  writeWhole(path, Deno.readFileSync(from));
}

function namesIn(directory: string): string[] {
  try {
    return [...Deno.readDirSync(directory)].map(({ name }) => name).toSorted();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
