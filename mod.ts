/**
 * plugpull pulls the plug on a write-ahead log at every moment, in every way a disk may legally
 * lose data, and checks that recovery always yields a durable prefix.
 *
 * Write a log against {@linkcode FileSystem}, describe it as a {@linkcode LogUnderTest}, and hand it
 * to {@linkcode checkLog}, or inside a test to {@linkcode crashTest}. {@linkcode Wal} is a log to use.
 * {@linkcode explore} is the search on its own, for whatever else must survive a power loss.
 *
 * @example
 * ```ts
 * import { checkLog, formatCheck } from "./mod.ts";
 * import naive from "./scenarios/naive_log.ts";
 *
 * const result = await checkLog(naive);
 * console.log(formatCheck(result)); // violates …, and a crash that shows it, step by step
 * ```
 *
 * @module
 */

export {
  type ErrorCode,
  type FileHandle,
  type FileInfo,
  type FileSystem,
  FileSystemError,
  type OpenOptions,
} from "./src/vfs/file_system.ts";
export {
  type BarrierReach,
  type FailedBarrier,
  type ModelColumn,
  modelColumns,
  type ModelName,
  models,
  type PersistenceModel,
  POISON,
} from "./src/vfs/model.ts";
export { formatOp, type Op } from "./src/vfs/op.ts";
export { type Cell, type CellKind } from "./src/vfs/cell.ts";
export { type Life } from "./src/vfs/life.ts";
export { Media, type MediaFault, type MediaFaultKind, mediaFaultKinds } from "./src/vfs/media.ts";
export {
  type CallName,
  callNames,
  type CallPattern,
  type Fault,
  type FaultCode,
  type FaultPlan,
  FaultPlanError,
  type FaultRule,
  formatFault,
  formatFaultPlan,
  parseFaultPlan,
} from "./src/vfs/fault_plan.ts";
export { type FaultableCall, type FaultInjector, injectorOf } from "./src/vfs/fault_injector.ts";
export {
  type Chooser,
  Disk,
  diskOptionNames,
  type DiskOptions,
  StepBudgetError,
} from "./src/vfs/disk.ts";
export { SimulatedFileSystem } from "./src/vfs/simulated_file_system.ts";
export {
  type AsyncFileHandle,
  type AsyncFileSystem,
  promised,
} from "./src/vfs/promised_file_system.ts";
export { type NodeFs, nodeFs } from "./src/vfs/node/node_fs.ts";
export { type DenoFs, denoFs } from "./src/vfs/deno/deno_fs.ts";
export { replaceDeno, withDeno } from "./src/vfs/deno/replace_deno.ts";
export { freshModules, type HookOptions, installHooks } from "./src/engines/hooks.ts";
export { useDisk } from "./src/engines/node_current.ts";
export { Shimmed, type ShimmedFileSystem } from "./src/vfs/shimmed_file_system.ts";
export { syncDirectory } from "./src/vfs/sync_directory.ts";
export { writeWhole } from "./src/vfs/write_whole.ts";
export { writeFully } from "./src/vfs/write_fully.ts";
export { RealFileSystem, type RealFileSystemOptions } from "./src/vfs/real_file_system.ts";
export {
  type Budget,
  type Exploration,
  explore,
  type ExploreOptions,
  type Leaf,
  type Strategy,
} from "./src/explore/explore.ts";
export { type Choice, type Choices, NondeterminismError } from "./src/explore/choices.ts";
export { Wal } from "./src/wal/wal.ts";
export { type WalOptions } from "./src/wal/wal_options.ts";
export { type Schedule } from "./src/wal/group_commit.ts";
export {
  type DamageDetails,
  WalCorruptionError,
  WalPoisonedError,
  WalVersionError,
} from "./src/wal/wal_errors.ts";
export { type DumpLine, dumpLog, type DumpState, formatDump } from "./src/wal/dump.ts";
export { type DecodedPiece, type LogUnderTest, type MaybePromise } from "./src/check/subject.ts";
export {
  type KeyValueCommand,
  keyValues,
  type StoreModel,
  type StoreUnderTest,
  subjectOf,
  type UnderTest,
} from "./src/check/store.ts";
export {
  appendsOf,
  type Call,
  type Command,
  type SingleCall,
  type Workload,
} from "./src/check/workload.ts";
export { StuckError } from "./src/check/interleaving.ts";
export { type ScheduleCount } from "./src/check/interleaving_schedules.ts";
export { defaultWorkloads } from "./src/check/default_workloads.ts";
export { crashProperty, type WorkloadConstraints, workloads } from "./src/check/arbitraries.ts";
export { type Breach, type Clause } from "./src/check/oracle.ts";
export { type Violation } from "./src/check/run_log.ts";
export { crashTest, type CrashTestOptions } from "./src/check/crashtest.ts";
export { replayCommand } from "./src/check/replay_command.ts";
export { visible } from "./src/check/visible.ts";
export { formatProof } from "./src/check/proof.ts";
export { type PlacementCount } from "./src/check/call_faults.ts";
export { checkLog, inBatch } from "./src/check/check_log.ts";
export {
  type CheckObserver,
  type CheckOptions,
  type CheckResult,
  type Verdict,
  type WorkloadResult,
} from "./src/check/check_result.ts";
export { sometimes, takeMarks } from "./src/check/sometimes.ts";
export { type Replay, replayCounterexample } from "./src/check/replay.ts";
export {
  explain,
  explainAll,
  type ExplainOptions,
  type ExplainStep,
  onePerCause,
} from "./src/check/explain.ts";
export { causeOf } from "./src/check/cause.ts";
export { writeFinding } from "./src/check/write_finding.ts";
export { shrinkCounterexample, type ShrinkOptions } from "./src/check/shrink.ts";
export { blame, type BlameOptions } from "./src/check/blame.ts";
export { type Blame, type BlamedBarrier, type BlameKind } from "./src/check/blame_document.ts";
export { withBarriers } from "./src/check/with_barriers.ts";
export { formatBlame, type FormatBlameOptions } from "./src/check/format_blame.ts";
export { type WeakestDisk, weakestDisk } from "./src/check/weakest_disk.ts";
export { type SourcePlace } from "./src/check/call_place.ts";
export { type BarrierCall } from "./src/check/barrier_file_system.ts";
export { type BarrierSite, type Mutant, type Mutation } from "./src/check/mutation.ts";
export {
  type BarrierSurvey,
  checkMutants,
  type MutantOptions,
  type MutantReport,
  type MutantResult,
  type MutantVerdict,
} from "./src/check/mutants.ts";
export {
  type Counterexample,
  CounterexampleError,
  diskSchema,
  type Kept,
  parseCounterexample,
  workloadSchema,
} from "./src/check/counterexample.ts";
export { formatCheck, formatCount, formatCoverage, type Paint } from "./src/report/format_check.ts";
export { formatMutants, type FormatMutantsOptions } from "./src/report/format_mutants.ts";
export { type HtmlOptions, renderHtml } from "./src/report/html.ts";
export {
  type PgliteBaseFilesystem,
  type PgliteModule,
  type PgliteParts,
  type PgliteReceiver,
  type PgliteServer,
  type PgliteTables,
} from "./src/engines/pglite/pglite_parts.ts";
export { PostgresImage } from "./src/engines/pglite/postgres_image.ts";
export {
  PostgresError,
  type PostgresOptions,
  PostgresServer,
} from "./src/engines/pglite/postgres_server.ts";
export { tursoLog, type TursoLogOptions } from "./src/engines/turso/turso_log.ts";
export {
  type NapiOptions,
  type NapiRuntime,
  type TursoParts,
  type WasiOptions,
  type WasmImports,
} from "./src/engines/turso/turso_parts.ts";
export { type SqliteVfs, sqliteVfs } from "./src/engines/sqlite/sqlite_vfs.ts";
export { type SqliteDevice } from "./src/engines/sqlite/sqlite_process.ts";
export {
  type SqliteConnection,
  SqliteError,
  type SqliteValue,
} from "./src/engines/sqlite/sqlite_connection.ts";
export {
  type Pointer,
  type SqliteExports,
  type SqliteModule,
  type SqliteStruct,
} from "./src/engines/sqlite/sqlite_module.ts";
export { opfs, type OpfsOptions } from "./src/engines/opfs/opfs.ts";
export { standInForOpfs, withOpfs } from "./src/engines/opfs/with_opfs.ts";
export { OpfsHandle } from "./src/engines/opfs/handle.ts";
export { OpfsDirectoryHandle } from "./src/engines/opfs/directory_handle.ts";
export { OpfsFileHandle } from "./src/engines/opfs/file_handle.ts";
export {
  OpfsSyncAccessHandle,
  type SyncAccessMode,
  type SyncAccessOptions,
} from "./src/engines/opfs/sync_access_handle.ts";
export {
  OpfsWritableFileStream,
  type WriteChunk,
  type WriteParams,
} from "./src/engines/opfs/writable_file_stream.ts";
