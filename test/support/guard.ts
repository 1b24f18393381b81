/**
 * What every run of a reader or dissector over hostile input is held to: processor time and memory.
 *
 * Time is the processor's, not the clock's, and of the whole process, so the collector's and the compiler's threads count as well. Beside
 * other work even that is longer: only `npm run fuzz` asks for little of it.
 *
 * Memory is looked at in two ways. *Arrays*: the bytes of all typed arrays and array buffers that the run made, let go or not: the readers'
 * memory is in them, and the sum does not depend on when garbage is collected. What Node makes by itself (`Buffer`, zlib) is not in it.
 * *Growth*: what the heap and the memory outside of it have grown by, which sees strings, objects and Node's own too; what was collected
 * before the run ended, its own or older, is taken off it.
 */
import { getHeapStatistics } from 'node:v8';

/**
 * What is fed with hostile input, and by which of test/fuzz:
 * - files: pcap and pcapng readers by chunks, and whole files through all of it, from unpacking to text, lists, saved copies and the bytes
 *   of steps (capture, inspector, trace-data)
 * - compression: zstd and LZ4 by themselves; gzip is Node's, in whole files (compression, inspector)
 * - link/network: link types, tunnels, IP, TCP, flow table, reassembly (capture)
 * - TLS: records, hellos, certificates, alerts, key logs, decryption (tls)
 * - PostgreSQL, MongoDB: messages, BSON, connection strings, observers, and both machines of each (postgres, mongodb)
 * - auth: SCRAM's messages and both halves, verifiers, base64 (auth)
 * - redaction: capture to redacted capture (redaction)
 */
export const FAMILIES = [
  'files',
  'compression',
  'link/network',
  'TLS',
  'PostgreSQL',
  'MongoDB',
  'auth',
  'redaction',
] as const;
export type Family = (typeof FAMILIES)[number];

/**
 * No run takes more processor time than this, in milliseconds. `npm run fuzz` has the machine to itself; beside other work a processor is
 * slower by any factor, and `npm test` only tells what does not end.
 */
export const mostMilliseconds = () =>
  Number(process.env.HANDSHAKE_INSPECTOR_FUZZ_RUNS) > 0 ? 1_000 : 30_000;

const MB = 1 << 20;

/** Bytes of arrays that one run over an input of so many bytes may make. */
export function mostInArrays(inputBytes: number): number {
  return 32 * MB + 16 * inputBytes;
}

/** Bytes that memory may grow by in it: with what waits to be collected, which is tens of megabytes at any time. */
export function mostGrowth(inputBytes: number): number {
  return 64 * MB + 32 * inputBytes;
}

/** What the runs of one family took so far. */
export interface Spent {
  inputs: number;
  /** Processor time of the slowest run, in milliseconds. */
  slowest: number;
  /** Most bytes of arrays that one run made. */
  arrays: number;
  /** Most bytes that memory grew by in one run. */
  growth: number;
}

export const spent = new Map<Family, Spent>();

/**
 * Runs something over an input and fails if it took more than it may.
 *
 * @param inputBytes size of the input. Who fails here is reproduced by the seed that fast-check prints.
 */
export function guarded<T>(family: Family, inputBytes: number, run: () => T): T {
  const before = look();
  const result = run();
  check(family, inputBytes, before);
  return result;
}

/** {@link guarded}, for what waits. Nothing else may run meanwhile. */
export async function guardedAsync<T>(family: Family, inputBytes: number, run: () => Promise<T>): Promise<T> {
  const before = look();
  const result = await run();
  check(family, inputBytes, before);
  return result;
}

interface Look {
  readonly time: NodeJS.CpuUsage;
  readonly arrays: number;
  readonly memory: number;
}

let made = 0;

function look(): Look {
  return { arrays: made, memory: memoryInUse(), time: process.cpuUsage() };
}

/** Microseconds' work, where `process.memoryUsage` asks the system as well. Array buffers are part of what is external. */
function memoryInUse(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}

function check(family: Family, inputBytes: number, before: Look): void {
  const { user, system } = process.cpuUsage(before.time);
  const milliseconds = (user + system) / 1000;
  const arrays = made - before.arrays;
  const growth = Math.max(0, memoryInUse() - before.memory);
  note(family, milliseconds, arrays, growth);
  const what = `${family}: an input of ${inputBytes} bytes`;
  if (milliseconds > mostMilliseconds()) {
    throw new Error(`${what} took ${Math.round(milliseconds)} ms of processor time`);
  }
  const inArrays = mostInArrays(inputBytes);
  if (arrays > inArrays) throw new Error(`${what} made arrays of ${arrays} bytes; ${inArrays} are allowed`);
  const most = mostGrowth(inputBytes);
  if (growth > most) throw new Error(`${what} made memory grow by ${growth} bytes; ${most} are allowed`);
}

function note(family: Family, milliseconds: number, arrays: number, growth: number): void {
  const sum = spent.get(family) ?? { inputs: 0, slowest: 0, arrays: 0, growth: 0 };
  sum.inputs += 1;
  sum.slowest = Math.max(sum.slowest, milliseconds);
  sum.arrays = Math.max(sum.arrays, arrays);
  sum.growth = Math.max(sum.growth, growth);
  spent.set(family, sum);
}

const COUNTED = [
  'ArrayBuffer',
  'Uint8Array',
  'Int8Array',
  'Uint16Array',
  'Int16Array',
  'Uint32Array',
  'Int32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
] as const;

interface HasBytes {
  readonly byteLength: number;
}

/** Puts a counter in the place of each constructor of arrays, and of `slice`, which does without them. */
function countArrays(): void {
  const globals = globalThis as unknown as Record<string, new (...args: unknown[]) => HasBytes>;
  for (const name of COUNTED) {
    globals[name] = new Proxy(globals[name], {
      construct(target, args, newTarget) {
        const array = Reflect.construct(target, args, newTarget) as HasBytes;
        // A view of memory that is there makes none.
        if (!(args[0] instanceof ArrayBuffer)) made += array.byteLength;
        return array;
      },
    });
  }
  const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as {
    slice: (...args: number[]) => HasBytes;
  };
  const { slice } = typedArray;
  typedArray.slice = function (...args) {
    const copy = slice.apply(this, args);
    made += copy.byteLength;
    return copy;
  };
}

countArrays();
