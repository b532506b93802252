/**
 * An op by its number, as reports name it: every life counts its own.
 *
 * @param op The number of the op, from 1.
 * @param life The number of its life.
 * @returns `op 3`; in the lives after a power loss, `op 3 of recovery 1`.
 */
export function opOfLife(op: number, life: number): string {
  return life === 0 ? `op ${op}` : `op ${op} of recovery ${life}`;
}
