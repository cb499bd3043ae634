/** The names that both entry points of the package offer. */
export {
  defineCapsule,
  defineMethod,
  hardwareThreads,
  type ApiOf,
  type CapsuleDefinition,
  type CapsuleHandle,
  type CapsuleOptions,
  type CapsuleRuntime,
  type MethodsOf,
} from './capsule/define-capsule.js';

export type {
  AnyMethod,
  CapsuleMethod,
  JobEncoder,
  MethodDefinition,
  PreparedJob,
  SubmitOptions,
  WorkEstimate,
} from './capsule/method.js';
export type { WasmSource } from './capsule/wasm-source.js';
export { BudgetVerifier } from './credits/budget-verifier.js';
export { Account, Credits } from './credits/credits.js';
export { Ledger, type Reservation, type Settlement } from './credits/ledger.js';
export { PriceTag, type Price, type Quote } from './credits/price-list.js';
export { diagnose } from './diagnose.js';
export type { Diagnosis, FeatureName, Finding, Lack } from './diagnosis/diagnosis.js';
export {
  InosError,
  describe,
  outOfRange,
  requireInteger,
  wrongType,
  type InosErrorCode,
  type InosErrorOptions,
} from './errors.js';
export {
  createInos,
  createStandalone,
  type Capsules,
  type CloseOptions,
  type Inos,
  type InosOptions,
  type MemoryOptions,
  type Standalone,
  type StandaloneOptions,
} from './inos.js';
export type { CapsuleStats } from './kernel/capsule-host.js';
export type { InosEvents } from './kernel/events.js';
export {
  JOB_OPTIONS,
  type Job,
  type JobOptions,
  type JobPriority,
  type JobProgress,
  type JobStatus,
  type JobSteps,
  type JobUsage,
} from './kernel/job.js';
export type { KernelStats } from './kernel/kernel-parts.js';
export type { TracingOptions } from './kernel/trace/allowance.js';
export type { TraceEvent, TraceEvents, TraceOptions } from './kernel/trace/trace-event.js';
export { readResult, type StructClass } from './kernel/message.js';
export type { JobResult } from './kernel/task.js';
export { Arena, type Allocation, type Extent } from './memory/arena.js';
export { MAXIMUM_THREADS, STATIC_REGIONS, type StaticRegion } from './memory/layout.js';
export type { LeakedArray, LeakReport } from './memory/leak-detector.js';
export { PageTable, type PageEntry, type TakenPages } from './memory/page-table.js';
export type { Region, SharedArray, SharedArrayClass, SharedArrayOf } from './memory/region.js';
export {
  SafeSAB,
  type AllocOptions,
  type Allocator,
  type SafeSABOptions,
} from './memory/safe-sab.js';
export { Epoch } from './signals/epoch.js';
export { Reactor } from './signals/reactor.js';
export { Ring, type RingEntry } from './signals/ring.js';
