/**
 * A log in two tables: one record is one transaction that puts one half of it into each, so that half a
 * transaction shows as half a record.
 *
 * @module
 */
import type { MaybePromise } from "../../mod.ts";

/** What a log of this kind needs from its engine. */
export interface Sql {
  run(sql: string, bind?: readonly Uint8Array[]): MaybePromise<void>;
  rows(sql: string): MaybePromise<unknown[][]>;
}

/** Creates the tables, if they are not there. */
export const CREATE = `
  CREATE TABLE IF NOT EXISTS front(id INTEGER PRIMARY KEY, half BLOB);
  CREATE TABLE IF NOT EXISTS back(id INTEGER PRIMARY KEY, half BLOB);
`;

/** Reads each record that is there at least by half, in the order of their numbers. */
const READ = `
  SELECT id, front.half, back.half FROM front FULL JOIN back USING (id) ORDER BY id
`;

/** Appends one record; `begin` is how the transaction begins. */
export async function appendTo(
  sql: Sql,
  record: Uint8Array,
  begin = "BEGIN IMMEDIATE",
): Promise<void> {
  const middle = record.length >> 1;
  await sql.run(begin);
  await sql.run("INSERT INTO front(half) VALUES (?)", [record.slice(0, middle)]);
  await sql.run("INSERT INTO back(half) VALUES (?)", [record.slice(middle)]);
  await sql.run("COMMIT");
}

/** All records; refuses a database that SQLite itself finds damaged. */
export async function recordsOf(sql: Sql): Promise<Uint8Array[]> {
  const verdicts = await sql.rows("PRAGMA integrity_check");
  if (verdicts[0]?.[0] !== "ok") throw new Error(`The database is damaged: ${verdicts}`);
  return (await sql.rows(READ)).map(([, ...halves]) => joined(halves));
}

/** The halves that are there, one after the other. */
function joined(halves: readonly unknown[]): Uint8Array {
  const parts = halves.map((half) => half instanceof Uint8Array ? half : new Uint8Array());
  const record = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    record.set(part, at);
    at += part.length;
  }
  return record;
}
