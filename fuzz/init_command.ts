import { fromFileUrl, relative, resolve } from "@std/path";
import { refuse } from "./options.ts";

/** The kinds of modules that there are, with what each is about. */
export const templates: Readonly<
  Record<string, { readonly file: string; readonly about: string }>
> = {
  log: { file: "log.ts", about: "a log with frames of its own" },
  store: { file: "store.ts", about: "a store, and a model of it" },
  async: { file: "async_log.ts", about: "a log on asynchronous I/O, with group commit" },
  node: { file: "node_store.ts", about: "a store written for node:fs" },
  deno: { file: "deno_log.ts", about: "a log written for the Deno namespace" },
};

/** Writes a module to begin with, which holds as it is; returns the exit status. */
export function init(module: string, { as }: { readonly as: string }): number {
  const { file, about } = templates[as]!;
  const source = new URL(`./templates/${file}`, import.meta.url);
  const surface = fromFileUrl(new URL("../mod.ts", import.meta.url));
  const from = relative(resolve(module, ".."), surface).replaceAll("\\", "/");
  const text = Deno.readTextFileSync(source)
    .replaceAll('"../../mod.ts"', JSON.stringify(from.startsWith(".") ? from : `./${from}`))
    .replaceAll("MODULE", module);
  try {
    Deno.writeTextFileSync(module, text, { createNew: true });
  } catch (error) {
    const reason = error instanceof Deno.errors.AlreadyExists
      ? "it exists already"
      : (error as Error).message.replace(/: writefile .*$/, "");
    return refuse({ status: 2, message: `Cannot write "${module}": ${reason}` }, {});
  }
  console.log(`${module} is ${about}, and holds. Check it, then change it:\n`);
  console.log(`  deno task check ${module}`);
  return 0;
}
