import { assert, assertEquals, assertRejects } from "@std/assert";
import { loadPglite } from "../../../scenarios/postgres/postgres_parts.ts";
import { formatOp } from "../../vfs/op.ts";
import { SimulatedFileSystem } from "../../vfs/simulated_file_system.ts";
import { PostgresImage } from "./postgres_image.ts";
import { PostgresError, type PostgresOptions, PostgresServer } from "./postgres_server.ts";

/** A server needs some memory; so many bytes are enough. */
const MEMORY_BYTES = 2 * 2 ** 30;
const ignore = Deno.systemMemoryInfo().available < MEMORY_BYTES;
if (ignore) console.warn("PGlite is not tested: less than 2 GiB of memory are available");

const COUNT = "SELECT count(*)::int AS n FROM t";

Deno.test({ name: "pglite: PostgreSQL on a simulated disk", ignore }, async (t) => {
  const parts = loadPglite();
  const image = await PostgresImage.make(parts, "CREATE TABLE t (a int); INSERT INTO t VALUES (1)");

  /** A disk with the database, and what a server has done to it. */
  async function worked(options: PostgresOptions): Promise<SimulatedFileSystem> {
    const fs = new SimulatedFileSystem({ sectorBytes: 4096 });
    image.putOn(fs);
    const server = await PostgresServer.start(parts, fs, options);
    await server.run("INSERT INTO t VALUES (2)");
    await server.run("CHECKPOINT");
    return fs;
  }

  const traceOf = ({ disk }: SimulatedFileSystem) => disk.life.trace.map(formatOp);
  const synced = await worked({});

  await t.step("a commit syncs the log, a checkpoint files and directories", () => {
    const barriers = synced.disk.life.trace.filter(({ kind }) => kind === "sync");
    const paths = barriers.map(({ path }) => path);
    assert(paths.some((path) => path.startsWith("/pg_wal/0")));
    assert(paths.some((path) => path.startsWith("/base/")));
    assert(paths.includes("/pg_xact"), "no directory was synced");
    assertEquals(paths.at(-1), "/global/pg_control");
  });

  await t.step("the same calls make the same ops", async () => {
    assertEquals(traceOf(await worked({})), traceOf(synced));
  });

  await t.step("with fsync off there are no barriers", async () => {
    const { disk } = await worked({ fsync: false });
    assert(disk.life.trace.length > 10);
    assertEquals(disk.life.trace.filter(({ kind }) => kind === "sync").length, 0);
  });

  await t.step("a server that was killed is recovered", async () => {
    synced.kill();
    const fs = new SimulatedFileSystem(synced.disk);
    const server = await PostgresServer.start(parts, fs);
    assertEquals(await server.rows(COUNT), [{ n: 2 }]);
    fs.kill();
  });

  await t.step("a statement that fails, and a server that does not start, say why", async () => {
    const fs = new SimulatedFileSystem({ sectorBytes: 4096 });
    image.putOn(fs);
    const server = await PostgresServer.start(parts, fs);
    await assertRejects(() => server.run("SELECT nothing"), PostgresError, "nothing");
    fs.kill();
    const again = new SimulatedFileSystem(fs.disk);
    again.remove("/global/pg_control");
    await assertRejects(() => PostgresServer.start(parts, again), PostgresError, "pg_control");
  });
});
