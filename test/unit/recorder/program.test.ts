import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parsePorts } from '../../../src/contract/ports';
import { captureFilter, DIALECTS, findPrograms } from '../../../src/recorder/program';

const folder = mkdtempSync(path.join(tmpdir(), 'handshake-programs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const request = (ports: string, seconds = 60) => ({
  interface: 'lo',
  ports: parsePorts(ports).ranges,
  seconds,
});

describe('what a capture program is asked', () => {
  it('filters on ports and ranges', () => {
    expect(captureFilter(parsePorts('5432, 6000-6010').ranges)).toBe(
      'tcp port 5432 or tcp portrange 6000-6010',
    );
  });

  it('asks dumpcap for the classic form on its output, for so long', () => {
    const args = DIALECTS.dumpcap.recordArguments(request('5432', 59.2));
    expect(args).toEqual(['-i', 'lo', '-f', 'tcp port 5432', '-P', '-q', '-w', '-', '-a', 'duration:60']);
  });

  it('asks tcpdump for each packet at once', () => {
    const args = DIALECTS.tcpdump.recordArguments(request('5432, 27017'));
    expect(args.slice(0, 2)).toEqual(['-i', 'lo']);
    expect(args.join(' ')).toContain('-U -w -');
    expect(args.at(-1)).toBe('tcp port 5432 or tcp port 27017');
  });
});

describe('where the programs are', () => {
  it('is the PATH first, and dumpcap before tcpdump', () => {
    for (const name of ['dumpcap', 'tcpdump']) writeFileSync(path.join(folder, name), '');
    const found = findPrograms({ platform: 'linux', env: { PATH: `relative${path.delimiter}${folder}` } });
    expect(found).toEqual([
      { name: 'dumpcap', path: path.join(folder, 'dumpcap') },
      { name: 'tcpdump', path: path.join(folder, 'tcpdump') },
    ]);
  });

  it('counts one that may not be run: that can be changed', () => {
    chmodSync(path.join(folder, 'dumpcap'), 0o600);
    const [first] = findPrograms({ platform: 'linux', env: { PATH: folder } });
    expect(first.path).toBe(path.join(folder, 'dumpcap'));
  });

  it('never looks in a relative folder', () => {
    const cwd = process.cwd();
    process.chdir(folder);
    try {
      const found = findPrograms({ platform: 'win32', env: { PATH: `.${path.delimiter}` } });
      expect(found).toEqual([]);
    } finally {
      process.chdir(cwd);
    }
  });
});
