import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { directoryOf, plugpull } from "./_run_plugpull.ts";
import { templates } from "./init_command.ts";

for (const [kind, { file }] of Object.entries(templates)) {
  Deno.test(`init --as ${kind} writes a module that type-checks, and holds exhaustively`, async () => {
    const cwd = directoryOf();
    const { status, stdout, stderr } = await plugpull(cwd, "init", file, "--as", kind);
    assertEquals([status, stderr], [0, ""]);
    assertStringIncludes(stdout, `deno task check ${file}\n`);
    const config = new URL("../deno.json", import.meta.url).pathname;
    const types = new Deno.Command(Deno.execPath(), { args: ["check", "-c", config, file], cwd });
    const { success, stderr: errors } = await types.output();
    assert(success, new TextDecoder().decode(errors));

    const checked = await plugpull(cwd, "check", file, "--json");
    assertEquals([checked.status, checked.stderr], [0, ""]);
    const { verdict, complete } = JSON.parse(checked.stdout);
    assertEquals([verdict, complete], ["holds", true]);
    const text = Deno.readTextFileSync(`${cwd}/${file}`);
    assertStringIncludes(text, `deno task check ${file}`);

    // Without its barriers it does not hold: the check looks at what the module does.
    Deno.writeTextFileSync(
      `${cwd}/broken.ts`,
      text.replaceAll(/^.*\b(f?sync(Sync)?|syncDirectory)\(.*\);$/gm, ""),
    );
    assertEquals((await plugpull(cwd, "check", "broken.ts")).status, 1);
  });
}

Deno.test("init overwrites nothing, and says where it cannot write", async () => {
  const cwd = directoryOf({ "log.ts": "mine" });
  const there = await plugpull(cwd, "init", "log.ts");
  assertEquals([there.status, there.stdout], [2, ""]);
  assertEquals(there.stderr, 'plugpull: Cannot write "log.ts": it exists already\n');
  assertEquals(Deno.readTextFileSync(`${cwd}/log.ts`), "mine");
  const nowhere = await plugpull(cwd, "init", "no/log.ts");
  assertEquals(nowhere.status, 2);
  assertStringIncludes(nowhere.stderr, 'Cannot write "no/log.ts": No such file');
  assertEquals((await plugpull(cwd, "init", "log.ts", "--as", "table")).status, 2);
});
