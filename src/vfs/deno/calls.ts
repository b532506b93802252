/**
 * The calls of the `Deno` namespace on files, in their synchronous and asynchronous forms.
 *
 * METHOD. Both forms of a call run the same steps: the first at once, the second each when its turn
 * comes. As with the runtime, an asynchronous call never throws: what is wrong with its arguments
 * rejects its promise. Times, owners and modes are taken and not kept.
 *
 * Each is a function of its own, which may be taken out of the namespace. A namespace is made for each
 * process, thousands in a second: a class with fields is by far the fastest way to make it.
 *
 * @module
 */
import { type Operation, runNow } from "../node/step.ts";
import type { DenoProcess } from "./deno_process.ts";
import { completed, later, unlessAborted } from "./later.ts";
import { CREATE, openFile } from "./open_file.ts";
import * as paths from "./path_operations.ts";
import type { Path } from "./path_operations.ts";
import { makeTemporary, temporaryDirectory, temporaryFile } from "./temporary.ts";
import * as whole from "./whole_file_operations.ts";

/** The calls on files of one process. */
export class DenoCalls {
  readonly #process: DenoProcess;

  /** Makes the calls of a process. */
  constructor(process: DenoProcess) {
    this.#process = process;
  }

  // Whatever changes nothing that is simulated needs only a path that is there.
  chmodSync: typeof Deno.chmodSync = (path) => runNow(paths.touch(this.#process, path, "chmod"));
  chmod: typeof Deno.chmod = async (path) =>
    await this.#later(() => paths.touch(this.#process, path, "chmod"));

  chownSync: typeof Deno.chownSync = (path) => runNow(paths.touch(this.#process, path, "chown"));
  chown: typeof Deno.chown = async (path) =>
    await this.#later(() => paths.touch(this.#process, path, "chown"));

  utimeSync: typeof Deno.utimeSync = (path) => runNow(paths.touch(this.#process, path, "utime"));
  utime: typeof Deno.utime = async (path) =>
    await this.#later(() => paths.touch(this.#process, path, "utime"));

  linkSync: typeof Deno.linkSync = (from, to) => runNow(paths.link(this.#process, from, to));
  link: typeof Deno.link = async (from, to) =>
    await this.#later(() => paths.link(this.#process, from, to));

  renameSync: typeof Deno.renameSync = (from, to) => runNow(paths.rename(this.#process, from, to));
  rename: typeof Deno.rename = async (from, to) =>
    await this.#later(() => paths.rename(this.#process, from, to));

  statSync: typeof Deno.statSync = (path) => runNow(paths.stat(this.#process, path, "stat"));
  stat: typeof Deno.stat = async (path) =>
    await this.#later(() => paths.stat(this.#process, path, "stat"));

  lstatSync: typeof Deno.lstatSync = (path) => runNow(paths.stat(this.#process, path, "lstat"));
  lstat: typeof Deno.lstat = async (path) =>
    await this.#later(() => paths.stat(this.#process, path, "lstat"));

  mkdirSync: typeof Deno.mkdirSync = (path, options) =>
    runNow(paths.mkdir(this.#process, path, options));
  mkdir: typeof Deno.mkdir = async (path, options) =>
    await this.#later(() => paths.mkdir(this.#process, path, options));

  removeSync: typeof Deno.removeSync = (path, options) =>
    runNow(paths.remove(this.#process, path, options));
  remove: typeof Deno.remove = async (path, options) =>
    await this.#later(() => paths.remove(this.#process, path, options));

  realPathSync: typeof Deno.realPathSync = (path) => runNow(paths.realPath(this.#process, path));
  realPath: typeof Deno.realPath = async (path) =>
    await this.#later(() => paths.realPath(this.#process, path));

  truncateSync: typeof Deno.truncateSync = (path, length) =>
    runNow(paths.truncate(this.#process, path, length));
  truncate: typeof Deno.truncate = async (path, length) =>
    await this.#later(() => paths.truncate(this.#process, path, length));

  copyFileSync: typeof Deno.copyFileSync = (from, to) =>
    runNow(whole.copyFile(this.#process, from, to));
  copyFile: typeof Deno.copyFile = async (from, to) =>
    await this.#later(() => whole.copyFile(this.#process, from, to));

  openSync: typeof Deno.openSync = (path, options) =>
    runNow(openFile(this.#process, path, options));
  open: typeof Deno.open = async (path, options) =>
    await this.#later(() => openFile(this.#process, path, options));

  createSync: typeof Deno.createSync = (path) => runNow(openFile(this.#process, path, CREATE));
  create: typeof Deno.create = async (path) =>
    await this.#later(() => openFile(this.#process, path, CREATE));

  makeTempDirSync: typeof Deno.makeTempDirSync = (options) =>
    runNow(makeTemporary(this.#process, temporaryDirectory, options));
  makeTempDir: typeof Deno.makeTempDir = async (options) =>
    await this.#later(() => makeTemporary(this.#process, temporaryDirectory, options));

  makeTempFileSync: typeof Deno.makeTempFileSync = (options) =>
    runNow(makeTemporary(this.#process, temporaryFile, options));
  makeTempFile: typeof Deno.makeTempFile = async (options) =>
    await this.#later(() => makeTemporary(this.#process, temporaryFile, options));

  cwd: typeof Deno.cwd = () => this.#process.directory;
  chdir: typeof Deno.chdir = (path) => runNow(paths.chdir(this.#process, path));

  readDirSync: typeof Deno.readDirSync = (path) =>
    runNow(paths.readDir(this.#process, path)).values();
  readDir: typeof Deno.readDir = (path) =>
    iterated(later(this.#process.fs, paths.readDir(this.#process, path)));

  readFileSync: typeof Deno.readFileSync = (path) => runNow(whole.readFile(this.#process, path));
  readFile: typeof Deno.readFile = async (path, options) =>
    await unlessAborted(
      options?.signal,
      () => this.#later(() => whole.readFile(this.#process, path)),
    );

  readTextFileSync: typeof Deno.readTextFileSync = (path) =>
    runNow(whole.readTextFile(this.#process, path));
  readTextFile: typeof Deno.readTextFile = async (path, options) =>
    await unlessAborted(
      options?.signal,
      () => this.#later(() => whole.readTextFile(this.#process, path)),
    );

  writeFileSync: typeof Deno.writeFileSync = (path, data, options = {}) => {
    options.signal?.throwIfAborted();
    runNow(whole.writeFile(this.#process, path, data, options));
  };
  writeFile: typeof Deno.writeFile = async (path, data, options = {}) =>
    await unlessAborted(
      options.signal,
      () =>
        data instanceof ReadableStream
          ? writeStream(this.#process, path, data, options)
          : this.#later(() => whole.writeFile(this.#process, path, data, options)),
    );

  writeTextFileSync: typeof Deno.writeTextFileSync = (path, data, options) =>
    this.writeFileSync(path, encoded(data), options);
  writeTextFile: typeof Deno.writeTextFile = async (path, data, options) =>
    await this.writeFile(
      path,
      data instanceof ReadableStream ? data.pipeThrough(new TextEncoderStream()) : encoded(data),
      options,
    );

  async #later<T>(make: () => Operation<T>): Promise<T> {
    return await later(this.#process.fs, make());
  }
}

/** Iterates over what will be there, as often as somebody asks. */
function iterated<T>(values: Promise<Iterable<T>>): AsyncIterable<T> {
  return {
    async *[Symbol.asyncIterator]() {
      yield* await values;
    },
  };
}

function encoded(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

async function writeStream(
  process: DenoProcess,
  path: Path,
  data: ReadableStream<Uint8Array>,
  { append = false, create = true, createNew = false, signal }: Deno.WriteFileOptions,
): Promise<void> {
  const options = { write: true, append, create, createNew, truncate: !append };
  const file = await completed(process.fs, openFile(process, path, options));
  await data.pipeTo(file.writable, { ...(signal && { signal }) });
}
