import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { BytePool } from "./byte_pool.ts";

Deno.test("BytePool.copy() copies, and no copy overlaps another one", () => {
  const pool = new BytePool();
  const sizes = fc.array(fc.integer({ min: 0, max: 12_000 }), { maxLength: 30 });
  fc.assert(
    fc.property(sizes, (sizes) => {
      const from = new Uint8Array(12_010);
      const copies = sizes.map((size, i) => {
        from.fill(i + 1);
        const copy = pool.copy(from, 5, 5 + size);
        from.fill(0);
        return copy;
      });
      for (const [i, copy] of copies.entries()) {
        assertEquals(copy.length, sizes[i]);
        assertEquals(copy.every((byte) => byte === i + 1), true);
        copy.fill(255);
        copy.fill(i + 1);
      }
    }),
    { numRuns: 50, seed: 1 },
  );
});
