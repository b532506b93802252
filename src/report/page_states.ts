/**
 * The states of a store as the page shows them: key by key, what must be there beside what came back.
 *
 * @module
 */
import { bytesOf, jsonOf } from "../check/json.ts";
import type { Account } from "../check/history.ts";
import type { StateComparison } from "../check/oracle.ts";
import type { PageState } from "./page_model.ts";
import { shortenedApart } from "./shortened.ts";
import { visible } from "./visible.ts";

/** Of more keys, those that differ come first, and the rest is counted. */
const KEYS_MAX = 12;
/** What lies deeper is shown as one value. */
const DEPTH_MAX = 4;

/** A state, and over which column it stands. */
interface Column {
  readonly title: string;
  readonly leaves: ReadonlyMap<string, string>;
}

/** One key, in every column. */
interface Row {
  readonly key: string;
  readonly values: readonly string[];
  readonly isWrong: boolean;
}

/**
 * A comparison of states, for the page.
 *
 * @param comparison What was recovered, and what would have been right.
 * @param account How many commands are owed, and how many were issued.
 * @returns The keys, the first that differ included.
 */
export function pageState(
  { least, most, recovered }: StateComparison,
  { owed, issued }: Pick<Account, "owed" | "issued">,
): PageState {
  const is = (a: unknown, b: unknown) => textOf(a) === textOf(b);
  const columns: Column[] = is(least, most) ? [columnOf(`Must hold, ${afterOf(issued)}`, least)] : [
    columnOf(`At least, ${afterOf(owed)}`, least),
    columnOf(`At most, ${afterOf(issued)}`, most),
  ];
  const nearest = recovered && columnOf("Closest that is right", recovered.nearest);
  if (recovered !== undefined) {
    if (!is(recovered.nearest, least) && !is(recovered.nearest, most)) columns.push(nearest!);
    columns.push(columnOf("Came back", recovered.state));
  }
  const keys = keysOf(columns);
  const rows = keys.map((key): Row => {
    const values = columns.map(({ leaves }) => leaves.get(key) ?? "missing");
    const right = nearest?.leaves.get(key) ?? "missing";
    return { key, values, isWrong: nearest !== undefined && values.at(-1) !== right };
  });
  const weightOf = ({ isWrong, values }: Row) =>
    isWrong ? 0 : values.some((value) => value !== values[0]) ? 1 : 2;
  const sorted = rows.toSorted((a, b) => weightOf(a) - weightOf(b) || (a.key < b.key ? -1 : 1));
  const shown = sorted.slice(0, KEYS_MAX);
  return {
    columns: columns.map(({ title }) => title),
    rows: shown.map(({ key, values, isWrong }) => [
      visible(shortenedApart([key])[0]!),
      shortenedApart(values).map(visible),
      isWrong ? 1 : 0,
    ]),
    more: sorted.length - shown.length,
    moreWrong: sorted.slice(KEYS_MAX).filter(({ isWrong }) => isWrong).length,
    isJudged: recovered !== undefined,
    after: recovered?.after ?? -1,
  };
}

/** The keys of all columns; what is empty in some and has parts in all others tells nothing. */
function keysOf(columns: readonly Column[]): string[] {
  const keys = [...new Set(columns.flatMap(({ leaves }) => [...leaves.keys()]))];
  const hasParts = ({ leaves }: Column, key: string) =>
    leaves.keys().some((other) => other.startsWith(`${key}.`) || other.startsWith(`${key}[`));
  return keys.filter((key) =>
    !columns.some((column) => hasParts(column, key)) ||
    !columns.every((column) =>
      hasParts(column, key) || ["{}", "[]"].includes(column.leaves.get(key) ?? "")
    )
  );
}

function afterOf(commands: number): string {
  return commands === 0
    ? "as it was opened"
    : `after ${commands === 1 ? "1 command" : `${commands} commands`}`;
}

function columnOf(title: string, state: unknown): Column {
  const leaves = new Map<string, string>();
  addLeaves(state, "", { depth: 0, leaves });
  return { title, leaves };
}

/** Takes a JSON value apart: what has no parts is a leaf. */
function addLeaves(
  value: unknown,
  place: string,
  { depth, leaves }: { readonly depth: number; readonly leaves: Map<string, string> },
): void {
  const parts = typeof value === "object" && value !== null ? Object.entries(value) : [];
  // What a store without a key has is nothing, and not a value.
  if (parts.length === 0 && place === "" && typeof value === "object" && value !== null) return;
  if (parts.length === 0 || depth === DEPTH_MAX) {
    leaves.set(place === "" ? "the state" : place, textOf(value));
    return;
  }
  for (const [key, part] of parts) {
    const at = Array.isArray(value) ? `${place}[${key}]` : place === "" ? key : `${place}.${key}`;
    addLeaves(part, at, { depth: depth + 1, leaves });
  }
}

function textOf(value: unknown): string {
  return jsonOf(bytesOf(value, "a state"));
}
