import { expect, it } from 'vitest';
import { reconcileFindings } from '../../../src/diagnosis/reconcile';
import { UNDECIDED } from '../../../src/trace/diagnosis';
import { factsOf, markAt, OPENED, type Story } from './story';

const ALERT = {
  from: 'server',
  level: 'fatal',
  description: 'decode_error',
  sealed: false,
  mark: markAt(9),
} as const;

it.each<[string, boolean, string, string, Partial<Story>, Record<string, number>?]>([
  ['the alert is the cause', false, 'TLS_ALERT', 'TLS_CERTIFICATE_UNTRUSTED', {}],
  ['the alert is an echo', false, 'TLS_ALERT', 'SOME_CAUSE', { tls: { alerts: [ALERT] } }],
  ['an alert besides another cause', true, 'TLS_ALERT', 'SOME_CAUSE', {}],
  ['the name is the cause', false, 'TLS_NAME_MISMATCH', 'TLS_CERTIFICATE_WRONG_NAME', {}],
  ['the name is not the cause', true, 'TLS_NAME_MISMATCH', 'TLS_CERTIFICATE_EXPIRED', {}],
  ['self-signed is the cause', false, 'TLS_SELF_SIGNED', 'TLS_CERTIFICATE_UNTRUSTED', {}, { selfSigned: 1 }],
  ['self-signed is worth knowing', true, 'TLS_SELF_SIGNED', 'TLS_CERTIFICATE_UNTRUSTED', {}],
  ['a finding of its own', true, 'TCP_OVERLAP_DIFFERS', 'TLS_ALERT', {}],
])('%s: kept %s', (_, kept, finding, code, story, params = {}) => {
  const { trace, wire } = factsOf({ happens: [...OPENED, { at: 8, close: 'client' }], ...story });
  if (code === 'SOME_CAUSE' && !story.tls) wire.closes.length = 0;
  trace.finding({ code: finding, severity: 'error', message: '', frames: [], help: '' });
  trace.diagnosis = { ...UNDECIDED, code, params };
  reconcileFindings(trace, wire);
  expect(trace.findings.map((one) => one.code)).toEqual(kept ? [finding] : []);
});
