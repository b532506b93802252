/**
 * What a process of a shared campaign keeps on its own disk: what all batches have come to so far, so
 * that nothing is lost with Redis.
 *
 * @module
 */
import { ensureDirSync } from "@std/fs";
import { join, resolve } from "@std/path";
import { causeOf, type Counterexample, RealFileSystem, syncDirectory } from "../../../mod.ts";
import { CampaignError } from "../campaign.ts";
import { nameOf } from "../input.ts";
import {
  type Begun,
  type Found,
  Journal,
  type Kept,
  NOTHING_TOLD,
  tell,
  type Told,
} from "../journal.ts";
import { tryLock } from "../lock.ts";
import type { Point } from "../point.ts";

/** The journal of a process, where no other process on this machine has it. */
export class LocalState {
  /** What earlier campaigns have kept. */
  readonly base: readonly Kept[];
  readonly #directory: string;
  readonly #begun: Begun;
  readonly #journal: Journal | undefined;
  readonly #lock: Deno.FsFile | undefined;
  /** What this campaign has kept before this process was started. */
  readonly #own: readonly Kept[];
  readonly #points: readonly Point[];
  readonly #names: Set<string>;
  readonly #causes: Set<string>;
  /** Findings that wait for their explanation. */
  readonly #unexplained: Found[];

  /**
   * Opens the journal; nothing is written to it yet. Where another process on this machine takes part
   * in a campaign in the same directory, nothing is kept: that one does it.
   *
   * @throws {CampaignError} When the journal cannot be opened.
   */
  constructor(directory: string, begun: Begun) {
    this.#directory = directory;
    this.#begun = begun;
    const journalled = join(directory, "journal");
    let told: Told;
    try {
      this.#lock = tryLock(directory);
      ensureDirSync(journalled);
      this.#journal = this.#lock !== undefined
        ? Journal.open(new RealFileSystem(), resolve(journalled))
        : undefined;
      told = tell(this.#journal?.lines() ?? []);
    } catch (error) {
      throw this.#failed("open", error);
    }
    const isSame = JSON.stringify(told.begun) === JSON.stringify(begun);
    this.#own = isSame ? told.own : [];
    this.#points = isSame ? told.points : [];
    this.base = isSame ? told.base : [...told.base, ...told.own];
    this.#names = new Set([...this.base, ...this.#own].map(({ input }) => nameOf(input)));
    this.#unexplained = [...told.unexplained];
    this.#causes = new Set(this.#unexplained.map(({ found }) => causeOf(found)));
  }

  /**
   * Begins the campaign in the journal, or goes on with it.
   *
   * @throws {CampaignError} When the journal cannot be written.
   */
  begin(): void {
    this.#replace(this.#own, this.#points);
    syncDirectory(new RealFileSystem(), resolve(this.#directory));
  }

  /** Whether this process keeps what is found; if not, another one on this machine does. */
  get isKept(): boolean {
    return this.#journal !== undefined;
  }

  /** How many runs are kept, those of earlier campaigns included. */
  get size(): number {
    return this.#names.size;
  }

  /** Keeps what is not kept yet; it is safe after the next {@linkcode sync}. */
  add(entries: readonly Kept[], findings: readonly Counterexample[]): void {
    for (const entry of entries) {
      const name = nameOf(entry.input);
      if (this.#names.has(name)) continue;
      this.#names.add(name);
      this.#journal?.append({ kind: "entry", entry });
    }
    for (const found of findings) {
      const cause = causeOf(found);
      if (this.#causes.has(cause)) continue;
      this.#causes.add(cause);
      this.#unexplained.push({ found });
      this.#journal?.append({ kind: "found", found });
    }
  }

  /** Makes durable what was added, and a point of the curve with it. */
  sync(point?: Point): void {
    try {
      if (point !== undefined) this.#journal?.append({ kind: "point", point });
      this.#journal?.sync();
    } catch (error) {
      throw this.#failed("write", error);
    }
  }

  /**
   * Ends the campaign: what it has kept is written anew, in an order that is the same for everybody.
   *
   * @param entries What the campaign has kept.
   * @param explained The causes of findings that are explained by now.
   * @param points The curve.
   */
  settle(
    entries: readonly Kept[],
    { explained, points }: {
      readonly explained: ReadonlySet<string>;
      readonly points: readonly Point[];
    },
  ): void {
    const before = new Set(this.base.map(({ input }) => nameOf(input)));
    const left = this.#unexplained.filter(({ found }) => !explained.has(causeOf(found)));
    this.#unexplained.splice(0, Infinity, ...left);
    this.#replace(entries.filter(({ input }) => !before.has(nameOf(input))), points);
  }

  /** Closes the journal. */
  close(): void {
    this.#journal?.close();
    this.#lock?.close();
  }

  #replace(own: readonly Kept[], points: readonly Point[]): void {
    try {
      this.#journal?.replace({
        ...NOTHING_TOLD,
        begun: this.#begun,
        base: this.base,
        own,
        points,
        unexplained: this.#unexplained,
      });
    } catch (error) {
      throw this.#failed("write", error);
    }
  }

  #failed(what: string, error: unknown): CampaignError {
    return new CampaignError(
      `Cannot ${what} the campaign in "${this.#directory}": ${(error as Error).message}`,
    );
  }
}
