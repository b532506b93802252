/**
 * Ends this process when the one that has started it is gone, also while a log hangs in it: another
 * thread watches.
 *
 * @module
 */

/** How often it looks, in milliseconds. */
const LOOK_MS = 1_000;

/** Begins to watch. Call it before the log is loaded. */
export function endWithParent(): void {
  const text = `
    const parent = ${Deno.ppid};
    setInterval(() => {
      if (Deno.ppid !== parent) Deno.kill(Deno.pid, "SIGKILL");
    }, ${LOOK_MS});
  `;
  new Worker(`data:text/javascript,${encodeURIComponent(text)}`, { type: "module" });
}
