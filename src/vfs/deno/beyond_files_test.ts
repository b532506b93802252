import { assert, assertEquals, assertThrows } from "@std/assert";
import { SimulatedFileSystem } from "../simulated_file_system.ts";
import { beyondFiles, HARMLESS } from "./beyond_files.ts";
import { denoFs } from "./deno_fs.ts";

const deno = denoFs(new SimulatedFileSystem());

/** Members of `Deno` that answer from the simulation. */
const SIMULATED = Object.keys(deno).filter((name) => typeof Reflect.get(deno, name) === "function");
const FIXED = ["pid", "ppid", "refTimer", "unrefTimer"];

Deno.test("denoFs() simulates, hands on or refuses every member of Deno", () => {
  const names = Object.getOwnPropertyNames(Deno);
  assert(names.length > 100);
  for (const name of names) {
    const member = Reflect.get(deno, name);
    if ((HARMLESS as readonly string[]).includes(name)) {
      assertEquals(member, Reflect.get(Deno, name), name);
    } else if (SIMULATED.includes(name) || FIXED.includes(name)) {
      assert(member !== Reflect.get(Deno, name), `${name} is that of Deno`);
    } else {
      const message = `not simulated: Deno.${name}`;
      assertThrows(() => member(), Error, message);
      assertThrows(() => new member(), Error, message);
      assertThrows(() => member.anything, Error, message);
      assertThrows(() => member.anything = 1, Error, message);
    }
  }
});

Deno.test("denoFs() refuses by name whatever reaches for the disk or for processes", () => {
  const dangerous = [
    ...["symlink", "symlinkSync", "readLink", "readLinkSync", "watchFs", "umask", "Command"],
    ...["dlopen", "exit", "kill", "internal", "listen", "connect", "serve", "stdin", "permissions"],
  ];
  for (const name of dangerous) {
    assertThrows(() => Reflect.get(deno, name)(), Error, `not simulated: Deno.${name}`);
  }
  assertEquals(Object.getOwnPropertySymbols(deno), []);
});

Deno.test("beyondFiles() refuses a member that nobody has looked at", () => {
  let calls = 0;
  const real = {
    errors: {},
    openSync: () => {},
    teleport: () => calls++,
    get lazy() {
      return calls++;
    },
  };
  const members = beyondFiles(real, new Set(["openSync"])) as Record<string, () => unknown>;
  assertEquals(Object.keys(members).toSorted(), ["errors", "lazy", "teleport"]);
  assertThrows(() => members.teleport!(), Error, "not simulated: Deno.teleport");
  assertThrows(() => members.lazy!(), Error, "not simulated: Deno.lazy");
  assertEquals(calls, 0);
});
