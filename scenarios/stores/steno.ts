/**
 * steno 4.0.2 replaces a file: a temporary file and a rename, without a barrier.
 *
 * It promises "No partial writes (writes are atomic)" (README.md, Features) and does not speak of
 * power loss. Judged is the promise at a power loss: the old text or the new one, whole.
 *
 * @module
 */
import { installHooks } from "../../mod.ts";
import { keyedFile } from "./_keyed_file.ts";

/**
 * A store in a file that steno replaces.
 *
 * @returns The store.
 */
export async function stenoStore() {
  installHooks();
  const { Writer } = await import("steno");
  return keyedFile({
    name: "steno 4.0.2",
    start: () => {
      let writer: InstanceType<typeof Writer> | undefined;
      return (path, text) => (writer ??= new Writer(path)).write(text);
    },
  });
}
