import * as runtime from "@napi-rs/wasm-runtime";
import type { TursoParts } from "../../mod.ts";

/**
 * Loads Turso 0.7.2 from its npm package.
 *
 * @returns The package, compiled: the same each time.
 *
 * @example
 * ```ts
 * import { loadTurso } from "./turso_parts.ts";
 *
 * console.log(WebAssembly.Module.imports(loadTurso().module).length > 6); // true
 * ```
 */
export function loadTurso(): TursoParts {
  return loaded ??= load();
}

let loaded: TursoParts | undefined;

function load(): TursoParts {
  const entry = import.meta.resolve("@tursodatabase/database-wasm");
  const bytes = Deno.readFileSync(new URL("./turso.wasm32-wasi.wasm", entry));
  return { module: new WebAssembly.Module(bytes), runtime };
}
