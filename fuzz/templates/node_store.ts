/**
 * A store written for `node:fs`: the simulated disk comes in that shape as `fs.node`. Here each set
 * and each removal is a line of a journal, and a snapshot replaces the journal when it gets long.
 *
 *   deno task check MODULE                     every crash of some fifty workloads
 */
import crc32 from "crc-32";
import { type KeyValueCommand, keyValues, type NodeFs, type StoreUnderTest } from "../../mod.ts";

/** After so many lines a snapshot is made. */
const MOST_LINES = 4;

class JournalStore {
  values: Record<string, string> = {};
  readonly #fs: NodeFs;
  readonly #dir: string;
  #lines = 0;
  /** A call has failed: nobody knows what the journal holds, and it is to be replaced. */
  #isSuspect = false;

  constructor(fs: NodeFs, dir: string) {
    this.#fs = fs;
    this.#dir = dir;
    // Not `existsSync`, which says "no" where the disk says that it cannot tell.
    if (!fs.readdirSync(dir).includes("journal")) return;
    const text = fs.readFileSync(`${dir}/journal`, "utf8");
    // The last line may be torn: it ends without a newline, or its checksum is wrong.
    for (const line of text.split("\n").slice(0, -1)) {
      const command = parsed(line);
      if (command === undefined) break;
      this.#change(command);
    }
    // What is shown must last, and what was read may be in the page cache only: after a barrier that
    // failed it counts as clean there, and no barrier writes it any more.
    this.#snapshot();
  }

  apply(command: KeyValueCommand): void {
    this.#change(command);
    if (this.#isSuspect || this.#lines > MOST_LINES) return this.#snapshot();
    this.#isSuspect = true;
    this.#write("journal", "a", [command]);
    this.#syncDirectory();
    this.#isSuspect = false;
  }

  /** The same state in fewer lines, written beside the journal and then put in its place. */
  #snapshot(): void {
    const lines = Object.entries(this.values).map(([set, value]) => ({ set, value }));
    this.#write("draft", "w", lines);
    this.#fs.renameSync(`${this.#dir}/draft`, `${this.#dir}/journal`);
    this.#syncDirectory();
    this.#lines = lines.length;
    this.#isSuspect = false;
  }

  #write(name: string, flags: "a" | "w", commands: readonly KeyValueCommand[]): void {
    const fd = this.#fs.openSync(`${this.#dir}/${name}`, flags);
    this.#fs.writeFileSync(fd, commands.map(lineOf).join(""));
    this.#fs.fsyncSync(fd);
    this.#fs.closeSync(fd);
  }

  #change(command: KeyValueCommand): void {
    this.#lines++;
    if ("set" in command) this.values[command.set] = command.value;
    else delete this.values[command.remove];
  }

  /** A new name is durable only when its directory has been synced. */
  #syncDirectory(): void {
    const fd = this.#fs.openSync(this.#dir, "r");
    this.#fs.fsyncSync(fd);
    this.#fs.closeSync(fd);
  }
}

/** A command with a checksum: a line that is torn in the middle of a text would still parse. */
function lineOf(command: KeyValueCommand): string {
  const text = JSON.stringify(command);
  return `${text} ${crc32.str(text)}\n`;
}

/** The command of a line; `undefined` when it is not whole. */
function parsed(line: string): KeyValueCommand | undefined {
  const text = line.slice(0, line.lastIndexOf(" "));
  return line === `${text} ${crc32.str(text)}` ? JSON.parse(text) : undefined;
}

const store: StoreUnderTest<JournalStore> = {
  name: "my journal",
  acks: "apply",
  ...keyValues,
  open: (fs, dir) => new JournalStore(fs.node, dir),
  apply: (store, command) => store.apply(command),
  observe: ({ values }) => values,
};

export default store;
