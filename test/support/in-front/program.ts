/** Programs in front of a database: each on free ports of the loopback, its files in a temporary folder, always stopped. */
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { unprivilegedUser } from '../../../scripts/toolchain/index.mjs';
import { spawnTethered } from '../../../scripts/toolchain/tether.mjs';

const START_MS = 20_000;

export interface ProgramPlan {
  readonly file: string;
  readonly args: (folder: string) => readonly string[];
  /** Name and text of each file in its folder. */
  readonly files: (folder: string) => Readonly<Record<string, string>>;
  /** It is up when this port of 127.0.0.1 accepts. */
  readonly port: number;
}

export interface RunningProgram {
  readonly port: number;
  readonly folder: string;
  /** The end of what it printed. */
  log(): string;
  stop(): Promise<void>;
}

const running = new Set<RunningProgram>();

/** Stops every program that still runs: for `afterAll`. */
export async function stopPrograms(): Promise<void> {
  await Promise.all([...running].map((program) => program.stop()));
}

/**
 * Starts a program as somebody who is not root: poolers refuse to run as root, and the others need not.
 * Rejects with the end of what it printed when it does not come up.
 */
export async function startProgram(plan: ProgramPlan): Promise<RunningProgram> {
  const owner = unprivilegedUser();
  const folder = mkdtempSync(path.join(tmpdir(), 'handshake-in-front-'));
  chmodSync(folder, 0o700);
  if (owner) chownSync(folder, owner.uid, owner.gid);
  for (const [name, text] of Object.entries(plan.files(folder))) {
    const file = path.join(folder, name);
    writeFileSync(file, text, { mode: 0o600 });
    if (owner) chownSync(file, owner.uid, owner.gid);
  }
  const as = owner ? ['setpriv', `--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups', '--'] : [];
  const [file, ...args] = [...as, plan.file, ...plan.args(folder)];
  const program = spawnTethered(file, args, {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, LC_ALL: 'C' },
  });
  let output = '';
  const keep = (data: Buffer) => {
    output = (output + data).slice(-16_384);
  };
  program.process.stdout.on('data', keep);
  program.process.stderr.on('data', keep);
  let ended = false;
  void program.exited.then(() => {
    ended = true;
  });
  const self: RunningProgram = {
    port: plan.port,
    folder,
    log: () => output,
    stop: async () => {
      running.delete(self);
      await program.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  running.add(self);
  const deadline = Date.now() + START_MS;
  while (!(await accepts(plan.port))) {
    if (ended || Date.now() > deadline) {
      await self.stop();
      throw new Error(`${path.basename(plan.file)} did not start on port ${plan.port}:\n${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return self;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
