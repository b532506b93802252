/**
 * A Redis server of its own for a test, on loopback and with nothing on disk.
 *
 * @module
 */
import { existsSync } from "@std/fs";
import { join } from "@std/path";

const NAME = "redis-server";
/** How long it may take to start, in milliseconds. */
const START_MS = 10_000;

/** Whether it is installed; if not, that was said on the standard error. */
export const hasRedis: boolean = (Deno.env.get("PATH") ?? "").split(":")
  .some((folder) => existsSync(join(folder, NAME), { isFile: true }));
if (!hasRedis) console.warn(`The shared queue is not tested: ${NAME} is not on the PATH`);

/** A running server. */
export class RedisServer implements AsyncDisposable {
  /** Its port. */
  readonly port: number;
  #child: Deno.ChildProcess;

  private constructor(port: number, child: Deno.ChildProcess) {
    this.port = port;
    this.#child = child;
  }

  /** Starts a server on a free port. */
  static async start(): Promise<RedisServer> {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    listener.close();
    return new RedisServer(port, await spawn(port));
  }

  /** One of its databases, as a URL. */
  url(database = 0): string {
    return `redis://127.0.0.1:${this.port}/${database}`;
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended before.
    }
    await this.#child.status;
  }

  /** Starts it again after its end: it remembers nothing. */
  async restart(): Promise<void> {
    this.#child = await spawn(this.port);
  }

  /** See {@linkcode kill}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}

async function spawn(port: number): Promise<Deno.ChildProcess> {
  const child = new Deno.Command(NAME, {
    args: ["--bind", "127.0.0.1", "--port", `${port}`, "--save", "", "--appendonly", "no"],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const until = performance.now() + START_MS;
  for (;;) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return child;
    } catch (error) {
      if (performance.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
