/**
 * Flags of V8 for processes that run one crash after the other.
 *
 * Each recovery leaves many small buffers behind. V8 frees them in other threads, which wait for the
 * locks of the allocator and take processors from other lanes: with one thread, a lane needs 0.55 to
 * 0.7 of the processor time.
 *
 * @module
 */

/** Garbage is collected in the thread that has made it. */
export const ONE_THREAD = "--single-threaded-gc";

/** Gives {@linkcode collectGarbage} something to do. */
export const ON_DEMAND = "--expose-gc";

/**
 * Collects all garbage. Left to itself, V8 lets the heap of a lane grow to several times of what it
 * needs before it looks at what is old.
 */
export function collectGarbage(): void {
  (globalThis as { gc?: () => void }).gc?.();
}
