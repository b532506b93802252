/**
 * conf 15.1.0 keeps settings in a JSON file, which atomically 2.1.1 replaces with an fsync of the
 * new file.
 *
 * It promises: "Changes are written to disk atomically, so if the process crashes during a write,
 * it will not corrupt the existing config" (readme.md, first section). No durability is promised.
 * Judged is what it promises of a crash of the process at a power loss, too.
 *
 * @module
 */
import {
  installHooks,
  type KeyValueCommand,
  keyValues,
  type StoreUnderTest,
  useDisk,
} from "../../mod.ts";
import type { State } from "./_keyed_file.ts";
import { writtenBack } from "./_written_back.ts";

interface Settings {
  store: State;
}

/**
 * A store in the settings of conf.
 *
 * @returns The store.
 */
export async function confStore(): Promise<StoreUnderTest<unknown, KeyValueCommand, State>> {
  installHooks();
  const { default: Conf } = await import("conf");
  return writtenBack<Settings, KeyValueCommand, State>({
    name: "conf 15.1.0",
    acks: "never",
    ...keyValues,
    open(fs, dir) {
      useDisk(fs);
      return new Conf({ cwd: dir, projectName: "plugpull" }) as unknown as Settings;
    },
    apply(settings, command) {
      settings.store = keyValues.model.next({ ...settings.store }, command);
    },
    observe: (settings) => ({ ...settings.store }),
  }, "config.json");
}
