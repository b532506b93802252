import { interpreterText, type Outcome, type ScriptCall, written } from "./_script.ts";

/** A `node` process that carries out calls. */
export class NodeChild implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: ReadableStreamDefaultReader<string>;
  #rest = "";

  constructor() {
    const source = `
      const fs = require("node:fs"), os = require("node:os"), path = require("node:path");
      ${interpreterText()}
      const lines = require("node:readline").createInterface({ input: process.stdin });
      lines.on("line", async (line) => {
        const root = fs.mkdtempSync(path.join(os.tmpdir(), "plugpull_"));
        const outcomes = await interpret(fs, root, JSON.parse(line));
        fs.rmSync(root, { recursive: true, force: true });
        console.log(JSON.stringify(outcomes));
      });`;
    this.#child = new Deno.Command("node", {
      args: ["--no-warnings", "-e", source],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#lines = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  async run(calls: readonly ScriptCall[]): Promise<Outcome[]> {
    await this.#writer.write(new TextEncoder().encode(`${written(calls)}\n`));
    while (!this.#rest.includes("\n")) {
      const { value, done } = await this.#lines.read();
      if (done) throw new Error("The node process has ended");
      this.#rest += value;
    }
    const end = this.#rest.indexOf("\n");
    const line = this.#rest.slice(0, end);
    this.#rest = this.#rest.slice(end + 1);
    return JSON.parse(line);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close();
    await this.#lines.cancel();
    await this.#child.status;
  }
}

/** Whether there is a `node` here. */
export const hasNode: boolean = (() => {
  try {
    return new Deno.Command("node", { args: ["--version"] }).outputSync().success;
  } catch {
    return false;
  }
})();
