/** A connection told in a few words, as the facts that shared rules read. */
import { expect, it } from 'vitest';
import { utf8Bytes } from '../../../src/base/bytes';
import type { Mark, Side } from '../../../src/base/mark';
import type { ConnectionFacts, Missing } from '../../../src/diagnosis/facts';
import { diagnosisOf } from '../../../src/diagnosis/render';
import { firstCause, type Rule } from '../../../src/diagnosis/rules';
import { type IcmpEvidence, type SideEvidence, WireLog } from '../../../src/diagnosis/wire';
import { noTlsEvidence, type TlsEvidence } from '../../../src/tls/evidence';
import { TraceBuilder } from '../../../src/trace/builder';
import type { CertificateSummary, Layer } from '../../../src/trace/model';
import { blanksOf } from '../../support/blanks';

/** One thing that happens, at a time in milliseconds. */
export type Happening =
  | { readonly at: number; readonly syn: Side; readonly times?: number }
  | {
      readonly at: number;
      readonly from: Side;
      /** Its bytes: as many, or these. */
      readonly bytes: number | Uint8Array | string;
      /** The step that it is. */
      readonly message?: string;
      readonly layer?: Layer;
    }
  | { readonly at: number; readonly close: Side; readonly how?: 'fin' | 'rst' };

export interface Story {
  readonly product?: ConnectionFacts['product'];
  readonly address?: string;
  readonly happens: readonly Happening[];
  readonly client?: Partial<SideEvidence>;
  readonly server?: Partial<SideEvidence>;
  readonly icmp?: Partial<IcmpEvidence>;
  readonly proxy?: 1 | 2;
  readonly late?: boolean;
  readonly missing?: Missing;
  readonly established?: boolean;
  /** What this side itself reported. */
  readonly local?: ConnectionFacts['local'];
  /** When the last packet of the capture came; by default with the last that happens. */
  readonly captureEnd?: number;
  readonly tls?: Partial<TlsEvidence>;
  readonly version?: string;
  readonly sni?: string;
  readonly direct?: boolean;
  readonly certificates?: readonly CertificateSummary[];
}

export const OPENED: readonly Happening[] = [
  { at: 0, syn: 'client' },
  { at: 1, syn: 'server' },
];

/** 2023-11-14. */
const START = 1_700_000_000;

export function markAt(millis: number): Mark {
  return {
    frame: Math.round(millis * 10) + 1,
    seconds: START + Math.floor(millis / 1000),
    nanos: (millis % 1000) * 1e6,
  };
}

export function factsOf(story: Story): ConnectionFacts {
  const { product = 'PostgreSQL', address = '192.0.2.7' } = story;
  const protocol = product === 'PostgreSQL' ? 'postgres' : 'mongodb';
  const port = product === 'PostgreSQL' ? 5432 : 27017;
  const trace = new TraceBuilder(
    'capture',
    protocol,
    { address: '192.0.2.1', port: 40_000 },
    { address, port },
  );
  const log = new WireLog();
  const messages = { client: 0, server: 0 };
  for (const event of story.happens) {
    const mark = markAt(event.at);
    if ('syn' in event) {
      trace.touch(mark);
      for (let i = 0; i < (event.times ?? 1); i++) log.handleOpen(event.syn, mark);
    } else if ('close' in event) log.handleClose(event.close, event.how ?? 'fin', mark);
    else {
      const { from, message, layer = protocol } = event;
      log.handleBytes(from, bytesOf(event.bytes), mark);
      const states = { clientState: '', serverState: '' };
      if (message !== undefined) trace.step({ mark, from, layer, message, summary: '', ...states });
      if (message !== undefined && layer === protocol) messages[from]++;
    }
  }
  const wire = log.evidence;
  Object.assign(wire.client, story.client);
  Object.assign(wire.server, story.server);
  wire.late = story.late ?? false;
  wire.captureEnd = story.captureEnd === undefined ? wire.end : markAt(story.captureEnd);
  if (story.tls) wire.tls = { ...noTlsEvidence(), ...story.tls };
  for (const close of wire.closes) {
    const before = (entries: readonly { readonly mark: Mark }[]) =>
      entries.filter(({ mark }) => mark.frame <= close.mark.frame).length;
    Object.assign(close, {
      alertsBefore: before(wire.tls?.alerts ?? []),
      sealedBefore: before(wire.tls?.sealed ?? []),
    });
  }
  if (story.proxy) wire.proxy = { version: story.proxy, about: 'TCP4', bytes: 40 };
  if (story.icmp) {
    const said = {
      about: 'client',
      kind: 'host unreachable',
      tooBig: false,
      from: '192.0.2.254',
      mtu: 0,
    } as const;
    wire.icmp = { ...said, mark: markAt(1), ...story.icmp };
  }
  if (story.tls) {
    Object.assign(trace.ensureTls(), {
      version: story.version ?? (story.tls.serverHello ? 'TLSv1.3' : null),
      sni: story.sni ?? null,
      certificates: story.certificates ?? [],
    });
    trace.ssl.direct = story.direct ?? false;
  }
  const { missing = null, established = false, local = null } = story;
  return { product, trace, wire, established, messages, missing, local };
}

/**
 * Tells each story to the rules. A row is a name, the code that must come of it, or null for none, and params that the cause must have.
 * What is found is put into words, too, and no gap may show in them.
 */
export function tellStories(
  rules: readonly Rule<ConnectionFacts>[],
  rows: readonly (readonly [name: string, code: string | null, story: Story, params?: object])[],
): void {
  it.each(rows.map((row) => ({ row, name: row[0], code: row[1] })))('$name → $code', ({ row }) => {
    const [, code, story, params = {}] = row;
    note(rules, story);
    const found = firstCause(rules, factsOf(story));
    expect(found?.code ?? null).toBe(code);
    if (!found) return;
    expect(found.params).toMatchObject(params);
    expect(rules.flatMap(({ gives }) => gives)).toContain(found.code);
    const diagnosis = diagnosisOf(found, null);
    const { what, why, next, evidence } = diagnosis;
    expect(blanksOf(diagnosis)).toEqual([]);
    const words = [
      what,
      why ?? '',
      ...next.map(({ text, snippet = '' }) => text + snippet),
      ...evidence.map(({ text }) => text),
    ];
    for (const text of words) expect(text).not.toMatch(/undefined|(?<!dev.)null|NaN|\[object/);
  });
}

/** What came of the stories of this file: which causes were given, and which were asked for and not given. */
const given = new Set<string>();
const denied = new Set<string>();

function note(rules: readonly Rule<ConnectionFacts>[], story: Story): void {
  const facts = factsOf(story);
  for (const { gives, find } of rules) {
    const found = find(facts);
    for (const code of gives) if (code !== found?.code) denied.add(code);
    if (!found) continue;
    given.add(found.code);
    return;
  }
}

/** Comes after all stories of a file: each cause of these rules has one that gives it, and one that its rule was asked about and that does not. */
export function everyCauseIsTold(rules: readonly Rule<ConnectionFacts>[]): void {
  it('every cause has a story that gives it and one that nearly does', () => {
    const codes = [...new Set(rules.flatMap(({ gives }) => gives))];
    expect(codes.filter((code) => !given.has(code))).toEqual([]);
    expect(codes.filter((code) => !denied.has(code))).toEqual([]);
  });
}

function bytesOf(bytes: number | Uint8Array | string): Uint8Array {
  if (typeof bytes === 'number') return new Uint8Array(bytes).fill(0xaa);
  return typeof bytes === 'string' ? utf8Bytes(bytes) : bytes;
}

export function certificate(more: Partial<CertificateSummary> = {}): CertificateSummary {
  return {
    subject: 'CN=db.example',
    issuer: 'CN=Example Root',
    names: ['db.example'],
    notBefore: '2023-01-01T00:00:00Z',
    notAfter: '2024-01-01T00:00:00Z',
    fingerprint256: 'AA',
    selfSigned: false,
    ...more,
  };
}
