/** The command line with file names that are no UTF-8: an old disk or another system has them. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordingsToPcapng } from '../../src/inspect/export';
import { refusedLogin } from '../support/recordings';
import { bundleCommandLine } from '../support/writers/bundle';

const folder = mkdtempSync(path.join(tmpdir(), 'handshake-names-'));
const cli = path.join(folder, 'cli.cjs');
const captures = path.join(folder, 'captures');
/** "Prüfung" in Latin-1, with a name that differs only in what is lost when it is read as UTF-8. */
const NAME = 'pr\\0374fung.pcapng';
const OTHER = 'pr\\0366fung.pcapng';

beforeAll(async () => {
  mkdirSync(captures);
  const bytes = (escaped: string) =>
    Buffer.concat([
      Buffer.from(`${captures}/`),
      Buffer.from(
        escaped.replace(/\\0(\d+)/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8))),
        'latin1',
      ),
    ]);
  writeFileSync(bytes(NAME), recordingsToPcapng([refusedLogin()]));
  writeFileSync(bytes(OTHER), 'no capture');
  await bundleCommandLine(cli);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** By a shell, which makes the bytes: Node cannot give a program such an argument. */
function run(...args: string[]) {
  const words = args.map((arg) => `"$(printf %b '${arg}')"`).join(' ');
  return spawnSync('sh', ['-c', `exec '${process.execPath}' '${cli}' ${words}`], {
    cwd: captures,
    encoding: 'utf8',
  });
}

describe.skipIf(process.platform !== 'linux')('a file name that is no UTF-8', () => {
  it('is read as an argument, and shown with escapes', () => {
    const { status, stdout, stderr } = run('decode', NAME, '--format', 'json');
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ capture: { file: 'pr\\xfcfung.pcapng' }, traces: [{}] });
  });

  it.each(['text', 'list', 'markdown', 'ndjson', 'sarif'])('is shown in the format %s', (format) => {
    const { status, stdout } = run('decode', NAME, '--format', format);
    expect(status).toBe(0);
    expect(stdout).not.toContain('\ufffd');
    expect(stdout).not.toBe('');
  });

  it('is read in a folder', () => {
    const { status, stdout, stderr } = run('decode', '.', '--format', 'ndjson');
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(stdout)).toMatchObject({ file: 'pr\\xfcfung.pcapng' });
    expect(stderr).toContain('pr\\xf6fung.pcapng is not a capture');
    expect(status).toBe(2);
  });

  it('is told where it is missing', () => {
    expect(run('decode', 'no\\0377.pcap').stderr).toContain('no\\xff.pcap does not exist');
  });

  it('is written, and is not the file that it is read from', () => {
    expect(run('decode', NAME, '--format', 'list', '--save', NAME).stderr).toContain(
      'pr\\xfcfung.pcapng is the capture itself',
    );
    const { status, stderr } = run('decode', NAME, '--format', 'list', '--save', 'saved\\0376.pcapng');
    expect(status, stderr).toBe(0);
    expect(stderr).toContain('saved to saved\\xfe.pcapng');
    const names = readdirSync(captures, { encoding: 'buffer' }).map((name) => name.toString('latin1'));
    expect(names.sort()).toEqual(['pr\xf6fung.pcapng', 'pr\xfcfung.pcapng', 'saved\xfe.pcapng']);
    expect(readFileSync(Buffer.from(`${captures}/saved\xfe.pcapng`, 'latin1')).length).toBeGreaterThan(500);
  });
});
