import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Point } from "../point.ts";
import { nightOf } from "./_campaigns.ts";
import { type Curve, curvesOf, thinned, valueAt } from "./curves.ts";

function pointAt(seconds: number, counts: Partial<Point> = {}): Point {
  const zero = { runs: 0, recoveries: 0, facts: 0, corpus: 0, findings: 0, memory: 0 };
  return { ...zero, ...counts, seconds };
}

function curveOf(points: readonly Point[], title: string): Curve {
  return curvesOf(points).find((curve) => curve.title === title)!;
}

Deno.test("curvesOf() has no curve of fewer than two points", () => {
  assertEquals(curvesOf([]), []);
  assertEquals(curvesOf([pointAt(1)]), []);
  assertEquals(curvesOf([pointAt(1), pointAt(2)]).length, 6);
});

Deno.test("curvesOf() tells rates over equal parts of the time", () => {
  const points = [1, 2, 3, 4].map((seconds) => pointAt(seconds, { recoveries: seconds ** 2 * 10 }));
  assertEquals(curveOf(points, "Recoveries per second").samples, [
    [0, 10],
    [1, 30],
    [2, 50],
    [3, 70],
    [4, 70],
  ]);
});

Deno.test("curvesOf() goes on where counts begin from zero again after a resumption", () => {
  const points = [
    pointAt(1, { recoveries: 100 }),
    pointAt(2, { recoveries: 200 }),
    pointAt(3, { recoveries: 100 }),
    pointAt(4, { recoveries: 200 }),
  ];
  const { samples } = curveOf(points, "Recoveries per second");
  assertEquals(samples.map(([, rate]) => rate), [100, 100, 100, 100, 100]);
});

Deno.test("curvesOf() loses no recovery: the rates add up to the total", () => {
  const step = fc.record({ wait: fc.integer({ min: 1, max: 500 }), more: fc.nat(100_000) });
  fc.assert(fc.property(fc.array(step, { minLength: 2, maxLength: 300 }), (steps) => {
    let [seconds, recoveries] = [0, 0];
    const points = steps.map(({ wait, more }) =>
      pointAt(seconds += wait, { recoveries: recoveries += more })
    );
    const { samples } = curveOf(points, "Recoveries per second");
    const total = samples.slice(1).reduce(
      (sum, [at], i) => sum + samples[i]![1] * (at - samples[i]![0]),
      0,
    );
    assert(Math.abs(total - recoveries) <= 1e-6 * (recoveries + 1), `${total} of ${recoveries}`);
    assert(samples.every(([, rate]) => rate >= 0));
  }));
});

Deno.test("thinned() keeps the first and the last, in order, and no more than it may", () => {
  const night = nightOf(8);
  assert(night.length > 400, `${night.length} points`);
  for (const most of [2, 30, 200]) {
    const kept = thinned(night, most);
    assertEquals(kept[0], night[0]);
    assertEquals(kept.at(-1), night.at(-1));
    assert(kept.length <= most && kept.length > most / 2, `${kept.length} of ${most}`);
    assert(kept.every(({ seconds }, i) => i === 0 || seconds > kept[i - 1]!.seconds));
  }
  assertEquals(thinned(night.slice(0, 5), 30), night.slice(0, 5));
});

Deno.test("valueAt() holds a step, follows a line, and stays at the ends", () => {
  const samples = [[1, 10], [3, 20]] as const;
  assertEquals(valueAt({ samples, shape: "steps" }, 2), 10);
  assertEquals(valueAt({ samples, shape: "line" }, 2), 15);
  assertEquals(valueAt({ samples, shape: "line" }, 0), 10);
  assertEquals(valueAt({ samples, shape: "line" }, 9), 20);
});
