import { type Counterexample, CounterexampleError, parseCounterexample } from "../mod.ts";
import { InputError } from "./load_subject.ts";

/**
 * Reads a counterexample from a file.
 *
 * @throws {InputError} When there is none, naming the file and the field.
 */
export function readCounterexample(file: string): Counterexample {
  const text = readText(file);
  try {
    return parseCounterexample(text);
  } catch (error) {
    if (!(error instanceof CounterexampleError)) throw error;
    throw new InputError(`${file}: ${error.message}`);
  }
}

/**
 * Reads a text file.
 *
 * @throws {InputError} When it cannot be read.
 */
export function readText(file: string): string {
  try {
    return Deno.readTextFileSync(file);
  } catch (error) {
    const reason = (error as Error).message.replace(/: readfile .*$/, "");
    throw new InputError(`Cannot read "${file}": ${reason}`);
  }
}
