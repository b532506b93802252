/**
 * Explains one finding, in a process of its own: a log that hangs in it takes nothing else along. Reads
 * a document from standard input and writes the explained one to standard output.
 *
 * @module
 */
import { explain, parseCounterexample } from "../../mod.ts";
import { loadSubject } from "../load_subject.ts";
import { withRelativePlaces } from "../relative_places.ts";
import { divertOutput } from "../divert_output.ts";
import { endWithParent } from "./end_with_parent.ts";

if (import.meta.main) {
  divertOutput();
  endWithParent();
  Deno.addSignalListener("SIGINT", () => {});
  const text = await new Response(Deno.stdin.readable).text();
  const subject = await loadSubject(Deno.args[0]!);
  const explained = withRelativePlaces(await explain(subject, parseCounterexample(text)));
  const bytes = new TextEncoder().encode(JSON.stringify(explained));
  for (let sent = 0; sent < bytes.length;) sent += Deno.stdout.writeSync(bytes.subarray(sent));
  Deno.exit(0);
}
