import type { Account } from "../check/history.ts";
import type { Terms } from "../check/oracle.ts";
import type { PageMoment, PageOwed, PageRecord, PageState } from "./page_model.ts";
import { pageState } from "./page_states.ts";
import { shortened } from "./shortened.ts";
import { visible } from "./visible.ts";

/** How many bytes at the begin of a record are shown. */
const HEAD_BYTES = 8;

/** What of a moment is about records. */
export type Balance = Pick<
  PageMoment,
  "recovered" | "state" | "account" | "owed" | "issued" | "frontOwed" | "frontIssued"
>;

/** Records, commands, accounts and states; what is the same is kept once. */
export class RecordList {
  /** Every distinct record that was appended or recovered, or every command. */
  readonly records: PageRecord[] = [];
  /** Lists of what a session had. */
  readonly accounts: PageOwed[][] = [];
  /** Of a store: what must be there beside what came back. */
  readonly states: PageState[] = [];
  readonly #terms: Terms;
  readonly #recordIds = new Map<string, number>();
  readonly #accountIds = new Map<string, number>();
  readonly #stateIds = new Map<string, number>();

  /** Starts with nothing. */
  constructor(terms: Terms) {
    this.#terms = terms;
  }

  /**
   * What is owed at a moment, and what came back.
   *
   * @param account What is owed.
   * @param recovered What came back; `undefined` where nothing could, or nobody has looked.
   * @returns Places in the lists.
   */
  balanceOf(account: Account, recovered: readonly Uint8Array[] | undefined): Balance {
    const { owed, issued, frontOwed, frontIssued } = account;
    const list = this.#accountId(account);
    const states = account.compare(recovered);
    const state = states === undefined ? -1 : this.#stateId(pageState(states, account));
    const ids = states === undefined
      ? recovered?.map((record) => this.#recordId(record, account)) ?? null
      : null;
    return { recovered: ids, state, account: list, owed, issued, frontOwed, frontIssued };
  }

  #recordId(record: Uint8Array, account?: Account): number {
    const key = record.toBase64();
    const known = this.#recordIds.get(key);
    if (known !== undefined) return known;
    this.#recordIds.set(key, this.records.length);
    const head = record.subarray(0, HEAD_BYTES).toHex();
    const note = account && differenceOf(record, account);
    const words = this.#terms.wordsOf(record);
    const text = words && visible(shortened(words));
    return this.records.push({
      bytes: record.length,
      head,
      ...(text && { text }),
      ...(note && { note }),
    }) - 1;
  }

  #accountId({ records }: Account): number {
    const list = records.map(({ record, wasShown, mayMiss }): PageOwed => [
      this.#recordId(record),
      wasShown ? 1 : 0,
      mayMiss ? 1 : 0,
    ]);
    return placeIn(this.accounts, this.#accountIds, list);
  }

  #stateId(state: PageState): number {
    return placeIn(this.states, this.#stateIds, state);
  }
}

/** The place of a value in a list; it is added where it is new. */
function placeIn<Value>(list: Value[], ids: Map<string, number>, value: Value): number {
  const key = JSON.stringify(value);
  const known = ids.get(key);
  if (known !== undefined) return known;
  ids.set(key, list.length);
  return list.push(value) - 1;
}

/** Where a record leaves the appended one that it is most like, when its begin does not show it. */
function differenceOf(record: Uint8Array, { records }: Account): string | undefined {
  const common = records.map(({ record: other }) => {
    const at = record.findIndex((byte, i) => byte !== other[i]);
    return at < 0 ? record.length : at;
  });
  const at = Math.max(-1, ...common);
  if (at < HEAD_BYTES || at === record.length) return undefined;
  const found = record[at]!.toString(16).padStart(2, "0");
  return `from byte ${at} on other bytes: ${found} …`;
}
