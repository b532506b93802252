/**
 * Calls on relative paths. Run as a program, it makes them on the real disk, and prints the answers.
 *
 * @module
 */

/** What is called. */
type Called = Pick<
  typeof Deno,
  | "chdir"
  | "cwd"
  | "mkdirSync"
  | "openSync"
  | "readDirSync"
  | "readTextFileSync"
  | "realPathSync"
  | "removeSync"
  | "renameSync"
  | "statSync"
  | "writeTextFileSync"
>;

/**
 * Makes calls in a directory.
 *
 * @param deno Who answers them.
 * @param directory Where they begin; it must exist and be empty.
 * @returns The answers, with errors as objects.
 */
export function relativeCalls(deno: Called, directory: string): unknown[] {
  const calls: readonly (() => unknown)[] = [
    () => deno.chdir(directory),
    () => deno.cwd(),
    () => deno.mkdirSync("a/b/c", { recursive: true }),
    () => deno.mkdirSync("./d/../e", { recursive: true }),
    () => deno.mkdirSync("", { recursive: true }),
    () => deno.mkdirSync("x/.", { recursive: true }),
    () => deno.writeTextFileSync("a/f", "one"),
    () => deno.chdir("a/b/"),
    () => deno.cwd(),
    () => deno.readTextFileSync("../f"),
    () => deno.readTextFileSync("./../../a/f"),
    () => deno.readTextFileSync("f"),
    () => deno.openSync("../g"),
    () => deno.openSync(new URL(`file://${directory}/a/f`)).close(),
    () => deno.realPathSync("."),
    () => deno.realPathSync("c/../../f"),
    () => deno.realPathSync("../f/"),
    () => deno.chdir("../f"),
    () => deno.chdir("nowhere"),
    () => deno.chdir(""),
    () => deno.chdir(new URL(`file://${directory}/a`)),
    () => deno.cwd(),
    () => deno.renameSync("f", "b/f"),
    () => deno.renameSync("b/f", "."),
    () => deno.removeSync("."),
    () => deno.removeSync("b/.."),
    () => deno.statSync("b/f").size,
    () => Array.from(deno.readDirSync("."), ({ name }) => name).toSorted(),
    () => deno.removeSync("b", { recursive: true }),
    () => deno.chdir(".."),
    () => Array.from(deno.readDirSync("a"), ({ name }) => name),
    () => Array.from(deno.readDirSync(directory), ({ name }) => name).toSorted(),
  ];
  return calls.map((call) => {
    try {
      return call() ?? "nothing";
    } catch (error) {
      const { name, message } = error as Error;
      return { type: (error as Error).constructor.name, name, message };
    }
  });
}

if (import.meta.main) console.log(JSON.stringify(relativeCalls(Deno, Deno.args[0]!)));
