/**
 * Agreement with Wireshark: frames, conversations, TLS sessions and messages of every capture of the project, and of those of other
 * origin, against tshark's JSON. What differs is listed in agreement/differences.ts with who is right; nothing else may.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { root } from '../../scripts/paths.mjs';
import type { Trace } from '../../src/trace/model';
import { type Comparison, compare, type Disagreement, lineOf } from './agreement/compare';
import { DIFFERENCES, explains } from './agreement/differences';
import { type OurView, ourView } from './agreement/ours';
import { followTls, wiresharkView } from './agreement/wireshark';
import { sharedCapturePath, sharedCaptures, sharedCapturesPresent } from './shared-files';

const tshark = spawnSync('tshark', ['--version'], { stdio: 'ignore' }).error === undefined;
const fixtures = join(root, 'test/fixtures');

/** Name in the list of differences, and path. */
const FILES: readonly [name: string, path: string][] = [
  ...readdirSync(fixtures, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.pcapng(\.zst|\.lz4)?$/.test(name))
    .sort()
    .map((name): [string, string] => [`fixtures/${name}`, join(fixtures, name)]),
  ...sharedCaptures().map((name): [string, string] => [`shared/${name}`, sharedCapturePath(name)]),
];

/** The key log beside a capture, if there is one. */
function keyLogOf(path: string): string | undefined {
  const file = path.replace(/\.pcap(ng)?$/, '.keylog');
  return file !== path && existsSync(file) ? file : undefined;
}

/** Tells Wireshark what is spoken on the ports that we found it on. */
function decodeAs(traces: readonly Trace[]): string[] {
  const rules = traces.flatMap(({ protocol, server, ssl, tls }) => {
    const direct = ssl.direct || (protocol === 'mongodb' && tls !== null);
    if (!direct) return [`tcp.port==${server.port},${protocol === 'postgres' ? 'pgsql' : 'mongo'}`];
    // Wireshark knows PostgreSQL inside TLS after an SSLRequest only.
    const inside = protocol === 'mongodb' ? [`tls.port==${server.port},mongo`] : [];
    return [`tcp.port==${server.port},tls`, ...inside];
  });
  return [...new Set(rules)];
}

/** The last frame of each handshake that came to its end, by Wireshark's or our number of the connection. */
function endsOf({ traces, frames }: OurView): Map<number, number> {
  const ends = new Map<number, number>();
  for (const { steps, outcome } of traces) {
    const numbers = steps.flatMap((step) => step.frames);
    const stream = frames.find((each) => each.frame === numbers[0])?.stream ?? null;
    const over = outcome === 'ready' || outcome === 'cancel' || outcome === 'failed';
    if (stream !== null && over) ends.set(stream, Math.max(...numbers));
  }
  return ends;
}

async function comparisonOf(name: string, path: string): Promise<Comparison> {
  const keyLogFile = keyLogOf(path);
  const ours = await ourView(path, keyLogFile);
  const options = { keyLogFile, decodeAs: decodeAs(ours.traces) };
  const theirs = await wiresharkView(path, options);
  const sessions = await Promise.all(
    theirs.sessions.map(async (session) => {
      const opened = ours.sessions.find((each) => each.stream === session.stream)?.content ?? null;
      return opened === null
        ? session
        : { ...session, content: await followTls(path, options, session.stream) };
    }),
  );
  return compare(name, { ...theirs, sessions }, ours, endsOf(ours));
}

describe.skipIf(!tshark)('Wireshark agrees', () => {
  const comparisons: Comparison[] = [];
  const occurred = new Set<string>();
  const differing: Disagreement[] = [];

  if (!sharedCapturesPresent)
    it.skip('about captures of other origin: the folder ../shared/captures is not there');

  // Starting tshark is what takes the time.
  it.concurrent.each(FILES)('about %s', async (name, path) => {
    const comparison = await comparisonOf(name, path);
    comparisons.push(comparison);
    const unlisted = comparison.disagreements.filter((seen) => {
      const known = DIFFERENCES.find((difference) => explains(difference, seen));
      if (known) occurred.add(known.id);
      return !known;
    });
    differing.push(...comparison.disagreements);
    expect(unlisted.map(lineOf)).toEqual([]);
  });

  it('and differs in every listed way', () => {
    const possible = DIFFERENCES.filter(({ files }) => FILES.some(([name]) => files.test(name)));
    expect(possible.map(({ id }) => id).filter((id) => !occurred.has(id))).toEqual([]);
    expect(new Set(DIFFERENCES.map(({ id }) => id)).size).toBe(DIFFERENCES.length);
  });

  it('only where they agree: another value, a missing message and another cipher suite are seen', async () => {
    const path = join(fixtures, 'pg18-tls-scram-keys.pcapng');
    const ours = await ourView(path, undefined);
    const differences = (changed: Partial<OurView>) =>
      compare('x', ours, { ...ours, ...changed }, new Map()).disagreements.length;
    expect(differences({})).toBe(0);
    const [first, ...others] = ours.messages;
    const [session] = ours.sessions;
    expect(differences({ messages: others })).toBe(1);
    expect(differences({ messages: [{ ...first, values: ['length=9'] }, ...others] })).toBe(1);
    expect(differences({ messages: [{ ...first, frame: 99 }, ...others] })).toBe(2);
    expect(differences({ sessions: [{ ...session, cipher: 'TLS_NULL_WITH_NULL_NULL' }] })).toBe(1);
    expect(differences({ frames: ours.frames.slice(1) })).toBe(1);
  });

  afterAll(() => {
    const sum = (name: Exclude<keyof Comparison, 'disagreements'>) =>
      comparisons.reduce((total, each) => total + each[name], 0);
    const whole = [`files ${comparisons.length}`, `frames ${sum('frames')}`];
    const parts = [`conversations ${sum('conversations')}`, `TLS sessions ${sum('sessions')}`];
    const messages = [`messages ${sum('messages')}`, `equal ${sum('equal')} of messages and sessions`];
    const rest = [`values ${sum('values')}`, `after the handshake, not compared ${sum('beyond')}`];
    const listed = `listed differences ${occurred.size} in ${differing.length} places`;
    console.log(`agreement: ${[...whole, ...parts, ...messages, ...rest, listed].join(', ')}`);
  });
});
