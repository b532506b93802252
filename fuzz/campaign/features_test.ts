import { assertEquals, assertNotEquals } from "@std/assert";
import { Features, scaleOf } from "./features.ts";

Deno.test("Features.take() tells fresh facts from known ones", () => {
  const features = new Features();
  features.add(1, 10);
  features.add(1, 11);
  features.add(1, 10);
  const { fresh, facts } = features.take({ keep: true });
  assertEquals([fresh, facts.map(({ kind }) => kind)], [2, [1, 1]]);
  features.add(1, 10);
  features.add(2, 10);
  assertEquals(features.take({ keep: true }).fresh, 1);
  assertEquals(features.size, 3);
});

Deno.test("Features.take() forgets what it shall not keep", () => {
  const features = new Features();
  features.add(1, 10);
  assertEquals(features.take({ keep: false }).fresh, 1);
  assertEquals(features.size, 0);
  features.add(1, 10);
  assertEquals(features.take({ keep: true }).fresh, 1);
  assertEquals(features.take({ keep: true }), { fresh: 0, digest: 0, facts: [] });
});

Deno.test("Features.take() digests what was shown, not what is new or in which order", () => {
  const features = new Features();
  const digest = (facts: readonly number[]) => {
    for (const fact of facts) features.add(3, fact);
    return features.take({ keep: true }).digest;
  };
  const first = digest([5, 6, 7]);
  assertEquals(digest([7, 6, 5]), first);
  assertNotEquals(digest([5, 6]), first);
});

Deno.test("scaleOf() tells counts apart by powers of two", () => {
  assertEquals([0, 1, 2, 3, 4, 7, 8].map(scaleOf), [0, 1, 2, 2, 3, 3, 4]);
});
