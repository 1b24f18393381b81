import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { CaptureProgram } from './program';
import { programEnvironment } from './program-environment';

/** What is kept of a program's stderr: its end. */
const MAX_STDERR = 8_192;
/** What a program says once it captures, in case the header of the file comes later. */
const BEGUN = /^File: |listening on /m;
/** A device that does not open is given up after this. */
const START_MS = 15_000;
/** A program that is asked to end and does not is killed after this. */
const GRACE_MS = 3_000;

type Child = ChildProcessByStdio<null, Readable, Readable>;

const STDIO: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe'];

function options() {
  return { env: programEnvironment(), stdio: STDIO, windowsHide: true };
}

/** A running capture program: its output as chunks, its end. */
export class CaptureProcess {
  #stderr = '';
  #stopping = false;
  #closed = false;
  /** Why it could not be started, or null. */
  #code: string | null = null;
  #grace: NodeJS.Timeout | undefined;
  /** Resolves when it has ended and all its output was read or thrown away. */
  readonly closed: Promise<void>;
  readonly #child: Child;

  constructor(
    readonly program: CaptureProgram,
    args: readonly string[],
  ) {
    this.#child = spawn(program.path, args, options());
    const lastResort = () => this.#child.kill('SIGKILL');
    process.once('exit', lastResort);
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-MAX_STDERR);
    });
    this.closed = new Promise((resolve) => {
      const end = () => {
        clearTimeout(this.#grace);
        process.off('exit', lastResort);
        this.#closed = true;
        resolve();
      };
      this.#child.once('close', end);
      this.#child.once('error', (error: NodeJS.ErrnoException) => {
        this.#code ??= error.code ?? 'UNKNOWN';
        // One that was never started has no `close`.
        if (this.#child.pid === undefined) end();
      });
    });
  }

  /** The end of what it wrote to stderr. */
  get stderr(): string {
    return this.#stderr;
  }

  /** Error of the operating system, if it could not be started. */
  get code(): string | null {
    return this.#code;
  }

  /** Somebody asked it to end. */
  get stopping(): boolean {
    return this.#stopping;
  }

  /** Waits until it captures. @returns false when it ended instead, or does not begin. */
  async started(): Promise<boolean> {
    const { stdout, stderr } = this.#child;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<boolean>((resolve) => {
        stdout.once('readable', () => {
          // Readable is also what has ended: then reading it tells the stream so.
          if (stdout.readableLength > 0) resolve(true);
          else stdout.read();
        });
        stderr.on('data', () => {
          if (BEGUN.test(this.#stderr)) resolve(true);
        });
        void this.closed.then(() => resolve(stdout.readableLength > 0));
        timer = setTimeout(() => {
          this.#code ??= 'ETIMEDOUT';
          this.stop();
          resolve(false);
        }, START_MS);
      });
    } finally {
      clearTimeout(timer);
    }
  }

  /** What it writes, to its end. */
  get chunks(): AsyncIterable<Buffer> {
    return this.#child.stdout;
  }

  /** Lets it write what it holds and end. */
  stop(): void {
    if (this.#stopping || this.#closed) return;
    this.#stopping = true;
    if (!signal(this.#child, 'SIGINT')) this.#child.stdout.destroy();
    this.#grace = setTimeout(() => {
      // One that may not be killed, because it runs as somebody else, ends when it writes.
      signal(this.#child, 'SIGKILL');
      this.#child.stdout.destroy();
    }, GRACE_MS);
  }
}

function signal(child: Child, name: NodeJS.Signals): boolean {
  try {
    return child.kill(name);
  } catch {
    return false;
  }
}

/** Runs a program to its end. @returns what it printed, and how it ended. */
export function runToEnd(
  program: CaptureProgram,
  args: readonly string[],
  timeoutMs = 10_000,
): Promise<{
  readonly stdout: string;
  readonly stderr: string;
  readonly code: string | null;
  readonly ok: boolean;
}> {
  return new Promise((resolve) => {
    const child = spawn(program.path, args, options());
    let stdout = '';
    let stderr = '';
    let code: string | null = null;
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    const end = (ok: boolean) => {
      clearTimeout(timer);
      resolve({ stdout, stderr, code, ok });
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (stdout.length < 1 << 20) stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-MAX_STDERR);
    });
    child.once('error', (error: NodeJS.ErrnoException) => {
      code = error.code ?? 'UNKNOWN';
      if (child.pid === undefined) end(false);
    });
    child.once('close', (status) => end(status === 0));
  });
}
