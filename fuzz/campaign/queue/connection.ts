/**
 * The connection to Redis, which may break at any time and comes back or does not.
 *
 * @module
 */
import { Redis } from "ioredis";
import { CampaignError } from "../campaign.ts";
import { within } from "./waiting.ts";

/** How long the first answer may take, in milliseconds. */
const CONNECT_MS = 5_000;

/** How long the next attempt to connect waits at most, in milliseconds. */
const RETRY_MS_MAX = 1_000;

/** Redis, connected. Commands that are given while it is away wait until it is back. */
export class Connection {
  /** The client. */
  readonly redis: Redis;
  /** Where it is, without a password: for messages. */
  readonly place: string;
  #isOver = false;
  #lastError = "";

  private constructor(url: URL) {
    this.place = `${url.protocol}//${url.host}${url.pathname}`;
    this.redis = new Redis(url.href, {
      lazyConnect: true,
      connectTimeout: CONNECT_MS,
      maxRetriesPerRequest: null,
      // BullMQ makes a second connection with the same options: it ends in the same way.
      retryStrategy: (times) => this.#isOver ? null : Math.min(times * 50, RETRY_MS_MAX),
    });
    // Without a listener, an error would end the process.
    this.redis.on("error", (error: Error) => this.#lastError = error.message);
  }

  /**
   * Connects.
   *
   * @param address A URL such as `redis://127.0.0.1:6379`.
   * @throws {CampaignError} When that is none, or nobody answers there.
   */
  static async open(address: string): Promise<Connection> {
    const url = URL.parse(address);
    if (url === null || !["redis:", "rediss:"].includes(url.protocol) || url.hostname === "") {
      throw new CampaignError(
        `Cannot use "${address}" as a queue, expected one such as redis://127.0.0.1:6379`,
      );
    }
    const connection = new Connection(url);
    try {
      await within(CONNECT_MS, connection.redis.connect().then(() => connection.redis.ping()));
      return connection;
    } catch (error) {
      connection.end();
      throw new CampaignError(
        `Cannot reach Redis at ${connection.place}: ${
          connection.#lastError || (error as Error).message
        }`,
      );
    }
  }

  /** What went wrong last; empty where nothing has. */
  get lastError(): string {
    return this.#lastError;
  }

  /** Closes it, and lets no connection with the same options come back. */
  end(): void {
    this.#isOver = true;
    this.redis.disconnect();
  }
}
