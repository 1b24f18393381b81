import { describe, expect, it } from 'vitest';
import { CAUSES } from '../../../src/diagnosis/catalogue';
import { cause } from '../../../src/diagnosis/cause';
import { LOCAL_CAUSES } from '../../../src/diagnosis/causes/local';
import { diagnosisOf } from '../../../src/diagnosis/render';
import { LOCAL_CAUSE_RULE } from '../../../src/diagnosis/rules/local';
import { NETWORK_RULES } from '../../../src/diagnosis/rules/network';
import { REMARK_WORDS, type RemarkCode } from '../../../src/diagnosis/words/en/remarks';
import { OPENED, tellStories } from './story';

/** Everything that a sentence of a local cause can be filled with. */
const PARAMS = {
  server: 'db.example:1',
  host: 'db.example',
  protocol: 'mongodb',
  state: 'HANDSHAKE',
  seconds: 3,
  address: 'nowhere',
  path: '/tmp/mongodb-27017.sock',
  file: 'client.pem',
  what: 'client key',
  why: 'ENOENT',
  text: 'it broke somehow',
  mechanism: 'GSSAPI',
  spoken: 'PLAIN',
};

const RULES = [LOCAL_CAUSE_RULE, ...NETWORK_RULES];
const SYN = { at: 0, syn: 'client' } as const;
const local = (code: string, params = {}) => ({ code, params });

describe('what a Connect Test itself reported', () => {
  tellStories(RULES, [
    ['a time-out of TCP', 'TCP_NO_ANSWER', { happens: [SYN], local: local('TCP_NO_ANSWER', { seconds: 3 }) }],
    [
      'a code that is none',
      'TCP_PORT_CHECK',
      { happens: [...OPENED, { at: 3, close: 'client' }], local: local('NONE') },
    ],
    [
      'a code that only bytes may give',
      'TCP_PORT_CHECK',
      { happens: [...OPENED, { at: 3, close: 'client' }], local: local('TCP_REFUSED') },
    ],
    ['nothing', 'TCP_PORT_CHECK', { happens: [...OPENED, { at: 3, close: 'client' }] }],
    ...(Object.keys(LOCAL_CAUSES).map((code) => [
      code,
      code,
      {
        happens: OPENED,
        local: local(code, PARAMS),
      },
    ]) as Parameters<typeof tellStories>[1]),
  ]);
});

describe.each(['PostgreSQL', 'MongoDB'] as const)('words of local causes for %s', (product) => {
  it.each(Object.keys(LOCAL_CAUSES) as (keyof typeof LOCAL_CAUSES)[])('%s', (code) => {
    const { what, next } = diagnosisOf(cause(code, 'failed', { ...PARAMS, product }), null);
    expect(what).toMatch(/^.{10,}\.$/s);
    const said = [what, ...next.map(({ text }) => text)].join(' ');
    expect(said).not.toMatch(/undefined|NaN|\[object|\b[A-Z]+_[A-Z]+\b(?!=)/);
    if (product === 'MongoDB' && code !== 'LIVE_HOST_NAME_MISSING')
      expect(said).not.toMatch(/sslrootcert|sslkey|unix_socket_directories|hostaddr/);
    else expect(said).not.toMatch(/tlsCAFile|tlsCertificate|mongod\b/);
    expect(CAUSES[code].certainty).toBe('shown');
  });
});

describe('remarks', () => {
  it.each(Object.keys(REMARK_WORDS) as RemarkCode[])('%s is a sentence', (code) => {
    const params = {
      names: 'a:1',
      used: 'b:1',
      lost: 1,
      members: 3,
      wire: 6,
      server: '3.6',
      subject: 'CN=db',
      text: 'Said.',
    };
    expect(REMARK_WORDS[code](params)).toMatch(/^\S.*\.$/);
    expect(REMARK_WORDS[code]({ ...params, lost: 3 })).not.toContain('undefined');
  });
});
