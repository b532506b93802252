import { resolve, toFileUrl } from "@std/path";
import { type LogUnderTest, subjectOf, type UnderTest } from "../mod.ts";

/** An error in what the user gave: exit status 2. */
export class InputError extends Error {}

/**
 * Loads the log or store that a module exports.
 *
 * @param module A path from the working directory, or a URL.
 * @throws {InputError} When the module cannot be loaded or exports none.
 */
export async function loadSubject(module: string): Promise<UnderTest> {
  const isUrl = /^(data|file|https?|jsr|npm):/.test(module);
  let loaded: { default?: UnderTest };
  try {
    loaded = await import(isUrl ? module : toFileUrl(resolve(module)).href);
  } catch (error) {
    throw new InputError(`Cannot load "${module}": ${(error as Error).message}`);
  }
  if (loaded.default === undefined || loaded.default === null) {
    throw new InputError(
      `Cannot check "${module}": it has no default export, expected a log or a store`,
    );
  }
  return loaded.default;
}

/**
 * A log, or a store in the shape of one.
 *
 * @throws {InputError} When it is neither.
 */
export function requireLog(subject: UnderTest): LogUnderTest {
  try {
    return subjectOf(subject);
  } catch (error) {
    throw error instanceof TypeError ? new InputError(error.message) : error;
  }
}
