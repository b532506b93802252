/**
 * The text proof of every mistake of the zoo, as `deno task zoo ID` prints it: found, shrunk, explained.
 * Each is compared with a file of the folder `proofs`. Where a proof has become a better one, or a line
 * of a log has moved, write them all anew, and read what has changed:
 *
 *     UPDATE=1 deno test -A scenarios/zoo/proofs_test.ts && git diff scenarios/zoo/proofs
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { explain, formatProof } from "../../mod.ts";
import { zoo, type ZooEntry } from "./zoo.ts";
import { checkEntry } from "./zoo_check.ts";

/** A screenful. */
const [LINES_MAX, COLUMNS_MAX] = [40, 100];

const isUpdate = Deno.env.get("UPDATE") === "1";
const mistakes = zoo.filter(({ expected }) => expected !== "holds");
const proofs = new Map<string, string>();

/** What is said of an entry: where there is no crash to show, why it cannot be judged. */
async function proofOf(entry: ZooEntry): Promise<string> {
  const { counterexample, reason } = await checkEntry(entry);
  if (counterexample === undefined) {
    // What such a log reads is up to the clock, or to chance.
    return `Reason   ${reason!.replaceAll(/bytes \d+ to \d+ of "[^"]+"/g, 'bytes ? to ? of "?"')}`;
  }
  return formatProof(await explain(entry.log(), counterexample));
}

function fileOf(id: string): URL {
  return new URL(`proofs/${id}.txt`, import.meta.url);
}

for (const entry of mistakes) {
  const { id, title } = entry;
  Deno.test(`zoo ${id} is proved in the same words: ${title}`, async () => {
    const proof = await proofOf(entry);
    proofs.set(id, proof);
    if (isUpdate) Deno.writeTextFileSync(fileOf(id), `${proof}\n`);
    assertEquals(`${proof}\n`, Deno.readTextFileSync(fileOf(id)));
  });
}

Deno.test("proofs of the zoo fit a screen, and name no machine", () => {
  assertEquals(proofs.size, mistakes.length);
  const misfits = [...proofs].flatMap(([id, proof]) => {
    // One sentence, which is no layout of ours.
    if (proof.startsWith("Reason")) return [];
    const lines = proof.split("\n");
    const width = Math.max(...lines.map((line) => line.length));
    return lines.length <= LINES_MAX && width <= COLUMNS_MAX
      ? []
      : [`${id}: ${lines.length} lines of up to ${width} columns`];
  });
  assertEquals(misfits, []);
  // A place is a folder, a file, a line: no path from the root, no URL.
  for (const [id, proof] of proofs) assert(!/file:|\/zoo\/|home|\\/.test(proof), id);
});

Deno.test("proofs are kept for the mistakes of the zoo, and for nothing else", () => {
  const kept = [...Deno.readDirSync(new URL("proofs/", import.meta.url))].map(({ name }) => name);
  assertEquals(kept.toSorted(), mistakes.map(({ id }) => `${id}.txt`).toSorted());
});
