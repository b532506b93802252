/**
 * The format of counterexample documents as a JSON Schema, for programs that are not written in
 * TypeScript. It lies next to this file. Write it anew, after a change of the format, with
 * `deno run -A src/check/counterexample_schema.ts`.
 *
 * @module
 */
import { z } from "zod";
import { schema } from "./counterexample.ts";

/** Where the schema lies. */
export const SCHEMA_FILE = new URL("counterexample.schema.json", import.meta.url);

/** The schema, made from what documents are read with. */
export function counterexampleSchema(): Record<string, unknown> {
  return {
    title: "plugpull counterexample, version 1",
    description:
      "A crash that breaks the promise of a log: the workload, the disk, what the media " +
      "kept, and what was wrong. Written and read by plugpull; replays without a seed.",
    ...z.toJSONSchema(schema, { io: "input" }),
  };
}

if (import.meta.main) {
  Deno.writeTextFileSync(SCHEMA_FILE, `${JSON.stringify(counterexampleSchema(), null, 2)}\n`);
  new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", SCHEMA_FILE.pathname] })
    .outputSync();
}
