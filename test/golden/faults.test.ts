/**
 * Every fault of the PostgreSQL lab, met by a Connect Test: one golden text each in test/golden/faults. Times, ports, random values and
 * paths are normalised. A missing golden file fails; after a deliberate change write them again with `npm run golden` and read the
 * difference.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Recording } from '../../src/inspect/recording';
import { traceRecordings } from '../../src/inspect/trace-recording';
import { LAB_PASSWORD } from '../../src/lab/accounts';
import { startPostgresLab } from '../../src/lab/postgres-lab';
import { type ConnectResult, connectTest } from '../../src/live/connect';
import { targetFromUri } from '../../src/live/target';
import { FAULTS, type Fault } from '../../src/postgres/faults/faults';
import { redactTrace } from '../../src/trace/redact';
import { renderDocument } from '../../src/trace/text';

const folder = join(__dirname, 'faults');
const update = process.env.UPDATE_GOLDEN === '1';

/** Long enough for a busy machine to do what the server does, short enough to wait for its silence. */
const SILENCE_MS = 1_500;

/** What nobody but the client can know: whether the server's proof is right. */
const ONLY_ITSELF: Readonly<Record<string, string>> = { 'wrong-signature': 'PG_READY' };

describe('faults of the PostgreSQL lab', () => {
  it('each has a name of its own and words for people', () => {
    expect(new Set(FAULTS.map((fault) => fault.name)).size).toBe(FAULTS.length);
    for (const fault of FAULTS) {
      expect(fault.name).toMatch(/^[a-z][a-z-]+$/);
      for (const words of [fault.title, fault.does, fault.shows]) expect(words).toMatch(/^\S.{8,}[^.]$/);
    }
  });

  it('has no golden text without a fault', () => {
    const texts = readdirSync(folder).filter((name) => name.endsWith('.txt'));
    expect(texts.sort()).toEqual(FAULTS.map((fault) => `${fault.name}.txt`).sort());
  });

  it.each(FAULTS)('$name', { timeout: 20_000 }, async (fault) => {
    const result = await meet(fault);
    expect(result.verdict).not.toBe('');
    const traces = result.traces.map((trace) => redactTrace(trace));
    const text = normalise(renderDocument({ version: 2, capture: null, traces }).text);
    const golden = join(folder, `${fault.name}.txt`);
    if (update) writeFileSync(golden, text);
    expect(existsSync(golden), `${fault.name}.txt is missing: npm run golden writes it`).toBe(true);
    expect(text).toBe(readFileSync(golden, 'utf8'));
  });

  it.each(FAULTS)('$name has the same cause in a capture of it', { timeout: 20_000 }, async (fault) => {
    const { traces, recordings } = await meet(fault);
    const wire = recordings.map(
      (one): Recording => ({
        ...one,
        source: 'lab',
        events: one.events.filter(({ kind }) => kind !== 'local'),
      }),
    );
    const captured = traceRecordings(wire).map(({ trace }) => trace.diagnosis.code);
    const code = ONLY_ITSELF[fault.name];
    expect(captured).toEqual(code === undefined ? traces.map(({ diagnosis }) => diagnosis.code) : [code]);
  });
});

async function meet(fault: Fault): Promise<ConnectResult> {
  const lab = await startPostgresLab({ fault });
  try {
    return await connectTest(targetFromUri(lab.uri), {
      timeoutMs: fault.silent ? SILENCE_MS : 10_000,
      askPassword: () => Promise.resolve(LAB_PASSWORD),
    });
  } finally {
    await lab.close();
  }
}

/** What differs from run to run is replaced by a word for it. */
function normalise(text: string): string {
  return (
    text
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
      .replace(/^ +[\d.]+ ms {2}/gm, '  T ms  ')
      .replace(/ {2}[\d.]+ ms {2}/g, '  T ms  ')
      .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
      .replace(/port \d{4,5}\b/g, 'port PORT')
      .replace(/\/\S*handshake-lab-\w+\/root\.crt/g, 'ROOT.CRT')
      .replace(/[\d.]+ s\b/g, 'N s')
      // What OpenSSL offers and prefers depends on its version.
      .replace(/\d+ cipher suites/g, 'N cipher suites')
      .replace(/, [xX]25519\w*$/gm, ', GROUP')
      .replace(/(process )\d+/gi, '$1N')
  );
}
