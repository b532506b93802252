/**
 * `node:fs/promises` put together.
 *
 * @module
 */
import real from "node:fs";
import { calledFrom, originOn } from "../call_origin.ts";
import { pathOf } from "./arguments.ts";
import * as descriptors from "./descriptor_operations.ts";
import { FileHandle, type StreamMaker } from "./file_handle.ts";
import { CONSTANTS } from "./open_flags.ts";
import { type Exports, type Host, OPERATIONS, type Operator, refusals } from "./operations.ts";
import * as paths from "./path_operations.ts";
import { promiseOf } from "./step.ts";
import * as files from "./whole_file_operations.ts";
import { isIterable, writeFileFrom } from "./written_chunks.ts";

const REFUSED = refusals(real.promises, "fs.promises");

/** The module `node:fs/promises`, with calls that go to the current process of the host. */
export function promisesOver(host: Host, streams: StreamMaker): Exports {
  const promises: Exports = { ...REFUSED, constants: CONSTANTS };
  const truncate: Operator = (process, path, length) =>
    files.truncate(process, pathOf(path), length);
  const operations = { ...OPERATIONS, truncate, realpath: paths.realpath as Operator };
  for (const [name, operator] of Object.entries(operations)) {
    promises[name] = async (...args: unknown[]) => {
      const process = host.current;
      const operation = operator(process, ...args);
      // Open files are handles here, and never numbers.
      if (typeof args[0] === "number") pathOf(args[0]);
      return await promiseOf(process.fs, operation);
    };
  }
  const open = async (path: unknown, flags?: unknown, mode?: unknown) => {
    const process = host.current;
    const fd = await promiseOf(process.fs, descriptors.open(process, path, flags, mode));
    return new FileHandle(process, fd, streams);
  };
  return Object.assign(promises, { open }, onHandles(host, promises, open));
}

/** The calls that take a handle in place of a path. */
function onHandles(
  host: Host,
  promises: Exports,
  open: (path: unknown, flags?: unknown, mode?: unknown) => Promise<FileHandle>,
): Exports {
  const { readFile, writeFile } = promises as Record<
    string,
    (...args: unknown[]) => Promise<unknown>
  >;
  const { appendFile } = promises as Record<string, (...args: unknown[]) => Promise<unknown>>;
  return {
    readFile: (file: unknown, options?: unknown) =>
      file instanceof FileHandle ? file.readFile(options) : readFile!(file, options),
    appendFile: (file: unknown, data: unknown, options?: unknown) =>
      file instanceof FileHandle
        ? file.appendFile(data, options)
        : appendFile!(file, data, options),
    writeFile: async (file: unknown, data: unknown, options?: unknown): Promise<unknown> => {
      if (file instanceof FileHandle) return await file.writeFile(data, options);
      if (!isIterable(data)) return await writeFile!(file, data, options);
      const { flag = "w", mode, flush } = (options ?? {}) as Exports;
      const origin = originOn(host.current.fs);
      const handle = await open(file, flag, mode);
      try {
        await writeFileFrom({ file: handle, data, options, origin });
        if (flush === true) await calledFrom(origin, () => handle.sync());
      } finally {
        await calledFrom(origin, () => handle.close());
      }
      return undefined;
    },
  };
}
