import { assertEquals } from "@std/assert";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type CallOrigin, origin, type PlacedCall } from "../call_origin.ts";
import { completion } from "../promised_file_system.ts";
import { SimulatedFileSystem } from "../simulated_file_system.ts";
import { type NodeFs, nodeFs } from "./node_fs.ts";

/** Notes, of every call, which functions of this file it comes from. */
class NotingFileSystem extends SimulatedFileSystem {
  readonly calls: string[] = [];

  [origin](otherwise?: CallOrigin): CallOrigin {
    const named = namesOnStack();
    return named.length > 0 ? { named } : otherwise ?? { named };
  }

  [completion](call: PlacedCall): void {
    const { named } = call.origin as { named: string[] } | undefined ?? { named: namesOnStack() };
    this.calls.push(`${call.what.split(" ")[0]} from ${named[0] ?? "nowhere"}`);
    setTimeout(() => {
      call.takeEffect();
      call.settle();
    }, 0);
  }
}

/** The functions on the stack whose names begin with `user`. */
function namesOnStack(): string[] {
  return [...(new Error().stack ?? "").matchAll(/at (?:async )?(user\w+)/g)].map(([, name]) =>
    name!
  );
}

async function callsOf(use: (fs: NodeFs) => Promise<unknown>): Promise<string[]> {
  const fs = new NotingFileSystem();
  await use(nodeFs(fs));
  return fs.calls;
}

Deno.test("WriteStream: calls come from where the stream was made, written to and ended", async () => {
  const calls = await callsOf((fs) =>
    new Promise<void>((done) => {
      const stream = (function userMakes() {
        return fs.createWriteStream("/a", { flush: true });
      })();
      stream.on("close", done);
      (function userWrites() {
        stream.write("one", later);
      })();
      function later() {
        (function userWritesLater() {
          stream.write("two");
        })();
        (function userEnds() {
          stream.end();
        })();
      }
    })
  );
  assertEquals(calls, [
    "open from userMakes",
    "write from userWrites",
    "write from userWritesLater",
    "sync from userEnds",
    "close from userEnds",
  ]);
});

Deno.test("WriteStream: what was written corked comes from the first of its writes", async () => {
  const calls = await callsOf((fs) =>
    new Promise<void>((done) => {
      const stream = fs.createWriteStream("/a");
      stream.on("close", done);
      stream.on("open", () => {
        stream.cork();
        (function userFirst() {
          stream.write("one");
        })();
        (function userSecond() {
          stream.write("two", third);
        })();
        stream.uncork();
      });
      function third() {
        (function userThird() {
          stream.write("three");
        })();
        stream.end();
      }
    })
  );
  assertEquals(calls.filter((call) => call.startsWith("write")), [
    "write from userFirst",
    "write from userThird",
  ]);
});

Deno.test("WriteStream: what is piped comes from where the stream was made", async () => {
  const calls = await callsOf((fs) => {
    function userMakes() {
      return fs.createWriteStream("/a");
    }
    return pipeline(Readable.from(["one", "two"]), userMakes());
  });
  assertEquals(calls.filter((call) => !call.endsWith("from userMakes")), []);
});

Deno.test("nodeFs() lets every step of a call come from where the call was made", async () => {
  const calls = await callsOf((fs) => {
    function userCalls() {
      return new Promise((done) => fs.writeFile("/a", "one", { flush: true }, done));
    }
    return userCalls();
  });
  assertEquals(calls, ["open", "write", "sync", "close"].map((what) => `${what} from userCalls`));
});

Deno.test("FileHandle: each piece that is written comes from where the call was made", async () => {
  const calls = await callsOf(async (fs) => {
    const file = await fs.promises.open("/a", "w");
    function userCalls() {
      return new Promise((done) =>
        fs.promises.writeFile(file, Readable.from(["one", "two"])).then(done)
      );
    }
    await userCalls();
    function userCloses() {
      return new Promise((done) => file.close().then(done));
    }
    await userCloses();
  });
  assertEquals(calls.slice(1), [
    "write from userCalls",
    "write from userCalls",
    "close from userCloses",
  ]);
});
