/** Longer texts are cut in messages. */
const SHOWN = 60;
const utf8 = { encoder: new TextEncoder(), decoder: new TextDecoder() };

/**
 * A JSON value as bytes, the same for equal values: keys are sorted.
 *
 * @throws {TypeError} For what is no JSON value; the message names the place within it.
 */
export function bytesOf(value: unknown, what: string): Uint8Array {
  return utf8.encoder.encode(textOf(value, what, ""));
}

/** The text behind {@linkcode bytesOf}. */
export function jsonOf(bytes: Uint8Array): string {
  return utf8.decoder.decode(bytes);
}

function textOf(value: unknown, what: string, place: string): string {
  switch (typeof value) {
    case "string":
    case "boolean":
      return JSON.stringify(value);
    case "number":
      if (Number.isFinite(value)) return JSON.stringify(value);
      break;
    case "object": {
      if (value === null) return "null";
      if (Array.isArray(value)) {
        return `[${
          Array.from(value, (item, i) => textOf(item, what, `${place}[${i}]`)).join(",")
        }]`;
      }
      const prototype = Object.getPrototypeOf(value);
      if (prototype !== null && Object.getPrototypeOf(prototype) !== null) break;
      const fields = Object.entries(value).filter(([, field]) => field !== undefined)
        .toSorted(([a], [b]) => a < b ? -1 : 1);
      const text = fields.map(([key, field]) =>
        `${JSON.stringify(key)}:${textOf(field, what, `${place}.${key}`)}`
      );
      return `{${text.join(",")}}`;
    }
  }
  const shown = typeof value === "object" ? value!.constructor.name : String(value);
  const where = place === "" ? "" : ` at ${place}`;
  throw new TypeError(`Cannot use ${what}${where}: it is ${shown}, expected a JSON value`);
}

/** A value that nobody can change any more, in no part of it. */
export function frozen<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}

/** A text, cut where it is too long to be read. */
export function cut(text: string): string {
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}…`;
}
