import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { allFixes, naiveLog } from "../../scenarios/naive_log.ts";
import reference, { referenceLog } from "../../scenarios/reference_log.ts";
import { zoo } from "../../scenarios/zoo/zoo.ts";
import { checkLog } from "../check/check_log.ts";
import { shrinkCounterexample } from "../check/shrink.ts";
import { SimulatedFileSystem } from "../vfs/simulated_file_system.ts";
import { writeFully } from "../vfs/write_fully.ts";
import { deafLog, findingOf, lifeOf, sparseLog, twoLives } from "./_findings.ts";
import { withoutDirectorySync } from "./_stores.ts";
import { pageModel } from "./html_data.ts";
import { FileList } from "./page_cells.ts";
import { heldBefore } from "./page_held.ts";

const ONE = lifeOf({ do: "append", bytes: 24 }, { do: "sync" });
const withoutFsync = naiveLog({ ...allFixes, fsync: false });
const withoutBarrier = { ...referenceLog(), name: "reference log, no barrier", sync() {} };

Deno.test("pageModel() tells what the log did, and what was promised when", async () => {
  const finding = await findingOf(withoutFsync, { workloads: [ONE] });
  const { lives: [first] } = await pageModel(withoutFsync, finding);
  assertEquals(
    first!.events.map(({ at, words, kind, isIdle }) => [at, words, kind, isIdle]),
    [
      [0, "open", "call", false],
      [3, "The log is open and shows no records", "return", false],
      [3, "append record 1 (24 bytes)", "call", false],
      [5, "sync returns: record 1 is promised", "promise", true],
    ],
  );
  assertEquals(first!.ops.map(({ words, isBarrier }) => [words, isBarrier]), [
    ['create "/log/log"', false],
    ['sync "/log/log"', true],
    ['sync "/log"', true],
    ['write "/log/log" 8 bytes at 0', false],
    ['write "/log/log" 24 bytes at 8', false],
  ]);
  assertEquals(first!.ops[2]!.forced, 'the name "log"');
});

Deno.test("pageModel() gives every crash point a verdict, and a crash where it violates", async () => {
  const finding = await findingOf(withoutFsync, { workloads: [ONE] });
  const { lives: [first], start } = await pageModel(withoutFsync, finding);
  const verdicts = first!.moments.map((moment) => moment!.verdict);
  assertEquals(verdicts, ["holds", "holds", "holds", "holds", "holds", "violates"]);
  assertEquals(start, { life: 0, point: 5 });
  const moment = first!.moments[5]!;
  assertEquals([moment.owed, moment.issued, moment.recovered], [1, 1, []]);
  const lost = moment.kept.filter(([cell, version]) =>
    version < first!.cells[cell]!.made.findLastIndex((made) => made <= 5)
  );
  assert(lost.length > 0);
});

Deno.test("pageModel() shows a crash of every violating point that breaks the promise", async () => {
  const workload = lifeOf(
    ...Array.from({ length: 4 }, () => [
      { do: "append", bytes: 300 } as const,
      { do: "sync" } as const,
    ]).flat(),
  );
  const { lives: [first] } = await pageModel(
    withoutFsync,
    await findingOf(withoutFsync, { workloads: [workload] }),
  );
  const violating = first!.moments.filter((moment) => moment?.verdict === "violates");
  assert(violating.length > 3);
  for (const moment of violating) {
    assert(moment!.clause !== "" && moment!.message !== "");
    assert(moment!.recovered!.length < moment!.owed);
  }
});

Deno.test("pageModel() decodes the frames of the naive and of the reference log", async () => {
  for (const log of [withoutFsync, withoutBarrier]) {
    const finding = await findingOf(log, { workloads: [ONE] });
    const { layouts, labels, isDecoded } = await pageModel(log, finding);
    assert(isDecoded);
    assert(layouts.flat().some(([, , label]) => /^(length 24|header)/.test(labels[label]!)));
  }
  assertEquals(reference.decode !== undefined, true);
});

Deno.test("pageModel() survives a decoder that throws, and one that says nonsense", async () => {
  const finding = await findingOf(withoutFsync, { workloads: [ONE] });
  const throwing = {
    ...withoutFsync,
    decode: () => {
      throw new Error("no <b>idea</b>");
    },
  };
  const { labels } = await pageModel(throwing, finding);
  assertEquals(labels, ["the decoder of the log failed: no <b>idea</b>"]);
  const wild = { offset: -5, length: NaN, label: "x", ok: true };
  const { layouts } = await pageModel({ ...withoutFsync, decode: () => [wild] }, finding);
  assertEquals(layouts.flat(), []);
});

Deno.test("pageModel() has a life for each power loss, and the recovery at the end", async () => {
  const log = naiveLog({ ...allFixes, cutTail: false });
  const finding = await findingOf(log, { model: "posix-ra", depth: 1 });
  const { lives, start } = await pageModel(log, finding);
  assertEquals(lives.length, finding.crash.points.length + 1);
  assertEquals(lives.map(({ crash }) => crash), [...finding.crash.points, null]);
  assertEquals(start, { life: lives.length - 2, point: finding.crash.points.at(-1)! });
  assertEquals(lives.at(-1)!.moments.map((moment) => moment!.verdict).includes("violates"), false);
});

Deno.test("pageModel() shows findings with faults, in the lives after a power loss too", async () => {
  let shown = 0;
  for (const { log, shows, faultOptions } of zoo) {
    if (faultOptions === undefined || shows === undefined) continue;
    const { violations: [finding] } = await checkLog(log(), {
      workloads: [shows],
      ...faultOptions,
    });
    if (finding === undefined) continue;
    const { title, lives, start } = await pageModel(log(), finding);
    const moment = lives[start.life]!.moments[start.point];
    assertEquals([title.verdict, moment?.verdict], ["violates", "violates"], title.log);
    shown++;
  }
  assert(shown > 4, `${shown} findings`);
});

Deno.test("pageModel() does not count what a failed barrier gave up as made durable", async () => {
  const workload = lifeOf({ do: "append", bytes: 5000 });
  const opsWith = async (faults: string) => {
    const finding = await findingOf(deafLog, { workloads: [workload], faults, model: "xfs" });
    return (await pageModel(deafLog, finding)).lives[0]!.ops;
  };
  const none = (await opsWith("barrier 2: EIO")).at(-1)!;
  assertStringIncludes(none.words, 'sync "/log/log", which fails');
  assertEquals([none.isBarrier, none.isFailed, none.forced], [true, true, ""]);
  const part = (await opsWith("barrier 2: fails block 0")).at(-1)!;
  assertEquals([part.isFailed, part.forced], [true, 'sectors 8 to 9 and the size of "/log/log"']);
  const all = (await opsWith("write 9: EIO")).at(-1)!;
  assertEquals([all.isFailed, all.forced], [false, 'sectors 0 to 9 and the size of "/log/log"']);
});

Deno.test("pageModel() tells of torn sectors part by part, and of no part twice", async () => {
  const log = naiveLog({ ...allFixes, checksum: false });
  const workload = lifeOf({ do: "append", bytes: 700 }, { do: "sync" });
  const finding = await findingOf(log, { workloads: [workload], tearBytes: 1 });
  const { unit, lives: [first], records } = await pageModel(log, finding);
  assertEquals(unit, { bytes: 1, sectorBytes: 512, name: "sector" });
  const parts = first!.cells.filter(({ kind }) => kind === "sector");
  assert(parts.length < 12, `${parts.length} parts`);
  assertEquals(parts.reduce((sum, { span }) => sum + span, 0), 704);
  assert(parts.every(({ place, span }) => Number(place) % 512 + span <= 512));
  assertEquals(first!.ops.at(-1)!.forced, 'sectors 0 to 1 and the size of "/log/log"');
  assert(records.some(({ note }) => note === "from byte 699 on other bytes: db …"));
});

Deno.test("pageModel() shows what does not need a power loss", async () => {
  const forgetful = {
    name: "forgets at close",
    acks: "append" as const,
    open: () => [] as Uint8Array[],
    append: (log: Uint8Array[], record: Uint8Array) => void log.push(record),
    records: (log: Uint8Array[]) => log,
  };
  const finding = await findingOf(forgetful, {
    workloads: [lifeOf({ do: "append", bytes: 8 }, { do: "kill" })],
  });
  assertEquals(finding.crash.points, []);
  const { lives, title } = await pageModel(forgetful, finding);
  assertEquals([lives.length, lives[0]!.crash, title.verdict], [1, null, "violates"]);
  assertStringIncludes(title.sentence, "Record 1");
});

Deno.test("pageModel() says of a log that was fixed that it holds on this crash", async () => {
  const finding = await findingOf(withoutFsync, { workloads: [ONE] });
  const { title, lives } = await pageModel(naiveLog(allFixes), finding);
  assertEquals(title.verdict, "holds");
  assertEquals(title.notes.length, 1);
  assert(lives[0]!.moments.every((moment) => moment!.verdict === "holds"));
});

Deno.test("pageModel() tells what an earlier life has left from what was never written", async () => {
  const finding = await findingOf(sparseLog, { workloads: [twoLives] });
  const { lives: [first, second] } = await pageModel(sparseLog, finding);
  assertEquals(first!.held, []);
  const file = second!.files.findIndex(({ path }) => path === "/log/sparse");
  assertEquals(second!.held, [[file, 0, 1, "kept"], [file, 2, 3, "kept"]]);
});

Deno.test("heldBefore() tells what was kept, lost, cut off, and what nobody has looked at", () => {
  const fs = new SimulatedFileSystem();
  const { disk } = fs;
  const sector = new Uint8Array(512).fill(1);
  const file = fs.open("/a", { write: true, create: true });
  for (const place of [0, 1, 2, 3, 4]) writeFully(file, sector, place * 512);
  file.sync();
  fs.open("/").sync();
  file.truncate(4 * 512);
  file.sync();
  writeFully(file, sector, 5 * 512);
  file.truncate(7 * 512);
  writeFully(file, sector, 6 * 512);
  const inode = disk.lookup(1, "a");
  disk.powerCut();
  const files = new FileList();
  files.placeOf(inode, "/a", "file");
  disk.chooser = { choose: (cell, from, to) => cell.kind === "sector" ? from : to };
  const life = disk.lives[0]!;
  life.lo = life.hi;
  const bytes = new Uint8Array(512);
  disk.read(inode, bytes, 5 * 512);
  assertEquals(bytes[0], 0);
  assertEquals(heldBefore(disk, 1, files), [
    [0, 0, 4, "kept"],
    [0, 4, 6, "lost"],
    [0, 6, 7, "unknown"],
  ]);
  assertEquals(heldBefore(disk, 0, files), []);
});

Deno.test("pageModel() tells a file that was lost from one that the program has replaced", async () => {
  const namedAtCrash = async (log: Parameters<typeof pageModel>[0], workload: typeof ONE) => {
    const { lives, start } = await pageModel(log, await findingOf(log, { workloads: [workload] }));
    const { files, moments } = lives[start.life]!;
    const named = new Map<number, number>();
    for (const moment of moments.slice(0, start.point + 1)) {
      for (const [file, , is] of moment!.files) named.set(file, is);
    }
    return new Map([...named].map(([file, is]) => [files[file]!.path, is]));
  };
  const { log, shows } = zoo.find(({ id }) => id === "2a")!;
  assertEquals((await namedAtCrash(log(), shows!)).get("/log/00000001-00000001.log"), 0);
  const append = { do: "append", bytes: 8 } as const;
  const two = lifeOf(append, { do: "reopen" }, append, { do: "reopen" }, append);
  const { lives: [first] } = await pageModel(
    withoutDirectorySync,
    await findingOf(withoutDirectorySync, { workloads: [two] }),
  );
  // The first file is replaced by the second: no name leads to it, and nothing of it was lost.
  const last = first!.moments.findLast((moment) => moment!.verdict === "holds")!;
  assertEquals(last.files.filter(([, , is]) => is === 0), []);
  const replaced = first!.moments.flatMap((moment) => moment!.files).filter(([, , is]) => is === 2);
  assert(replaced.length > 0);
});

Deno.test("pageModel() shows of an earlier life what was known then", async () => {
  const { log, shows } = zoo.find(({ id }) => id === "7")!;
  const found = await findingOf(log(), { workloads: [shows!] });
  const finding = await shrinkCounterexample(log(), found);
  assertEquals(finding.crash.points.length, 2);
  const { lives: [first, second], accounts, records } = await pageModel(log(), finding);
  const appended = (life: number) =>
    finding.workload.lives[life]!.flatMap((command) =>
      command.do === "append" ? [command.bytes] : []
    );
  const moment = first!.moments[first!.crash!]!;
  const bytesOf = (places: readonly number[]) => places.map((place) => records[place]!.bytes);
  assertEquals(bytesOf(accounts[moment.account]!.map(([record]) => record)), appended(0));
  assertEquals([moment.isLater, moment.owed, moment.issued], [true, 0, appended(0).length]);
  // What the recovery after this crash has shown, and not what comes after the next one.
  assertEquals(bytesOf(moment.recovered!), appended(0).slice(0, 1));
  const later = second!.moments[second!.crash!]!;
  assertEquals([later.isLater, later.recovered!.length], [false, appended(0).length]);
});
