/**
 * The members of the `Deno` namespace that are no calls on files.
 *
 * METHOD. Whoever runs on the shim must reach neither the real disk nor another process, and do the
 * same whenever it runs. So every member is refused, except for those that are known to be harmless:
 * a member that a newer runtime adds is refused until somebody has looked at it. What is refused is
 * there, and throws once it is used, so that a program may ask whether it exists.
 *
 * @module
 */
import { refused } from "./deno_error.ts";

/** Members that are handed on as they are. */
export const HARMLESS = [
  "FsFile",
  "SeekMode",
  "args",
  "build",
  "consoleSize",
  "env",
  "errors",
  "inspect",
  "mainModule",
  "noColor",
  "stderr",
  "stdout",
  "version",
] as const;

/** Members that are the same in every process, so that whatever depends on them runs again. */
const FIXED: Readonly<Record<string, unknown>> = {
  pid: 1,
  ppid: 0,
  // A simulated process does not end by itself.
  refTimer: () => {},
  unrefTimer: () => {},
};

/**
 * Everything in a namespace that is no call on files.
 *
 * @param real The namespace.
 * @param simulated The names of the calls on files, which are left out.
 * @returns An object with all other members: harmless ones as they are, others refused.
 */
export function beyondFiles(real: object, simulated: ReadonlySet<string>): object {
  const members: Record<string, PropertyDescriptor> = {};
  for (const name of Object.getOwnPropertyNames(real)) {
    if (simulated.has(name)) continue;
    members[name] = { ...memberOf(real, name), enumerable: true, configurable: true };
  }
  return Object.defineProperties({}, members);
}

function memberOf(real: object, name: string): PropertyDescriptor {
  if ((HARMLESS as readonly string[]).includes(name)) {
    return { get: () => Reflect.get(real, name) };
  }
  if (name in FIXED) return { value: FIXED[name], writable: true };
  return { value: refusal(name), writable: true };
}

/** Something that may be looked at, and throws when it is called, constructed or asked. */
function refusal(name: string): unknown {
  const refuse = (): never => {
    throw refused(name);
  };
  const get = (target: object, key: string | symbol) =>
    typeof key === "symbol" || key === "prototype" || key === "name"
      ? Reflect.get(target, key)
      : refuse();
  // Only what is a function can be called, and only what was declared as one constructed.
  return new Proxy(function () {}, { apply: refuse, construct: refuse, get, set: refuse });
}
