import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { concat } from '../../../src/base/bytes';
import { guarded, guardedAsync, mostInArrays, spent } from '../../support/guard';

const MB = 1 << 20;

/** Lets go of what the tests before have made: collected in a run, it would be taken off what the run takes. */
function collect(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

/** Keeps the processor busy, whatever the clock says. */
function burn(milliseconds: number): void {
  const start = process.cpuUsage();
  for (;;) {
    const { user, system } = process.cpuUsage(start);
    if (user + system > milliseconds * 1000) return;
  }
}

describe('the guard of the fuzz tests', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('fails a run that takes more than a second of the processor, when the machine is its own', async () => {
    vi.stubEnv('HANDSHAKE_INSPECTOR_FUZZ_RUNS', '1');
    expect(() => guarded('files', 10, () => burn(1100))).toThrow(
      /files: an input of 10 bytes took 1\d\d\d ms/,
    );
    await expect(guardedAsync('files', 10, async () => burn(1100))).rejects.toThrow(/processor time/);
  }, 60_000);

  it('lets one through beside other work, and notes it', () => {
    vi.stubEnv('HANDSHAKE_INSPECTOR_FUZZ_RUNS', '');
    guarded('compression', 10, () => burn(1100));
    expect(spent.get('compression')?.slowest).toBeGreaterThan(1100);
  }, 60_000);

  it('does not count time that was waited', async () => {
    const wait = () => new Promise((resolve) => setTimeout(resolve, 1200));
    await guardedAsync('auth', 10, wait);
    expect(spent.get('auth')?.slowest).toBeLessThan(1000);
  });

  it.each([
    ['one array', () => void new Uint8Array(200 * MB)],
    ['an array buffer', () => void new Uint8Array(new ArrayBuffer(200 * MB))],
    ['words', () => void new Float64Array(25 * MB)],
    [
      'many arrays, each let go',
      () => {
        for (let i = 0; i < 3200; i++) new Uint8Array(1 << 16);
      },
    ],
    [
      'copies',
      () => {
        const bytes = new Uint8Array(MB);
        for (let i = 0; i < 200; i++) bytes.slice();
      },
    ],
    ['bytes put together', () => void concat(...Array<Uint8Array>(200).fill(new Uint8Array(MB)))],
  ])('fails a run that makes 200 MB of arrays: %s', (_name, run) => {
    expect(() => guarded('TLS', 100, run)).toThrow(/TLS: an input of 100 bytes made arrays of \d+ bytes/);
  });

  it('fails a run after which 200 MB more are held that are no typed arrays', () => {
    const kept: unknown[] = [];
    collect();
    const words = () => void kept.push(new Array<number>(25 * MB).fill(1));
    expect(() => guarded('MongoDB', 100, words)).toThrow(/made memory grow by/);
    // What the first run left to be collected would be taken off the second one's growth.
    collect();
    const buffer = () => void kept.push(Buffer.alloc(200 * MB));
    expect(() => guarded('MongoDB', 100, buffer)).toThrow(/made memory grow by/);
    expect(kept).toHaveLength(2);
  });

  it('lets through what stays within the bound, and a larger input more', () => {
    const size = 20 * MB;
    const run = () => new Uint8Array(200 * MB).length;
    expect(mostInArrays(size)).toBeGreaterThan(200 * MB);
    expect(guarded('redaction', size, run)).toBe(200 * MB);
    expect(spent.get('redaction')).toMatchObject({ inputs: 1, arrays: 200 * MB });
  });

  it('leaves arrays what they are', () => {
    class Own extends Uint8Array {}
    expect(new Own(3)).toBeInstanceOf(Uint8Array);
    expect(Uint8Array.of(1, 2).slice(1)).toEqual(new Uint8Array([2]));
    expect(Buffer.from([1, 2])).toBeInstanceOf(Uint8Array);
    expect(Uint8Array.of(1).constructor.name).toBe('Uint8Array');
  });
});
