import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { captureToHost, captureToWebview } from '../../../src/contract/capture-editor';
import type { Direction } from '../../../src/contract/envelope';
import { languageCommands, languageNews, languageRequests } from '../../../src/contract/language';
import { stateToHost, stateToWebview } from '../../../src/contract/state-panel';
import { captureUriOf, textUriOf } from '../../../src/contract/text-uri';
import { traceSchema } from '../../../src/contract/trace-schema';
import { MAX_PAGE, pageParamsSchema, stepBytesParamsSchema } from '../../../src/contract/values';
import { stepOf, traceOf } from '../../support/traces';

const directions: Direction[] = [captureToHost, captureToWebview, stateToHost, stateToWebview];

function everySchema(): v.GenericSchema[] {
  const channel = directions.flatMap((direction) => [
    ...Object.values(direction.requests).flatMap(({ params, result }) => [params, result]),
    ...Object.values(direction.notifications),
  ]);
  const language = Object.values(languageRequests).flatMap(({ params, result }): v.GenericSchema[] => [
    params,
    result,
  ]);
  return [...channel, ...language, ...Object.values(languageCommands), ...Object.values(languageNews)];
}

describe('message schemas', () => {
  it('never throw, and let through only objects', () => {
    const schemas = everySchema();
    expect(schemas.length).toBeGreaterThan(40);
    fc.assert(
      fc.property(fc.anything(), (value) => {
        for (const schema of schemas) {
          const parsed = v.safeParse(schema, value);
          if (parsed.success) expect(value).toBeTypeOf('object');
        }
      }),
    );
  });

  it('drop keys that the contract does not know', () => {
    const parsed = v.parse(captureToHost.notifications.showStates, { id: 't1', evil: true });
    expect(parsed).toEqual({ id: 't1' });
  });

  it('bound pages, step numbers and ids', () => {
    const page = (value: unknown) => v.safeParse(pageParamsSchema, value).success;
    expect(page({ offset: 0, limit: MAX_PAGE })).toBe(true);
    for (const bad of [
      { offset: -1, limit: 10 },
      { offset: 0, limit: 0 },
      { offset: 0, limit: MAX_PAGE + 1 },
      { offset: 0.5, limit: 1 },
      { offset: Number.NaN, limit: 1 },
      { offset: Number.POSITIVE_INFINITY, limit: 1 },
      { offset: '0', limit: 1 },
    ]) {
      expect(page(bad), JSON.stringify(bad)).toBe(false);
    }
    const bytes = (value: unknown) => v.safeParse(stepBytesParamsSchema, value).success;
    expect(bytes({ id: 't1', step: 3, reveal: false })).toBe(true);
    expect(bytes({ id: 't1', step: 3, reveal: 'yes' })).toBe(false);
    expect(bytes({ id: 't'.repeat(65), step: 3, reveal: false })).toBe(false);
  });

  it('bound what is saved: a target, a form, and one handshake or all', () => {
    const { params } = languageRequests['handshake/save'];
    const save = (value: object) =>
      v.safeParse(params, {
        uri: 'file:///a.pcap',
        target: '/b.pcapng',
        form: 'redacted',
        id: null,
        ...value,
      }).success;
    expect(save({})).toBe(true);
    expect(save({ form: 'handshakes', id: 't3' })).toBe(true);
    for (const bad of [
      { id: undefined },
      { id: ['t3'] },
      { id: 't'.repeat(65) },
      { form: 'revealed' },
      { target: '' },
      { target: 'x'.repeat(8_001) },
    ]) {
      expect(save(bad), JSON.stringify(bad)).toBe(false);
    }
  });

  it('carry a whole trace unchanged', () => {
    const trace = traceOf({
      tls: {
        version: 'TLSv1.3',
        cipher: 'TLS_AES_256_GCM_SHA384',
        sni: null,
        alpn: 'postgresql',
        certificates: [
          {
            subject: 'CN=db',
            issuer: 'CN=db',
            names: ['db'],
            notBefore: '2026-01-01T00:00:00Z',
            notAfter: '2027-01-01T00:00:00Z',
            fingerprint256: 'AA:BB',
            selfSigned: true,
          },
        ],
        alerts: [{ from: 'client', level: 'fatal', description: 'unknown_ca' }],
        decrypted: true,
      },
      error: { from: 'server', code: '28P01', message: 'password authentication failed' },
      steps: [
        stepOf({
          internal: true,
          fields: [
            { name: 'a', value: '1', offset: 0, length: 1, secret: true, fields: [{ name: 'b', value: '' }] },
          ],
        }),
      ],
      findings: [{ code: 'PG001', severity: 'hint', message: 'm', frames: [1], help: 'h' }],
    });
    expect(v.parse(traceSchema, structuredClone(trace))).toEqual(trace);
  });

  it('refuse a trace with a value of the wrong kind anywhere', () => {
    const bad = [
      { ...traceOf(), protocol: 'mysql' },
      { ...traceOf(), ssl: { requested: true, answer: 'X', direct: false } },
      traceOf({ steps: [{ ...stepOf(), from: 'nobody' as 'client' }] }),
      traceOf({ steps: [stepOf({ fields: [{ name: 'a', value: 1 as unknown as string }] })] }),
    ];
    for (const trace of bad) expect(v.safeParse(traceSchema, trace).success).toBe(false);
  });
});

describe('textUriOf', () => {
  it('gives an address that leads back to the capture', () => {
    for (const uri of [
      'file:///tmp/a.pcap',
      'file:///tmp/my%20cap%231%3F.pcapng',
      'file:///c%3A/x.cap',
      'file://host/s/x.cap',
    ]) {
      const text = textUriOf(uri);
      expect(text).toMatch(/^handshake-trace:\/.*\.handshake\?/);
      expect(captureUriOf(text)).toBe(uri);
    }
  });

  it('takes nothing else for such an address', () => {
    for (const uri of [
      'file:///tmp/a.pcap',
      'handshake-trace:/a.handshake',
      'handshake-trace:/a?%E0%A4%A',
      '',
    ]) {
      expect(captureUriOf(uri)).toBeNull();
    }
  });
});
