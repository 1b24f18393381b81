/** What causes advise: the safe step first, and only what can help. */
import { describe, expect, it } from 'vitest';
import { CAUSE_SAMPLES } from '../../../scripts/causes/samples.mjs';
import { CAUSES, type CauseCode } from '../../../src/diagnosis/catalogue';
import { diagnosisOf } from '../../../src/diagnosis/render';
import type { CauseParams } from '../../../src/trace/diagnosis';

const SAMPLES: Readonly<Record<string, CauseParams>> = CAUSE_SAMPLES;

const said = (code: CauseCode, params: CauseParams = {}) =>
  diagnosisOf({ code, outcome: 'failed', params: { ...SAMPLES[code], ...params } }, null);

/** Options that take a check or the encryption away. */
const WEAKER =
  /^(channel_binding=(disable|prefer)|sslmode=(disable|allow|prefer)|tls(Allow|Insecure)\w*=true)$/;

const stepsOf = (code: CauseCode, params?: CauseParams) =>
  said(code, params).next.map(({ text, option }) => ({
    text,
    option: option && `${option.name}=${option.value}`,
  }));

describe('the advice of causes', () => {
  it.each(Object.keys(CAUSES) as CauseCode[])('%s: does not begin with less verification', (code) => {
    const message = SAMPLES[code].message === undefined ? 'a message of the client' : undefined;
    for (const params of [{}, { message }])
      expect(stepsOf(code, params as CauseParams)[0]?.option ?? '').not.toMatch(WEAKER);
  });

  it.each(['mongod', 'primary'])('about a server that a %s did not reach speaks of no mongos', (role) => {
    const { what, why, next } = said('MONGO_CLUSTER_UNREACHABLE', { role });
    expect(`${what} ${why} ${next.map(({ text }) => text).join(' ')}`).not.toContain('mongos');
    expect(said('MONGO_CLUSTER_UNREACHABLE', { role: '' }).why).toContain('mongos');
  });

  it('names what ended a session', () => {
    expect(said('PG_TERMINATED', { sqlstate: '57P01' }).what).toMatch(/administrator or a shutdown/);
    expect(said('PG_TERMINATED', { sqlstate: '57P04' }).what).toMatch(/database was dropped/);
    expect(said('PG_TERMINATED', { sqlstate: '57P05' }).what).toMatch(/idle_session_timeout/);
  });

  it('asks for no intermediates of a self-signed certificate', () => {
    const texts = (selfSigned: number | undefined) =>
      JSON.stringify(stepsOf('TLS_CERTIFICATE_UNTRUSTED', { selfSigned } as CauseParams));
    expect(texts(undefined)).toMatch(/intermediate/);
    expect(texts(1)).not.toMatch(/intermediate/);
  });

  it('leaves out what a client cannot do', () => {
    // libpq stops at a PLUS in the clear, whatever channel_binding says.
    expect(stepsOf('PG_PLUS_WITHOUT_TLS').map(({ option }) => option)).toEqual([
      'sslmode=require',
      undefined,
    ]);
    // A client of protocol 2 knows no option of its successors.
    expect(stepsOf('PG_PROTOCOL_UNKNOWN', { asked: '2.0' })).toEqual([
      { text: 'Update the client.', option: undefined },
    ]);
  });

  it('names the parameter of the mechanism that was used', () => {
    const text = (mechanism: string) => stepsOf('MONGO_TOO_FEW_ITERATIONS', { mechanism })[0].text;
    expect(text('SCRAM-SHA-1')).toMatch(/^Raise scramIterationCount to/);
    expect(text('SCRAM-SHA-256')).toMatch(/^Raise scramSHA256IterationCount to/);
  });
});
