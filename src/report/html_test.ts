import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { LogUnderTest } from "../check/subject.ts";
import { syncDirectory } from "../vfs/sync_directory.ts";
import { allFixes, naiveLog } from "../../scenarios/naive_log.ts";
import { findingOf, lifeOf, sixtyRecords } from "./_findings.ts";
import { renderHtml } from "./html.ts";
import { modules, script } from "./page_script.ts";
import { escapeHtml, jsonForHtml, visible } from "./visible.ts";

const ONE = lifeOf({ do: "append", bytes: 24 }, { do: "sync" });
const EVIL = `</script><script>alert(1)</script><!-- & "'$& {{ title }}\u202e\u0000`;

Deno.test("renderHtml() is one file without links, and the same whenever it is made", async () => {
  const log = naiveLog({ ...allFixes, fsync: false });
  const finding = await findingOf(log, { workloads: [ONE] });
  const page = await renderHtml(log, finding, { file: "a/b.json" });
  assertEquals(await renderHtml(log, finding, { file: "a/b.json" }), page);
  assert(!/https?:|src=|@import|url\(/.test(page));
  assertEquals(page.match(/\bhref="([^"]*)"/g), ['href="data:,"']);
  assertStringIncludes(page, "deno task replay a/b.json");
  assertStringIncludes(page, "However  acked record lost.");
  assert(!/\{\{ \w+ \}\}|<!-- \w+ -->/.test(page), "A place in the template was not filled");
});

Deno.test("renderHtml() lets nothing of a log be taken for HTML", async () => {
  /** A log of one file for each record, which forgets to sync, with evil names and errors. */
  const evil: LogUnderTest<{ records: Uint8Array[]; write: (record: Uint8Array) => void }> = {
    name: EVIL,
    acks: "append",
    open(fs, dir) {
      const names = fs.list(dir);
      const path = `${dir}/${EVIL.replaceAll(/[\0/]/g, "")}`;
      syncDirectory(fs, dir);
      if (names.length > 0) throw new Error(EVIL);
      const write = (record: Uint8Array) => {
        const file = fs.open(path, { write: true, create: true });
        file.write(record, 0);
        file.close();
      };
      return { records: [], write };
    },
    append(log, record) {
      log.write(record);
      log.records.push(record);
    },
    records: ({ records }) => records,
    decode: (_path, bytes) => [{ offset: 0, length: bytes.length, label: EVIL, ok: true }],
  };
  const workload = { ...lifeOf({ do: "append", bytes: 8 }), name: EVIL };
  const finding = await findingOf(evil, { workloads: [workload], module: EVIL });
  const page = await renderHtml(evil, finding, { file: `${EVIL}.json` });
  assertEquals(page.match(/<script/g)?.length, 2);
  assertEquals(page.match(/<\/script>/g)?.length, 2);
  assertEquals(page.match(/alert\(1\)/g)!.length > 3, true);
  assert(!page.includes("\0") && !page.includes("\u202e"));
  const [, json] = /id="data">(.*?)<\/script>/s.exec(page)!;
  assert(!/[<>&]/.test(json!));
  assertStringIncludes(JSON.parse(json!).title.log, "</script><script>alert(1)");
});

Deno.test("renderHtml() stays below 400 KB for 60 records", async () => {
  const log = naiveLog({ ...allFixes, checksum: false });
  const finding = await findingOf(log, { workloads: [sixtyRecords] });
  const page = await renderHtml(log, finding);
  assert(page.length < 400_000, `${page.length} bytes`);
  assertMatch(page, /sixty records/);
});

Deno.test("visible() shows what cannot be seen, and leaves the rest alone", () => {
  assertEquals(visible("grün 漢字 🜁"), "grün 漢字 🜁");
  assertEquals(visible("a\nb\u0000\u202ec\u200b"), "a b\\u{0}\\u{202e}c\\u{200b}");
  assertEquals(visible("\ud800"), "\ufffd");
});

Deno.test("escapeHtml() and jsonForHtml() end no element", () => {
  assertEquals(escapeHtml(`<a b="c" d='e'>&`), "&#60;a b=&#34;c&#34; d=&#39;e&#39;&#62;&#38;");
  const value = { a: "</script><!--\u2028&" };
  assert(!/[<>&\u2028]/.test(jsonForHtml(value)));
  assertEquals(JSON.parse(jsonForHtml(value)), value);
});

Deno.test("script joins the modules so that each finds what it imports, and nothing twice", () => {
  const names = [...modules.keys()];
  const declared = new Map<string, string>();
  for (const [name, source] of modules) {
    for (const [, from] of source.matchAll(/from "\.\/(\w+)\.js"/g)) {
      assert(names.indexOf(from!) >= 0 && names.indexOf(from!) < names.indexOf(name), from);
    }
    for (const [, word] of source.matchAll(/^(?:export )?(?:const|let|function) (\w+)/gm)) {
      assertEquals(declared.get(word!), undefined, `${word} is in ${name} too`);
      declared.set(word!, name);
    }
  }
  assert(declared.size > 60);
  assert(!/^(import|export) /m.test(script), "A line of a module was left in");
  new Function(script);
  const files = [...Deno.readDirSync(new URL("page", import.meta.url))].map(({ name }) => name);
  const inFolder = files.filter((name) => name.endsWith(".js")).map((name) => name.slice(0, -3));
  assertEquals(inFolder.sort(), names.toSorted());
});
