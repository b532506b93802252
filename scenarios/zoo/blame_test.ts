/**
 * What the mistakes of the zoo are blamed on. The crash that shows a mistake is all that is known;
 * the barrier that is suggested must be right in the whole log, and as few as the author left out.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { blame, checkLog, defaultWorkloads, withBarriers } from "../../mod.ts";
import { outsiders } from "./outsiders.ts";
import { zoo } from "./zoo.ts";

/** What one barrier repairs: where it belongs, and what it syncs. */
const missing: Readonly<Record<string, RegExp>> = {
  "1a": /^after write .*, itself$/,
  "1b": /^after write .*, itself$/,
  "1c": /^after write .*, itself$/,
  "2a": /^after create .*, its directory$/,
  "2b": /^after create .*, its directory$/,
  "3": /^before close .*, itself$/,
  "4": /^after write .*, itself$/,
  // A log that never writes behind a torn record is not harmed by it.
  "7": /^after write .*, itself$/,
  "8": /^after write .*, itself$/,
  "11": /^(after write|before rename) .*\.tmp" .*, itself$/,
  "12": /^before close .*, itself$/,
  "13b": /^(after write|before rename) .*, itself$/,
  "13c": /^after rename .*, its directory$/,
  "14a": /^(after|before) write "\/log\/(data|log)" .*, (itself|the file used last)$/,
  "16a": /^after write .*, itself$/,
  "16b": /^after write .*, itself$/,
  "17": /^after write .*, itself$/,
  "18": /^after write "\/log\/payloads" .*, itself$/,
  "wrong-handle": /^after write .*, itself$/,
  "count-with-payload": /^after write "\/log\/payloads" .*, itself$/,
  "mark-without-checksum": /^after write .*, itself$/,
  "cut-unsynced": /^after truncate .*, itself$/,
  "directory-before-rename": /^after rename .*, its directory$/,
  "directory-only": /^after write .*, itself$/,
  "front-ahead": /.*, (the file used last|another)$/,
};

/** What no barrier repairs, and why. */
const hopeless: Readonly<Record<string, "format" | "logic">> = {
  "5a": "format",
  "5b": "format",
  "5c": "format",
  "6": "format",
  "9a": "format",
  "9b": "format",
  "10a": "format",
  "10b": "logic",
  // The old file is gone before the new one has its name, and the entry is there before the payload:
  // these calls stand in the wrong order, and a barrier between them only makes sure of it.
  "13a": "logic",
  "14b": "logic",
  "15": "logic",
  "19": "logic",
  "20": "logic",
  "21a": "logic",
  "21b": "logic",
  "22": "logic",
  "23": "logic",
  "24": "logic",
  // Of two headers, the newer one is overwritten first: it may be torn.
  "both-headers-at-once": "format",
  "pointer-in-place": "logic",
};

const quickWorkloads = defaultWorkloads.filter(({ name }) => !/^killed (in|while)/.test(name));

const entries = [...zoo, ...outsiders].filter(({ expected }) => expected === "violates");

Deno.test("blame() is expected to say something of every mistake", () => {
  const known = [...Object.keys(missing), ...Object.keys(hopeless)];
  assertEquals(known.toSorted(), entries.map(({ id }) => id).toSorted());
});

for (const { id, title, shows, sectorBytes = 512, faultOptions, log } of entries) {
  Deno.test(`zoo ${id} is blamed on what was planted: ${title}`, async () => {
    const options = { sectorBytes, ...(faultOptions && { depth: 0, ...faultOptions }) } as const;
    const [found] = (await checkLog(log(), { workloads: [shows!], ...options })).violations;
    const { kind, barriers, verified, reason } = await blame(log(), found!);
    const pattern = missing[id];
    if (pattern === undefined) {
      assertEquals([kind, barriers, verified], [hopeless[id], [], false], reason);
      return;
    }
    const words = barriers.map(({ when, call, role }) => `${when} ${call}, ${role}`);
    assertEquals([kind, barriers.length, verified], ["barriers", 1, true], words.join("; "));
    assert(pattern.test(words[0]!), words[0]);
    assert(barriers[0]!.place!.file.includes("/zoo/"));
    // Apart from all that found it: the log with this barrier, checked as any log is. Kills in the
    // middle of a call are left out for time; blame() has checked them.
    const repaired = withBarriers(log(), barriers);
    const { violations } = await checkLog(repaired, {
      workloads: [shows!, ...quickWorkloads],
      budget: { recoveries: 250 },
      depth: 0,
    });
    assertEquals(violations, []);
  });
}
