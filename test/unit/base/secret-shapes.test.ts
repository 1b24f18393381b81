import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MASK, maskShapes, secretSpans } from '../../../src/base/secret-shapes';

const HEX = '0123456789abcdef'.repeat(4);

describe('secrets by their shape', () => {
  it.each<[string, string]>([
    ['postgresql://u:hunter2@h/d', 'postgresql://u:¤@h/d'],
    ['see mongodb+srv://u:hunt@er2/x@h/d for it', 'see mongodb+srv://u:¤@h/d for it'],
    ['redis://:hunter2@h:6379/0', 'redis://:¤@h:6379/0'],
    ['postgresql://u:hunt er2@h/d', 'postgresql://u:¤@h/d'],
    ['application_name=postgresql://u:hunter2hunt…', 'application_name=postgresql://u:¤'],
    ['postgres://u:hunter2', 'postgres://u:¤'],
    ['host=h password=hunter2 user=u', 'host=h password=¤ user=u'],
    ["host=h password='hun\\' ter2' user=u", 'host=h password=¤ user=u'],
    ['PGPASSWORD=hunter2 psql', 'PGPASSWORD=¤ psql'],
    ['Server=h;Pwd=hunt er2;Database=d', 'Server=h;Pwd=¤;Database=d'],
    [
      'jdbc:postgresql://h/d?user=u&password=hunter2&ssl=true',
      'jdbc:postgresql://h/d?user=u&password=¤&ssl=true',
    ],
    ['-c my.token=hunter2', '-c my.token=¤'],
    ['{"user":"u","pwd":"hunt\\"er2","x":1}', '{"user":"u","pwd":¤,"x":1}'],
    ['{\\"password\\":\\"hunter2\\"}', '{\\"password\\":¤\\"}'],
    ['password: hunter2', 'password: ¤'],
    ['password: hunter, host: h', 'password: ¤ host: h'],
    ['mongo --password hunter2 --host h', 'mongo --password ¤ --host h'],
    ["ALTER USER u PASSWORD 'hunter2'", 'ALTER USER u PASSWORD ¤'],
    [
      "create role u login encrypted password E'hunt\\'er2' valid until 'x'",
      "create role u login encrypted password ¤ valid until 'x'",
    ],
    ["ALTER USER a PASSWORD 'hunter2\\'; ALTER USER b PASSWORD 'hunter2'", 'ALTER USER a PASSWORD ¤'],
    ["ALTER ROLE u PASSWORD/* x */'hunter2'", 'ALTER ROLE u PASSWORD/* x */¤'],
    ["ALTER ROLE u PASSWORD'hunter2'", 'ALTER ROLE u PASSWORD¤'],
    ['ALTER ROLE u PASSWORD $x$hunter2$x$ NOLOGIN', 'ALTER ROLE u PASSWORD ¤ NOLOGIN'],
    ["ALTER ROLE u PASSWORD 'hunter2hunter2…", 'ALTER ROLE u PASSWORD ¤'],
    [
      "CREATE USER MAPPING FOR u SERVER s OPTIONS (user 'u', password 'hunter2')",
      "CREATE USER MAPPING FOR u SERVER s OPTIONS (user 'u', password ¤)",
    ],
    ["SELECT set_config('app.password', 'hunter2', false)", "SELECT set_config('app.password¤, false)"],
    ["SET app.secret TO 'hunter2'", 'SET app.secret TO ¤'],
    ['SET app.secret TO hunter2', 'SET app.secret TO ¤'],
    ["SELECT crypt('hunter2', salt)", 'SELECT crypt(¤, salt)'],
    ["CREATE USER u IDENTIFIED BY 'hunter2'", 'CREATE USER u IDENTIFIED BY ¤'],
    ['Authorization: Bearer hunter2hunter2', 'Authorization: Bearer ¤'],
    ['auth=Bearer ab1.hunter2', 'auth=Bearer ¤'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1In0.hunter2', '¤'],
    [`CLIENT_RANDOM ${HEX} ${HEX}`, 'CLIENT_RANDOM ¤'],
    [`SERVER_TRAFFIC_SECRET_0 ${HEX} ${HEX.slice(0, 20)}…`, 'SERVER_TRAFFIC_SECRET_0 ¤…'],
    ['id AKIAABCDEFGHIJKLMNOP', 'id ¤'],
    ['key wJalrXUtnFEMIK7MDENGbPxRfiCYzzzzzzzzKEYz', 'key ¤'],
    ['-----BEGIN RSA PRIVATE KEY----- MIIhunter2', '-----BEGIN RSA PRIVATE KEY-----¤'],
    ['SCRAM-SHA-256$4096:c2FsdA==$c3RvcmVk:c2VydmVy', 'SCRAM-SHA-256$4096:¤'],
    [`md5${HEX.slice(0, 32)}`, '¤'],
  ])('%s', (text, shown) => {
    expect(maskShapes(text)).toBe(shown.replaceAll('¤', MASK));
    expect(maskShapes(text)).not.toMatch(/hunt|er2/);
  });

  it.each([
    'password authentication failed for user "u"',
    'FATAL 28P01: password authentication failed for user "u"',
    'postgresql://u@h:5432/d',
    'mongodb://h1:27017,h2:27018/?replicaSet=r',
    'http://127.0.0.1:8080/x',
    'password_encryption=scram-sha-256',
    'password_encryption = md5',
    'answers with a password (masked)',
    'The server asks for the password: the client has none.',
    'PGPASSFILE=/home/u/.pgpass',
    'passfile=/home/u/.pgpass',
    'process 12, cancel key of 4 bytes (masked)',
    "the password's owner isn't known",
    'sslkey=/etc/x.key',
    'SHA-1 0123456789abcdef0123456789abcdef01234567',
    'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
    'unexpected message from server',
  ])('%s is left as it is', (text) => {
    expect(maskShapes(text)).toBe(text);
  });

  const WRAPPED: readonly ((password: string) => string)[] = [
    (p) => `postgresql://u:${encodeURIComponent(p)}@h/d`,
    (p) => `postgresql://u:${p.replaceAll(/\s/g, '')}@h/d`,
    (p) => `password='${p.replaceAll(/[\\']/g, '\\$&')}' host=h`,
    (p) => `password=${p.replaceAll(/[\\'\s]/g, '\\$&')}`,
    (p) => JSON.stringify({ pwd: p, x: 1 }),
    (p) => `ALTER USER u PASSWORD '${p.replaceAll("'", "''")}' VALID UNTIL 'infinity'`,
    (p) => `ALTER USER u PASSWORD E'${p.replaceAll(/[\\']/g, '\\$&')}'`,
    (p) => `SELECT 1; alter role u password $q$${p.replaceAll('$', '')}$q$; SELECT 2`,
    (p) => `SELECT dblink_connect('host=h password=''${p.replaceAll(/[\\']/g, '')}''')`,
    (p) => `Server=h;Password=${p.replaceAll(/[;\s'"\\]/g, '')};Database=d`,
  ];
  const password = fc
    .array(
      fc.tuple(fc.constantFrom('QZX', 'JKV', 'zqj', 'XQZ'), fc.constantFrom(...'@/?%#:= \'"\\$,;&()[]{}|')),
      { minLength: 1, maxLength: 5 },
    )
    .map((parts) => `${parts.flat().join('')}QQZ`);

  it('hides every part of a password, however it is quoted', () => {
    fc.assert(
      fc.property(password, fc.constantFrom(...WRAPPED), fc.string(), (secret, wrap, before) => {
        expect(maskShapes(`${before} ${wrap(secret)}`)).not.toMatch(/QZX|JKV|zqj|XQZ|QQZ/);
      }),
      { numRuns: 2000 },
    );
  });

  it('hides what a cut leaves of it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...WRAPPED), fc.nat(40), (wrap, cut) => {
        const text = wrap('QZXJKVQZXJKVQZXJKV');
        const start = text.indexOf('QZX');
        expect(maskShapes(`${text.slice(0, start + 3 + cut)}…`)).not.toContain('QZX');
      }),
    );
  });

  it('takes any text, and what it hides is in order', () => {
    const piece = fc.constantFrom(
      'password',
      "'",
      '"',
      '=',
      ':',
      '//',
      '@',
      '$',
      ' ',
      '\\',
      'E',
      'to',
      'x',
      '\n',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 300 }), (pieces) => {
        const text = pieces.join('');
        let from = 0;
        for (const { start, end } of secretSpans(text)) {
          expect(start).toBeGreaterThanOrEqual(from);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(text.length);
          from = end;
        }
      }),
    );
  });
});
