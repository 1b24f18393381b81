// The other end of host-probe/extension.js, an extension that is installed beside ours for one test and shipped nowhere.
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createVSIX } from '@vscode/vsce';
import { root } from '../../scripts/paths.mjs';

/** What kept the extension host's thread since the last time it was asked; times in milliseconds. */
export interface HostReport {
  /** Process id of the extension host. */
  readonly pid: number;
  /** Longest delay of its event loop, by the clock: waiting for a processor included. */
  readonly delay: number;
  /** Length of the time reported on. */
  readonly ofMs: number;
  /** Turns of the loop with the most processor time of this thread, most first. */
  readonly longest: readonly { readonly at: number; readonly clock: number; readonly work: number }[];
}

export interface HostProbe {
  readonly vsix: string;
  readonly env: Record<string, string>;
  /** Waits for the extension host to be up; each report begins where the one before ended. */
  report(): Promise<HostReport>;
  remove(): void;
}

export async function makeHostProbe(): Promise<HostProbe> {
  const folder = mkdtempSync(path.join(tmpdir(), 'host-probe-'));
  const socket = path.join(folder, 'socket');
  const vsix = path.join(folder, 'host-probe.vsix');
  const { log, info, warn } = console;
  console.log = console.info = console.warn = () => {};
  await createVSIX({
    cwd: path.join(root, 'test/e2e/host-probe'),
    packagePath: vsix,
    dependencies: false,
    allowMissingRepository: true,
    skipLicense: true,
  }).finally(() => Object.assign(console, { log, info, warn }));
  return {
    vsix,
    env: { HANDSHAKE_HOST_PROBE: socket },
    async report() {
      const deadline = Date.now() + 60_000;
      for (;;) {
        try {
          return JSON.parse(await readAll(socket)) as HostReport;
        } catch (error) {
          if (Date.now() > deadline) throw error;
          await new Promise((resolve) => setTimeout(resolve, 200));
        }
      }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function readAll(socket: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const connection = connect(socket, () => connection.end());
    connection.on('data', (data) => {
      text += data;
    });
    connection.on('end', () => resolve(text));
    connection.on('error', reject);
  });
}
