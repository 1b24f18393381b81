import { availableParallelism } from 'node:os';
import type { CapturePath } from './capture-paths';

/** Bytes, and files, for which a thread is worth its start. */
const BYTES_PER_WORKER = 8 << 20;
const FILES_PER_WORKER = 50;

/** How many threads are worth it; 1 means none besides this one. */
export function workersFor(files: readonly CapturePath[]): number {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const worth = Math.floor(bytes / BYTES_PER_WORKER) + Math.floor(files.length / FILES_PER_WORKER);
  return Math.max(1, Math.min(files.length, availableParallelism(), worth));
}
