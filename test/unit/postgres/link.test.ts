import { describe, expect, it } from 'vitest';
import { linkRetries } from '../../../src/postgres/diagnose/link';
import { TraceBuilder } from '../../../src/trace/builder';
import type { Trace } from '../../../src/trace/model';

interface Made {
  readonly at: number;
  readonly tls: boolean;
  readonly outcome?: Trace['outcome'];
  readonly auth?: Trace['auth']['outcome'];
  readonly user?: string | null;
  readonly address?: string;
  readonly last?: string;
  readonly error?: string;
  readonly gss?: boolean;
}

function make(list: readonly Made[]): Trace[] {
  return list.map((made, i) => {
    const client = { address: made.address ?? '192.0.2.1', port: 50_000 + i };
    const builder = new TraceBuilder('capture', 'postgres', client, { address: '192.0.2.2', port: 5432 });
    builder.touch({
      frame: i + 1,
      seconds: 1_700_000_000 + Math.floor(made.at / 1000),
      nanos: (made.at % 1000) * 1_000_000,
    });
    if (made.tls) {
      builder.ssl.requested = true;
      builder.ssl.answer = 'S';
    }
    builder.auth.user = made.user === undefined ? 'app_user' : made.user;
    if (made.gss) builder.gssenc.answer = 'G';
    builder.auth.outcome = made.auth ?? 'failed';
    builder.outcome = made.outcome ?? 'failed';
    if (builder.outcome === 'failed')
      builder.error = { from: 'server', code: made.error ?? '28P01', message: '' };
    if (made.last) {
      const mark = { frame: i + 1, seconds: 1_700_000_000, nanos: made.at * 1_000_000 };
      builder.step({
        mark,
        from: 'server',
        layer: 'tcp',
        message: made.last,
        summary: '',
        clientState: 'x',
        serverState: 'y',
      });
    }
    return builder.finish(`t${i + 1}`);
  });
}

function linked(list: readonly Made[]): { retryOf: (string | null)[]; double: number } {
  const traces = make(list);
  linkRetries(traces);
  const double = traces.filter((trace) =>
    trace.findings.some((finding) => finding.code === 'PG_DOUBLE_LOGIN'),
  ).length;
  return { retryOf: traces.map((trace) => trace.retryOf), double };
}

describe('linkRetries', () => {
  it('links the second login of sslmode=prefer and says what it costs', () => {
    expect(
      linked([
        { at: 0, tls: true },
        { at: 20, tls: false },
      ]),
    ).toEqual({ retryOf: [null, 't1'], double: 1 });
  });

  it('links a retry after a failed TLS handshake, which is no second login', () => {
    const result = linked([
      { at: 0, tls: true, auth: 'unknown' },
      { at: 20, tls: false, outcome: 'ready', auth: 'ok' },
    ]);
    expect(result).toEqual({ retryOf: [null, 't1'], double: 0 });
  });

  it('links pairs, and tries no encryption twice', () => {
    const pair = [
      { tls: true, user: null, auth: 'unknown', error: 'TLS_PROTOCOL_VERSION' },
      { tls: false, auth: 'failed' },
    ] as const;
    const result = linked([0, 20, 40, 60].map((at, i) => ({ at, ...pair[i % 2] })));
    expect(result).toEqual({ retryOf: [null, 't1', null, 't3'], double: 0 });
  });

  it('links GSSAPI, TLS and plain in a chain', () => {
    const result = linked([
      { at: 0, tls: false, gss: true, user: null, auth: 'unknown' },
      { at: 20, tls: true, user: null, auth: 'unknown', error: 'TLS_CLOSED' },
      { at: 40, tls: false },
    ]);
    expect(result.retryOf).toEqual([null, 't1', 't2']);
  });

  it('links two logins of each of two clients with their own', () => {
    const result = linked([
      { at: 0, tls: true, user: 'one' },
      { at: 1, tls: true, user: 'two' },
      { at: 2, tls: false, user: 'one' },
      { at: 3, tls: false, user: 'two' },
    ]);
    expect(result.retryOf).toEqual([null, null, 't1', 't2']);
  });

  it('links a plain start behind a TLS connection that nobody could read and that ended', () => {
    const first = { at: 0, tls: true, outcome: 'encrypted', auth: 'unknown' } as const;
    expect(
      linked([
        { ...first, last: 'FIN' },
        { at: 20, tls: false },
      ]).retryOf,
    ).toEqual([null, 't1']);
    expect(linked([first, { at: 20, tls: false }]).retryOf).toEqual([null, null]);
  });

  it.each<[string, readonly Made[]]>([
    [
      'the same encryption',
      [
        { at: 0, tls: false },
        { at: 20, tls: false },
      ],
    ],
    [
      'another user',
      [
        { at: 0, tls: true },
        { at: 20, tls: false, user: 'other' },
      ],
    ],
    [
      'another host',
      [
        { at: 0, tls: true },
        { at: 20, tls: false, address: '192.0.2.9' },
      ],
    ],
    [
      'a first that worked',
      [
        { at: 0, tls: true, outcome: 'ready', auth: 'ok' },
        { at: 20, tls: false },
      ],
    ],
    [
      'a login that nobody could read behind one that could be read',
      [
        { at: 0, tls: false },
        { at: 20, tls: true, user: null, outcome: 'encrypted', auth: 'unknown' },
      ],
    ],
    [
      'a login much later than a handshake that does not tell whose it was',
      [
        { at: 0, tls: true, user: null, auth: 'unknown', error: 'TLS_CLOSED' },
        { at: 2000, tls: false },
      ],
    ],
    [
      'what was refused after the login, which libpq does not try again',
      [
        { at: 0, tls: true, auth: 'ok', error: '3D000' },
        { at: 20, tls: false },
      ],
    ],
    [
      'a server that was not there',
      [
        { at: 0, tls: true, auth: 'unknown', error: 'ECONNREFUSED' },
        { at: 20, tls: false },
      ],
    ],
    [
      'a client that only asked for a password',
      [
        { at: 0, tls: true, auth: 'abandoned', error: 'AUTH_ABANDONED' },
        { at: 20, tls: false },
      ],
    ],
    [
      'a cancel',
      [
        { at: 0, tls: true },
        { at: 20, tls: false, outcome: 'cancel' },
      ],
    ],
  ])('does not link %s', (_, list) => {
    expect(linked(list).retryOf).toEqual([null, null]);
  });

  it('does not link what comes much later', () => {
    const traces = make([{ at: 0, tls: true }]);
    const later = make([{ at: 0, tls: false }])[0];
    const again: Trace = { ...later, id: 't2', startTime: '2023-11-14T22:13:40.000000000Z' };
    linkRetries([traces[0], again]);
    expect(again.retryOf).toBeNull();
  });

  it.each([
    [49, 't1'],
    [50, null],
  ])('looks at the last 50 attempts of anybody: %i stand between', (between, first) => {
    const others = Array.from({ length: between }, (_, i): Made => {
      return { at: i, tls: true, outcome: 'ready', auth: 'ok', address: '192.0.2.9' };
    });
    const { retryOf } = linked([{ at: 0, tls: true }, ...others, { at: 60, tls: false }]);
    expect(retryOf.at(-1)).toBe(first);
  });

  it('looks at no more than the last 50 of many failures for each attempt', () => {
    const many = make(
      Array.from({ length: 3_000 }, (_, i) => ({ at: i % 900, tls: i % 2 === 0, user: `user_${i}` })),
    );
    let looks = 0;
    for (const trace of many) {
      const { client } = trace;
      const get = () => {
        looks++;
        return client;
      };
      Object.defineProperty(trace, 'client', { get });
    }
    linkRetries(many);
    // Two for each pair that is compared: the addresses of both.
    expect(looks).toBeGreaterThan(many.length);
    expect(looks).toBeLessThanOrEqual(2 * 51 * many.length);
  });
});
