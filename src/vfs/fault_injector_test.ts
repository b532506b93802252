import { assert, assertEquals, assertThrows } from "@std/assert";
import { formatOp } from "./op.ts";
import { injectorOf } from "./fault_injector.ts";
import { FaultPlanError, parseFaultPlan } from "./fault_plan.ts";
import { FileSystemError } from "./file_system.ts";
import { SimulatedFileSystem } from "./simulated_file_system.ts";

const RW = { read: true, write: true, create: true };

function diskWith(plan: string): SimulatedFileSystem {
  const fs = new SimulatedFileSystem();
  fs.mkdir("/log");
  const file = fs.open("/log/a", RW);
  file.write(new Uint8Array([1, 2, 3, 4, 5]), 0);
  fs.disk.settle();
  fs.disk.faults = injectorOf(parseFaultPlan(plan));
  return fs;
}

function returns(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    assert(error instanceof FileSystemError, `${error}`);
    return error.code;
  }
}

const trace = ({ disk }: SimulatedFileSystem) => disk.life.trace.map(formatOp);

Deno.test("injectorOf() strikes at the call that the rule names, on the paths that it names", () => {
  const fs = diskWith('write 2 "/log/*": ENOSPC');
  const [inside, outside] = [fs.open("/log/a", RW), fs.open("/b", RW)];
  const write = (file: typeof inside) => returns(() => file.write(new Uint8Array(2), 0));
  assertEquals([write(inside), write(outside), write(outside)], [2, 2, 2]);
  assertEquals([write(inside), write(inside)], ["ENOSPC", 2]);
  assertEquals(fs.disk.failures, 1);
});

Deno.test("injectorOf() strikes at every call without a number, and so many times in a row", () => {
  const fs = diskWith("stat: EIO; size 2 2 times: EINTR");
  const file = fs.open("/log/a");
  assertEquals([1, 2].map(() => returns(() => fs.stat("/log/a"))), ["EIO", "EIO"]);
  assertEquals([1, 2, 3, 4].map(() => returns(() => file.size())), [5, "EINTR", "EINTR", 5]);
});

Deno.test("injectorOf() counts each rule for itself, and the first that strikes does", () => {
  const fs = diskWith("any 2: EIO; open 2: EMFILE; open 2: EROFS; open 3: EINTR");
  const open = () => returns(() => void fs.open("/log/a"));
  assertEquals([open(), open(), open()], [undefined, "EIO", "EINTR"]);
});

Deno.test("injectorOf() lets pass what cannot strike at a call", () => {
  const fs = diskWith("any 1: short 1; any 2: fails journal; any 3: short 1");
  const file = fs.open("/log/a", RW);
  assertEquals(file.size(), 5);
  assertEquals(file.read(new Uint8Array(5), 0), 1);
  assertEquals(fs.disk.mount, "read-write");
});

Deno.test("injectorOf() refuses a path that is no glob", () => {
  assertThrows(
    () => injectorOf(parseFaultPlan('open "/log/[z-a]": EIO')),
    FaultPlanError,
    'Cannot use the fault plan: "/log/[z-a]" is not a glob',
  );
});

Deno.test("a short write writes a prefix and returns its length, a short read reads one", () => {
  const fs = diskWith("write 1: short 2; write 2: short 99; read 1: short 3; read 2: short 9");
  const file = fs.open("/log/a", RW);
  assertEquals(file.write(new Uint8Array([7, 8, 9]), 0), 2);
  assertEquals(file.write(new Uint8Array([6]), 4), 1);
  const into = new Uint8Array(5);
  assertEquals([file.read(into, 0), [...into]], [3, [7, 8, 3, 0, 0]]);
  assertEquals([file.read(into, 0), [...into]], [5, [7, 8, 3, 4, 6]]);
  assertEquals(trace(fs), ['write "/log/a" 2 bytes at 0', 'write "/log/a" 1 bytes at 4']);
  assertEquals(fs.disk.failures, 2);
});

Deno.test("a call that fails changes nothing, and is no op", () => {
  const calls: Record<string, (fs: SimulatedFileSystem) => unknown> = {
    open: (fs) => fs.open("/log/new", RW),
    mkdir: (fs) => fs.mkdir("/d"),
    rename: (fs) => fs.rename("/log/a", "/b"),
    link: (fs) => fs.link("/log/a", "/b"),
    remove: (fs) => fs.remove("/log/a"),
    list: (fs) => fs.list("/"),
    stat: (fs) => fs.stat("/"),
    write: (fs) => fs.open("/log/a", RW).write(new Uint8Array(1), 0),
    truncate: (fs) => fs.open("/log/a", RW).truncate(0),
    read: (fs) => fs.open("/log/a", RW).read(new Uint8Array(1), 0),
    size: (fs) => fs.open("/log/a", RW).size(),
    close: (fs) => fs.open("/log/a", RW).close(),
  };
  for (const [name, call] of Object.entries(calls)) {
    const fs = diskWith(`${name} 1: EIO`);
    assertEquals(returns(() => call(fs)), "EIO", name);
    assertEquals(trace(fs), [], name);
    assertEquals([...fs.list("/"), ...fs.list("/log")], ["log", "a"], name);
  }
});

Deno.test("an open that fails does not cut the file", () => {
  const fs = diskWith("open 1: EMFILE");
  const open = () => fs.open("/log/a", { write: true, truncate: true });
  assertEquals(returns(open), "EMFILE");
  assertEquals(fs.stat("/log/a").size, 5);
  open();
  assertEquals(fs.stat("/log/a").size, 0);
});

Deno.test("a handle whose close fails is closed", () => {
  const fs = diskWith("close 1: EIO");
  const file = fs.open("/log/a");
  assertEquals([1, 2].map(() => returns(() => file.close())), ["EIO", "EBADF"]);
});

Deno.test("wrong arguments are told before a fault strikes, and do not count", () => {
  const fs = diskWith("any 1: EIO");
  const wrong = [
    () => fs.open("/no"),
    () => fs.open("/log/a", { write: true, createNew: true }),
    () => fs.mkdir("/log"),
    () => fs.remove("/log"),
    () => fs.rename("/no", "/x"),
  ];
  assertEquals(wrong.map(returns), ["ENOENT", "EEXIST", "EEXIST", "ENOTEMPTY", "ENOENT"]);
  assertEquals(returns(() => fs.list("/")), "EIO");
});

Deno.test("the barrier of a synchronous write counts as a syncData", () => {
  const fs = diskWith("syncData 2: EIO");
  const file = fs.open("/log/a", { write: true, sync: true });
  const write = () => returns(() => file.write(new Uint8Array(600), 0));
  assertEquals([write(), write(), write()], [600, "EIO", 600]);
});

Deno.test("the power loss takes the faults away", () => {
  const fs = diskWith("list: EIO");
  assertEquals(returns(() => fs.list("/")), "EIO");
  fs.disk.powerCut();
  assertEquals(new SimulatedFileSystem(fs.disk).list("/"), ["log"]);
});
