/** mongosh as a person starts it: what it asks before its prompt, and whether it is content with the answers. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { LAB_PASSWORD } from '../../src/lab/accounts';
import { startMongoLab } from '../../src/lab/mongo-lab';
import { describeWith } from '../support/toolchain';

/** Runs the shell with these lines as its input, and gives what it printed. */
async function shell(entry: string, uri: string, lines: readonly string[]): Promise<string> {
  const home = mkdtempSync(path.join(os.tmpdir(), 'handshake-mongosh-'));
  const env = { ...process.env, HOME: home };
  const program = spawn(process.execPath, ['--no-deprecation', entry, uri, '--norc'], { env });
  try {
    let output = '';
    program.stdout.on('data', (data: Buffer) => {
      output += data.toString();
    });
    program.stdin.end(`${lines.join('\n')}\n`);
    await new Promise((resolve) => program.once('close', resolve));
    return output;
  } finally {
    program.kill('SIGKILL');
    rmSync(home, { recursive: true, force: true });
  }
}

await describeWith('mongosh', ['mongosh'], ({ mongosh }) => {
  describe('with its prompt', () => {
    it('is ready, and finds no command missing that a server off Atlas has', async () => {
      const log: string[] = [];
      const lab = await startMongoLab({ onLog: (line) => log.push(line) });
      try {
        const uri = `mongodb://app_user:${LAB_PASSWORD}@127.0.0.1:${lab.port}/?authSource=admin`;
        const output = await shell(mongosh.entry, uri, ['db.hello().msg', 'show dbs', 'exit']);
        expect(output).toMatch(/Using MongoDB:\s+7\.0\.0/);
        expect(output).toContain('[direct: mongos] test>');
        expect(output).toContain('isdbgrid');
        expect(output).not.toMatch(/Mongo\w*Error/);
        const missing = log.flatMap((line) => /Command not found in registry: (\w+)/.exec(line)?.[1] ?? []);
        expect([...new Set(missing)]).toEqual(['atlasVersion']);
        expect(log.join('\n')).toMatch(
          /received client metadata from 127\.0\.0\.1:\d+ conn\d+: application: mongosh/,
        );
      } finally {
        await lab.close();
      }
    }, 60_000);
  });
});
