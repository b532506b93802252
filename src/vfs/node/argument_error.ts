/**
 * The errors for wrong arguments, as Node words them.
 *
 * @module
 */
import { inspect as inspectAny } from "node:util";

/** An error with one of Node's own codes. */
export type CodedError = Error & { code: string };

function coded(error: Error, code: string): CodedError {
  // As in Node, the code shows in the stack and not in the name.
  return Object.assign(error, { code });
}

/** `ERR_INVALID_ARG_TYPE`: `expected` continues "must be". */
export function invalidType(name: string, expected: string, actual: unknown): CodedError {
  const what = name.endsWith(" argument") || name.includes(".") ? name : `"${name}" argument`;
  const subject = name.includes(".") ? `"${name}" property` : what;
  return coded(
    new TypeError(`The ${subject} must be ${expected}. Received ${received(actual)}`),
    "ERR_INVALID_ARG_TYPE",
  );
}

/** `ERR_INVALID_ARG_VALUE`. */
export function invalidValue(name: string, reason: string, actual: unknown): CodedError {
  const kind = name.includes(".") ? "property" : "argument";
  let inspected = inspect(actual);
  if (inspected.length > 128) inspected = `${inspected.slice(0, 128)}...`;
  return coded(
    new TypeError(`The ${kind} '${name}' ${reason}. Received ${inspected}`),
    "ERR_INVALID_ARG_VALUE",
  );
}

/** `ERR_OUT_OF_RANGE`. */
export function outOfRange(name: string, expected: string, actual: unknown): CodedError {
  return coded(
    new RangeError(
      `The value of "${name}" is out of range. It must be ${expected}. Received ${
        withSeparators(actual)
      }`,
    ),
    "ERR_OUT_OF_RANGE",
  );
}

/** What is not simulated is refused: it must never reach the real disk. */
export function notSimulated(what: string): CodedError {
  return coded(
    new Error(`not simulated: ${what}`),
    "ERR_METHOD_NOT_IMPLEMENTED",
  );
}

/** `ABORT_ERR`, with the reason of the signal. */
export function aborted(signal: AbortSignal): CodedError {
  const error = new Error("The operation was aborted", { cause: signal.reason });
  error.name = "AbortError";
  return coded(error, "ABORT_ERR");
}

/** An error of Node's `SystemError` kind, as `rm` and `cp` throw it. */
export function systemError(
  code: string,
  { prefix, message, syscall, path, uv, errno }: {
    readonly prefix: string;
    readonly message: string;
    readonly syscall: string;
    readonly path: string;
    readonly uv: string;
    readonly errno: number;
  },
): CodedError {
  const error = new Error(`${prefix}: ${syscall} returned ${uv} (${message}) ${path}`);
  error.name = "SystemError";
  return Object.assign(error, {
    code,
    info: { code: uv, message, path, syscall, errno },
    errno,
    syscall,
    path,
  });
}

function received(value: unknown): string {
  if (value === null || value === undefined) return `${value}`;
  if (typeof value === "function") return `function ${value.name}`;
  if (typeof value === "object") {
    const name = value.constructor?.name;
    return name ? `an instance of ${name}` : inspect(value, { depth: -1 });
  }
  if (typeof value !== "string") return `type ${typeof value} (${inspect(value)})`;
  const shown = value.length > 28 ? `${value.slice(0, 25)}...` : value;
  return `type string (${shown.includes("'") ? JSON.stringify(shown) : `'${shown}'`})`;
}

/** Large whole numbers get underscores, as Node writes them. */
function withSeparators(value: unknown): string {
  const isLarge = typeof value === "bigint"
    ? value > 2n ** 32n || value < -(2n ** 32n)
    : Number.isInteger(value) && Math.abs(value as number) > 2 ** 32;
  if (!isLarge) return inspect(value);
  const digits = String(value).replace(/\B(?=(\d{3})+$)/g, "_");
  return typeof value === "bigint" ? `${digits}n` : digits;
}

/** `ERR_DIR_CLOSED`. */
export function directoryClosed(): CodedError {
  return coded(new Error("Directory handle was closed"), "ERR_DIR_CLOSED");
}

/** A value as Node shows it; Deno doubles the backslashes of strings. */
function inspect(value: unknown, options?: { readonly depth: number }): string {
  if (typeof value !== "string") return inspectAny(value, options);
  const escaped = value.replace(/\\|\p{Cc}/gu, (char) => {
    const code = char.charCodeAt(0);
    return ESCAPES[char] ?? `\\x${code.toString(16).toUpperCase().padStart(2, "0")}`;
  });
  if (!value.includes("'")) return `'${escaped}'`;
  if (!value.includes('"')) return `"${escaped}"`;
  return value.includes("`") ? `'${escaped.replaceAll("'", "\\'")}'` : `\`${escaped}\``;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\f": "\\f",
  "\r": "\\r",
  "\\": "\\\\",
};
