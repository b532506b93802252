import { assert, assertEquals } from "@std/assert";
import { instrumented, type Probes } from "./coverage.ts";

/** Snippets that define `result`; each kind of branch, and what is easily broken when text is put in. */
const SNIPPETS: readonly string[] = [
  "let result = 0; for (let i = 0; i < 5; i++) if (i % 2) result += i; else result -= 1;",
  "const f = (x) => x > 2 ? 'big' : x && 'small'; var result = [f(0), f(1), f(3)];",
  "const f = () => ({ a: 1 }); var result = f().a;",
  "function f(x) { 'use strict'; return this === undefined ? x : -x } var result = f(4);",
  "var result = ''; switch (2) { case 1: result += 1; case 2: result += 2; default: result += 'd' }",
  "var result; try { null.x } catch { result = 'caught' } finally { result += '!' }",
  "var result = 0; while (result < 3) result++; do result++; while (result < 6)",
  "var result = []; for (const x of [1, 2]) for (const k in { a: x }) result.push(k + x);",
  "var a = null; a ??= 5; a ||= 6; a &&= 7; var result = [a ?? 8, null ?? 9];",
  "class A { #x = 1; get x() { return this.#x } static s = (() => 3)() } var result = new A().x + A.s;",
  "function* g() { for (;;) { const x = yield 1; if (x) return x } } var i = g(); i.next(); var result = i.next(9).value;",
  "var result = 0; outer: for (;;) { for (;;) { if (++result > 3) break outer; else continue outer } }",
  "const f = (a = true ? 1 : 2, { b = a && 3 } = {}) => a + b; var result = f();",
  "var result = 1; if (result) ; else result = 2; if (!result) result = 3; else if (result > 5) result = 4; else { result = 5 }",
  "const f = x => y => z => x + y + z; var result = f(1)(2)(3);",
  "var result = `a${true ? `b${1 && 2}` : 'c'}d`;",
  "var result = [1, 2, 3].map((x) => x && (x, x + 1)).filter(x => x > 2 || x < 0);",
];

/** Runs a snippet in a scope of its own. */
function run(source: string, counts: Uint32Array): unknown {
  return new Function("__plugpullProbes", `${source}\n;return result`)(counts);
}

Deno.test("instrumented() leaves what a program does as it is, and counts its branches", () => {
  for (const source of SNIPPETS) {
    const probes: Probes = { counts: new Uint32Array(100), used: 0 };
    const text = instrumented(source, probes);
    assert(text !== undefined, source);
    assertEquals(run(text, probes.counts), run(source, probes.counts), source);
    assert(probes.used > 0, source);
    assert(probes.counts.some((count) => count > 0), source);
  }
});

Deno.test("instrumented() leaves a program as it is that it has instrumented already", () => {
  for (const source of SNIPPETS) {
    const probes: Probes = { counts: new Uint32Array(300), used: 0 };
    const twice = instrumented(instrumented(source, probes)!, probes)!;
    assertEquals(run(twice, probes.counts), run(source, probes.counts), source);
  }
});

Deno.test("instrumented() keeps the lines", () => {
  const source = SNIPPETS.join("\n").replaceAll("; ", ";\n");
  const probes: Probes = { counts: new Uint32Array(300), used: 0 };
  const scoped = `{${source.replaceAll(/\n(?=const f|function f)/g, "}\n{")}}`;
  const text = instrumented(scoped, probes);
  assert(text !== undefined);
  assertEquals(text.split("\n").length, scoped.split("\n").length);
  for (const [i, line] of scoped.split("\n").entries()) {
    const words = line.match(/'[^']*'|[a-z]+/g) ?? [];
    for (const word of words) assert(text.split("\n")[i]!.includes(word), `line ${i + 1}: ${word}`);
  }
});

Deno.test("instrumented() tells the branches apart that were taken", () => {
  const probes: Probes = { counts: new Uint32Array(10), used: 0 };
  const text = instrumented("var result = 0; if (true) result = 1; else result = 2;", probes)!;
  run(text, probes.counts);
  assertEquals([...probes.counts.subarray(0, probes.used)], [1, 0]);
});

Deno.test("instrumented() gives back nothing for what is no program", () => {
  assertEquals(
    instrumented("this is no program", { counts: new Uint32Array(9), used: 0 }),
    undefined,
  );
});
