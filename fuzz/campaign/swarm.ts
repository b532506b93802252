/**
 * Swarm testing: each run draws which features it may use at all, because many bugs hide behind a
 * feature that drowns them (Groce et al., Swarm Testing, ISSTA 2012).
 *
 * @module
 */
import type { Command, DiskOptions, ModelName } from "../../mod.ts";
import type { InputDisk } from "./input.ts";
import type { Random } from "./random.ts";

/** What the log can do, and what the user has settled. */
export interface Bounds {
  /** Whether the log has `sync`. */
  readonly syncs: boolean;
  /** Whether it has `truncateFront`. */
  readonly forgets: boolean;
  /** What the user said of the disk: it is not drawn. */
  readonly disk: DiskOptions;
  /** The persistence models to draw from, where the user has named none. */
  readonly models: readonly ModelName[];
  /** Whether calls may fail. */
  readonly faults: boolean;
  /** How many power losses may hit a recovery; drawn where it is left out. */
  readonly depth?: number | undefined;
  /** The most recoveries of a run; drawn where it is left out. */
  readonly recoveries?: number | undefined;
}

/** How the size of a record is drawn. */
export type SizeLaw = "empty" | "small" | "any" | "sectors" | "large";

/** What one run may use. */
export interface Swarm {
  /** The commands beside `append`, which is always in. */
  readonly commands: readonly Command["do"][];
  /** How sizes are drawn. */
  readonly sizes: readonly SizeLaw[];
  /** The most lives before the last power loss. */
  readonly livesMax: number;
  /** The most commands of a life. */
  readonly commandsMax: number;
  /** The disk. */
  readonly disk: InputDisk;
  /** How many faults strike in the first life. */
  readonly faults: number;
  /** How many power losses may hit a recovery. */
  readonly depth: number;
  /** The most recoveries. */
  readonly recoveries: number;
}

/** Most bugs need no large records, and these are slow to recover. */
const SIZES: readonly SizeLaw[] = ["empty", "small", "small", "small"];

const BLOCK_BYTES = 4096;

/** Draws what one run may use. */
export function drawSwarm(random: Random, bounds: Bounds): Swarm {
  const commands: Command["do"][] = random.some([
    "reopen",
    "kill",
    "killDuring",
  ]);
  // Of interest to logs that wait, and slower than all others.
  if (random.oneIn(4)) commands.push("burst");
  if (random.oneIn(8)) commands.push("concurrent");
  if (bounds.forgets && random.oneIn(2)) commands.push("truncateFront");
  // A log that promises with `sync` promises nothing without it.
  if (bounds.syncs && !random.oneIn(8)) commands.push("sync");
  const sizes = random.some(SIZES);
  for (const law of ["any", "any", "sectors", "large"] as const) {
    if (random.oneIn(8)) sizes.push(law);
  }
  return {
    commands,
    sizes: sizes.length > 0 ? sizes : ["small"],
    livesMax: random.pick([1, 1, 1, 2, 2, 3, 4]),
    commandsMax: random.pick([4, 4, 8, 8, 16, 32]),
    disk: drawDisk(random, bounds),
    faults: bounds.faults && random.oneIn(4) ? random.between(1, 2) : 0,
    depth: bounds.depth ?? random.pick([0, 1, 1, 2]),
    recoveries: bounds.recoveries ?? random.pick([4, 8, 16, 32, 64]),
  };
}

/** Draws what the user has left open, and no disk that is worse than the one that a check is made with. */
function drawDisk(random: Random, { disk, models, faults }: Bounds): InputDisk {
  const model = random.pick(models);
  const isLarge = random.oneIn(4) && disk.sectorBytes === undefined && disk.tearBytes === undefined;
  const isSmall = faults && random.oneIn(12);
  const capacityBytes = random.between(1, 8) * BLOCK_BYTES;
  return {
    model,
    staleTail: false,
    sectorBytes: 512,
    // A disk that claims sectors of 4096 bytes and keeps only their eighths whole is no worse.
    ...(isLarge && { sectorBytes: 4096, tearBytes: 512 } as const),
    ...(isSmall && { capacityBytes }),
    ...disk,
  };
}

/** Draws the size of a record. */
export function drawBytes(random: Random, sizes: readonly SizeLaw[]): number {
  switch (random.pick(sizes)) {
    case "empty":
      return 0;
    case "small":
      return random.below(65);
    case "any":
      return random.below(1301);
    case "sectors":
      // A frame has a header: what fills a sector to its last byte is somewhat shorter.
      return 512 * random.between(1, 4) - random.below(48);
    case "large":
      return random.scaled(8192);
  }
}
