import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HbaQuery, hbaRefusal, matchHba, nearestMiss } from '../../../src/postgres/hba/hba';
import { lineFor } from '../../../src/postgres/hba/hba-line';
import { parseHba } from '../../../src/postgres/hba/hba-parse';

const QUERY: HbaQuery = {
  secure: true,
  database: 'appdb',
  user: 'app_user',
  address: '192.0.2.10',
  hostName: 'app.example.com',
  interfaces: [{ address: '192.0.2.1', netmask: '255.255.255.0' }],
  memberOf: (role) => ['app_user', 'writers'].includes(role),
};

/** `line: method` of the line that matches, or `none`. */
function decide(text: string, query: Partial<HbaQuery> = {}): string {
  const { value, issues } = parseHba(text);
  expect(issues).toEqual([]);
  const result = matchHba(value, { ...QUERY, ...query });
  return result.kind === 'none'
    ? 'none'
    : `${result.line} ${result.method}${result.clientCert ? ` ${result.clientCert}` : ''}`;
}

function problems(text: string): string[] {
  return parseHba(text).issues.map((issue) => issue.message);
}

describe('matchHba', () => {
  it.each([
    ['host all all all trust', {}, '1 trust'],
    ['host all all all trust', { address: null }, 'none'],
    ['local all all trust', { address: null }, '1 trust'],
    ['local all all trust', {}, 'none'],
    ['hostssl all all all md5\nhostnossl all all all trust', {}, '1 md5'],
    ['hostssl all all all md5\nhostnossl all all all trust', { secure: false }, '2 trust'],
    ['hostgssenc all all all trust\nhostnogssenc all all all md5', {}, '2 md5'],
    ['host all all 192.0.2.0/24 trust', {}, '1 trust'],
    ['host all all 192.0.2.0/29 trust', {}, 'none'],
    ['host all all 192.0.2.8/29 trust', {}, '1 trust'],
    ['host all all 192.0.2.0 255.255.255.0 trust', {}, '1 trust'],
    ['host all all 0.0.0.0/0 trust', { address: '::1' }, 'none'],
    ['host all all ::/0 trust', { address: '2001:db8::1' }, '1 trust'],
    ['host all all 2001:db8::/33 trust', { address: '2001:db8:8000::1' }, 'none'],
    ['host all all samehost trust', {}, 'none'],
    ['host all all samehost trust', { address: '192.0.2.1' }, '1 trust'],
    ['host all all samenet trust', {}, '1 trust'],
    ['host all all samenet trust', { address: '198.51.100.1' }, 'none'],
    ['host all all app.example.com trust', {}, '1 trust'],
    ['host all all .example.com trust', {}, '1 trust'],
    ['host all all .example.org trust', {}, 'none'],
    ['host appdb,other all all trust', {}, '1 trust'],
    ['host other,appdb all all trust', {}, '1 trust'],
    ['host "all" all all trust', {}, 'none'],
    ['host "all" all all trust', { database: 'all' }, '1 trust'],
    ['host sameuser all all trust', {}, 'none'],
    ['host sameuser all all trust', { database: 'app_user' }, '1 trust'],
    ['host samerole all all trust', { database: 'writers' }, '1 trust'],
    ['host samerole all all trust', {}, 'none'],
    ['host /^app all all trust', {}, '1 trust'],
    ['host all /^app_ all trust', {}, '1 trust'],
    ['host all +writers all trust', {}, '1 trust'],
    ['host all +readers all trust', {}, 'none'],
    ['host all "+writers" all trust', {}, 'none'],
    ['host all writers all trust', {}, 'none'],
    ['host all all all trust', { replication: true, database: '' }, 'none'],
    ['host replication all all md5', { replication: true, database: '' }, '1 md5'],
    ['host replication all all md5', { database: 'replication' }, 'none'],
    ['host appdb all all reject\nhost all all all trust', {}, '1 reject'],
    ['hostssl all all all cert', {}, '1 cert verify-full'],
    ['hostssl all all all scram-sha-256 clientcert=verify-ca', {}, '1 scram-sha-256 verify-ca'],
  ] as const)('%s', (text, query, expected) => {
    // `all` does not stand for replication (`check_db`).
    expect(decide(text, query)).toBe(expected);
  });

  it('counts lines as an editor does, through comments and continuations', () => {
    expect(decide('# first\n\nhost other all \\\n  all trust\nhost all all all md5 # mine')).toBe('5 md5');
  });

  it('tells what the nearest line differs in', () => {
    const { value } = parseHba(
      'host other nobody 198.51.100.1/32 trust\nhostnossl appdb app_user 192.0.2.0/24 md5',
    );
    expect(nearestMiss(value, QUERY)).toEqual({ line: 2, columns: ['connection'] });
    expect(nearestMiss([], QUERY)).toBeNull();
  });
});

describe('parseHba', () => {
  it('says what is wrong with a line, and where', () => {
    expect(problems('hostile all all all trust')).toEqual(['line 1: invalid connection type "hostile"']);
    expect(problems('\nhost')).toEqual(['line 2: end-of-line before database specification']);
    expect(problems('host all')).toEqual(['line 1: end-of-line before role specification']);
    expect(problems('host all all')).toEqual(['line 1: end-of-line before IP address specification']);
    expect(problems('host all all all')).toEqual(['line 1: end-of-line before authentication method']);
    expect(problems('host all all 10.0.0.1')).toEqual(['line 1: end-of-line before netmask specification']);
    expect(problems('host all all 10.0.0.1 x trust')).toEqual(['line 1: invalid IP mask "x"']);
    expect(problems('host all all 10.0.0.1 ffff:: trust')).toEqual([
      'line 1: IP address and mask do not match',
    ]);
    expect(problems('host all all 10.0.0.1/33 trust')).toEqual([
      'line 1: invalid CIDR mask in address "10.0.0.1/33"',
    ]);
    expect(problems('host all all db.example.com/8 trust')).toEqual([
      'line 1: specifying both host name and CIDR mask is invalid: "db.example.com/8"',
    ]);
    expect(problems('host all all all magic')).toEqual(['line 1: invalid authentication method "magic"']);
    expect(problems('host all all all cert')).toEqual([
      'line 1: cert authentication is only supported on hostssl connections',
    ]);
    expect(problems('host all all all md5 clientcert=verify-ca')).toHaveLength(1);
    expect(problems('hostssl all all all cert clientcert=verify-ca')).toHaveLength(1);
    expect(problems('hostssl all all all md5 clientcert')).toHaveLength(1);
    expect(problems('host all all all ldap')).toEqual(['line 1: method "ldap" is not performed here']);
    expect(problems('host @names all all trust')).toEqual(['line 1: the file "names" is not read here']);
    expect(problems('include more.conf')).toHaveLength(1);
  });

  it('survives any text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'host all,"\\\n\r#+/@.:0f='), maxLength: 200 }),
        (text) => {
          const { value, issues } = parseHba(text);
          matchHba(value, QUERY);
          for (const { offset } of issues) expect(offset).toBeLessThan(text.length);
        },
      ),
    );
  });
});

describe('lineFor', () => {
  it('gives a line that lets this client in, whatever its names', () => {
    const name = fc.oneof(
      fc.constantFrom('all', 'replication', 'sameuser', '+x', '/x', '@x', 'a b', 'a"b'),
      fc.string({ minLength: 1 }),
    );
    fc.assert(
      fc.property(
        name,
        name,
        fc.boolean(),
        fc.constantFrom('192.0.2.1', '2001:db8::1', null),
        (user, database, secure, address) => {
          fc.pre(!/[\r\n\\]/.test(user + database));
          const query = { user, database, secure: secure && address !== null, address };
          const { value, issues } = parseHba(lineFor(query));
          expect(issues).toEqual([]);
          expect(matchHba(value, query)).toMatchObject({ kind: 'rule', method: 'scram-sha-256' });
        },
      ),
    );
    const physical = {
      user: 'standby',
      database: '',
      secure: false,
      address: '192.0.2.1',
      replication: true,
    };
    expect(matchHba(parseHba(lineFor(physical)).value, physical).kind).toBe('rule');
  });
});

describe('hbaRefusal', () => {
  it('has the words of the backend', () => {
    expect(hbaRefusal(false, '192.0.2.10', QUERY)).toBe(
      'no pg_hba.conf entry for host "192.0.2.10", user "app_user", database "appdb", SSL encryption',
    );
    expect(hbaRefusal(true, '[local]', { ...QUERY, secure: false, replication: true })).toBe(
      'pg_hba.conf rejects replication connection for host "[local]", user "app_user", no encryption',
    );
  });
});
