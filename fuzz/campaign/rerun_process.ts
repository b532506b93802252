/**
 * Makes one run of a campaign again. Reads the run from standard input; the exit status tells that it
 * came to its end.
 *
 * @module
 */
import { checkLog } from "../../mod.ts";
import { loadSubject } from "../load_subject.ts";
import { divertOutput } from "../divert_output.ts";
import { endWithParent } from "./end_with_parent.ts";
import { RERUN_ENDED } from "./ends_alone.ts";
import { checkOptionsOf, inputSchema } from "./input.ts";

if (import.meta.main) {
  divertOutput();
  endWithParent();
  Deno.addSignalListener("SIGINT", () => {});
  const input = inputSchema.parse(JSON.parse(await new Response(Deno.stdin.readable).text()));
  await checkLog(await loadSubject(Deno.args[0]!), checkOptionsOf(input));
  Deno.exit(RERUN_ENDED);
}
