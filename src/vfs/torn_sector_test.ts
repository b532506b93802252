import { assertEquals } from "@std/assert";
import { tornSectors } from "./torn_sector.ts";

const old = new Uint8Array([1, 1, 1, 1, 1, 1, 1, 1]);
const written = new Uint8Array([2, 2, 2, 2]);
const shown = (sectors: Uint8Array[]) =>
  sectors.map((sector) => [...sector].map((byte) => byte.toString(16)).join(" "));

Deno.test("tornSectors() cuts a write in its middle, and spares what lies around it", () => {
  assertEquals(shown(tornSectors(old, written, { from: 2, tearBytes: 1, powersafe: true })), [
    "1 1 2 2 1 1 1 1",
    "1 1 1 1 2 2 1 1",
    "1 1 0 0 0 0 1 1",
    "1 1 db db db db 1 1",
  ]);
});

Deno.test("tornSectors() takes the whole sector where overwriting is not powersafe", () => {
  assertEquals(shown(tornSectors(old, written, { from: 2, tearBytes: 8, powersafe: false })), [
    "0 0 0 0 0 0 0 0",
    "db db db db db db db db",
  ]);
});

Deno.test("tornSectors() cuts at every unit of a shorn write", () => {
  const whole = new Uint8Array(8).fill(2);
  assertEquals(shown(tornSectors(old, whole, { from: 0, tearBytes: 4, powersafe: true })), [
    "2 2 2 2 1 1 1 1",
    "1 1 1 1 2 2 2 2",
  ]);
});

Deno.test("tornSectors() has nothing to tell where a byte, or nothing, changes", () => {
  const tearing = { from: 3, tearBytes: 1, powersafe: true };
  assertEquals(shown(tornSectors(old, new Uint8Array([2]), tearing)), [
    "1 1 1 0 1 1 1 1",
    "1 1 1 db 1 1 1 1",
  ]);
  assertEquals(tornSectors(old, new Uint8Array([1]), { ...tearing, tearBytes: 2 }), []);
});
