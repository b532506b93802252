const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The memory of a WebAssembly module. Its views are made anew when it has grown. */
export class WasmMemory {
  readonly #look: () => Uint8Array;
  #bytes: Uint8Array;
  #words: Int32Array;

  /** Looks at what `look` returns: all of the memory as it is now. */
  constructor(look: () => Uint8Array) {
    this.#look = look;
    this.#bytes = look();
    this.#words = new Int32Array(this.#bytes.buffer);
  }

  /** All of it. Not to be kept: growth detaches it. */
  get bytes(): Uint8Array {
    if (this.#bytes.length === 0) this.#renew();
    return this.#bytes;
  }

  get #wordsNow(): Int32Array {
    if (this.#bytes.length === 0) this.#renew();
    return this.#words;
  }

  #renew(): void {
    this.#bytes = this.#look();
    this.#words = new Int32Array(this.#bytes.buffer);
  }

  /** A piece of it, without a copy. */
  at(pointer: number, length: number): Uint8Array {
    return this.bytes.subarray(pointer, pointer + length);
  }

  /** The 32-bit number at an address. */
  word(pointer: number): number {
    return this.#wordsNow[pointer >> 2]!;
  }

  /** Stores a 32-bit number. */
  setWord(pointer: number, value: number): void {
    this.#wordsNow[pointer >> 2] = value;
  }

  /** Stores a 64-bit number that is whole, not negative, and exact as a `number`. */
  setLong(pointer: number, value: number): void {
    this.setWord(pointer, value | 0);
    this.setWord(pointer + 4, Math.floor(value / 2 ** 32));
  }

  /** The text at an address, up to its terminating NUL. */
  text(pointer: number): string {
    const { bytes } = this;
    let end = pointer;
    let isAscii = true;
    for (let byte = bytes[end]!; byte !== 0; byte = bytes[++end]!) isAscii &&= byte < 0x80;
    const encoded = bytes.subarray(pointer, end);
    // Paths are short and plain: this is a tenth of what a decoder costs.
    return isAscii ? String.fromCharCode(...encoded) : decoder.decode(encoded);
  }

  /** Stores a text with its terminating NUL; returns `false` when `room` bytes do not hold it. */
  setText(pointer: number, room: number, text: string): boolean {
    const encoded = encoder.encode(text);
    if (encoded.length + 1 > room) return false;
    const { bytes } = this;
    bytes.set(encoded, pointer);
    bytes[pointer + encoded.length] = 0;
    return true;
  }
}
