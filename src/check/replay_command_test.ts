import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { replayCommand, testCommand } from "./replay_command.ts";

Deno.test("replayCommand() and testCommand() work where they are printed", () => {
  const root = fromFileUrl(new URL("../../", import.meta.url));
  const before = Deno.cwd();
  try {
    Deno.chdir(root);
    assertEquals(replayCommand("f.json"), "deno task replay f.json");
    assertEquals(testCommand(import.meta.url), "deno test -A src/check/replay_command_test.ts");
    Deno.chdir("src");
    // The task of that name would look for the file in the directory above.
    assertEquals(replayCommand("f.json"), "deno run -A ../fuzz/main.ts replay f.json");
    assertEquals(
      testCommand(import.meta.url),
      "deno test -A --config ../deno.json check/replay_command_test.ts",
    );
  } finally {
    Deno.chdir(before);
  }
});
