/** What the command line refuses before it begins: with a sentence, and nothing left running. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { connect } from '../../../src/cli/connect';
import { lab } from '../../../src/cli/lab';
import { run } from '../../../src/cli/program';
import { record } from '../../../src/cli/record';
import { checkWritable } from '../../../src/cli/writable';

const folder = mkdtempSync(path.join(tmpdir(), 'handshake-unusable-'));
const file = path.join(folder, 'a-file');
writeFileSync(file, 'kept');
mkdirSync(path.join(folder, 'sub'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

function listen(): () => string {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  return () => write.mock.calls.map(([text]) => String(text)).join('');
}

describe('a file to write', () => {
  it('may be new, or replace one', async () => {
    await checkWritable(path.join(folder, 'new.pcapng'));
    await checkWritable(file);
  });

  it.each([
    ['in a folder that does not exist', path.join(folder, 'no', 'x.pcapng'), /its folder does not exist/],
    ['that is a folder', path.join(folder, 'sub'), /is a folder; name a file in it/],
    ['below a file', path.join(file, 'x.pcapng'), /x\.pcapng .*choose another/],
  ])('is refused %s', async (_, target, words) => {
    await expect(checkWritable(target)).rejects.toThrow(words);
  });

  it('is checked before a recording begins', async () => {
    const said = listen();
    const save = path.join(folder, 'no', 'x.pcapng');
    const options = { ports: '5432', limit: 1, for: 50, format: 'text', reveal: false } as const;
    expect(await record({ ...options, save })).toBe(2);
    expect(said()).toContain('its folder does not exist; choose another one.');
    expect(said()).not.toContain('recording');
  });

  it('is checked before a connection is made', async () => {
    const said = listen();
    const options = {
      format: 'text',
      reveal: false,
      timeout: 1,
      save: path.join(folder, 'no', 'x'),
    } as const;
    expect(await connect('postgresql://127.0.0.1:1/appdb', options)).toBe(2);
    expect(said()).toContain('its folder does not exist');
  });
});

describe('lab', () => {
  it.each(['fault', 'hba', 'certificates'] as const)('has --%s for PostgreSQL only', async (name) => {
    const said = listen();
    const target = path.join(folder, 'never');
    expect(await lab('mongodb', { port: 0, format: 'text', [name]: target })).toBe(2);
    expect(said()).toContain(`--${name} is for the PostgreSQL server.`);
    expect(existsSync(target)).toBe(false);
  });

  it('ends when its certificates cannot be written', async () => {
    const said = listen();
    expect(await lab('postgres', { port: 0, format: 'text', certificates: file })).toBe(2);
    expect(said()).toContain('is a file; name another folder.');
  });
});

describe('a form of JSON', () => {
  const { argv, exitCode } = process;
  afterEach(() => {
    process.argv = argv;
    process.exitCode = exitCode;
  });

  it('is not chosen for --matrix, which has its own', async () => {
    const said = listen();
    const uri = 'mongodb://127.0.0.1:1/appdb';
    process.argv = ['node', 'cli.js', 'connect', '--matrix', '--format', 'json', '--json-version', '1', uri];
    await run();
    expect(process.exitCode).toBe(2);
    expect(said()).toMatch(/'--json-version <version>' cannot be used with option '--matrix'/);
  });

  it('--matrix alone gets as far as its host', async () => {
    const said = listen();
    process.argv = ['node', 'cli.js', 'connect', '--matrix', 'mongodb://127.0.0.1:1/appdb'];
    await run();
    expect(said()).toMatch(/Only PostgreSQL has an sslmode/);
  });
});
