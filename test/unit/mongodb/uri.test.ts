import { describe, expect, it } from 'vitest';
import { driverOptions, isWarning, parseMongoUri } from '../../../src/mongodb/client/uri';

const GOOD: readonly (readonly [string, object])[] = [
  [
    'mongodb://localhost',
    { hosts: [{ host: 'localhost', port: 27017 }], user: undefined, database: undefined },
  ],
  ['mongodb://DB.Example:27018/', { hosts: [{ host: 'db.example', port: 27018 }] }],
  [
    'mongodb://127.0.0.1,[::1]:27019,db',
    {
      hosts: [
        { host: '127.0.0.1', port: 27017 },
        { host: '::1', port: 27019 },
        { host: 'db', port: 27017 },
      ],
    },
  ],
  [
    'mongodb://app_user:p%40ss%3Aw%2Ford%25@db/shop',
    { user: 'app_user', password: 'p@ss:w/ord%', database: 'shop' },
  ],
  ['mongodb://app_user@db', { user: 'app_user', password: undefined }],
  ['mongodb://app_user:@db', { user: 'app_user', password: '' }],
  [
    'mongodb://%2Ftmp%2Fmongodb-27017.sock/app',
    { hosts: [{ host: '/tmp/mongodb-27017.sock', port: 0 }], database: 'app' },
  ],
  [
    'mongodb://db/?replicaSet=rs0&AUTHSOURCE=app&ssl=true',
    { options: { replicaSet: 'rs0', authSource: 'app', tls: true } },
  ],
  ['mongodb://db?directConnection=true', { options: { directConnection: true } }],
  ['mongodb://u:p@db/?authMechanism=MONGODB-CR', { options: { authMechanism: 'MONGODB-CR' } }],
  [
    'mongodb://db/?authMechanismProperties=SERVICE_NAME:other,CANONICALIZE_HOST_NAME:true',
    { options: { authMechanismProperties: { SERVICE_NAME: 'other', CANONICALIZE_HOST_NAME: 'true' } } },
  ],
  [
    'mongodb://db/?compressors=snappy,zstd&connectTimeoutMS=500',
    { options: { compressors: ['snappy', 'zstd'], connectTimeoutMS: 500 } },
  ],
  ['mongodb://db/?retryWrites=true&w=majority', { options: {} }],
];

const BAD: readonly (readonly [string, string])[] = [
  ['', 'URI_SCHEME'],
  ['postgres://db', 'URI_SCHEME'],
  ['mongodb://', 'URI_NO_HOST'],
  ['mongodb:///app', 'URI_NO_HOST'],
  ['mongodb://a,,b', 'URI_BAD_HOST'],
  ['mongodb://db:0', 'URI_BAD_HOST'],
  ['mongodb://db:65536', 'URI_BAD_HOST'],
  ['mongodb://db:port', 'URI_BAD_HOST'],
  ['mongodb://::1', 'URI_BAD_HOST'],
  ['mongodb://us:er:pass@db', 'URI_ESCAPE'],
  ['mongodb://user:p@ss@db', 'URI_ESCAPE'],
  ['mongodb://user:50%@db', 'URI_ESCAPE'],
  ['mongodb://:password@db', 'URI_NO_USER'],
  ['mongodb://db/a$b', 'URI_BAD_DATABASE'],
  ['mongodb://a,b/?directConnection=true', 'URI_DIRECT_HOSTS'],
  ['mongodb+srv://a,b', 'URI_SRV_HOSTS'],
  ['mongodb+srv://a:27017', 'URI_BAD_HOST'],
  ['mongodb://a,b/?loadBalanced=true', 'URI_LOAD_BALANCED'],
  ['mongodb://db/?tls=true&tls=false', 'URI_TLS_TWICE'],
  ['mongodb://db/?tlsInsecure=true&tlsAllowInvalidHostnames=true', 'URI_TLS_INSECURE'],
  ['mongodb://db/?authMechanism=SCRAM-SHA-256', 'URI_NO_USER'],
  [`mongodb://${'a'.repeat(70_000)}`, 'URI_TOO_LONG'],
];

describe('connection strings', () => {
  it.each(GOOD)('%s', (text, expected) => {
    const { value, issues } = parseMongoUri(text);
    expect(issues).toEqual([]);
    expect(value).toMatchObject(expected);
  });

  it.each(BAD)('%s: %s', (text, code) => {
    const { issues } = parseMongoUri(text);
    expect(issues.filter((found) => !isWarning(found)).map((found) => found.code)).toContain(code);
    expect(JSON.stringify(issues)).not.toContain('p@ss');
  });

  it.each([
    'se/cret',
    'se?cret',
    '1234/secret',
    '1234?secret',
    '/secret',
    'se:cr/secret',
    'a=b/secret',
    'a@b:secret/c',
    'secret?a=b',
  ])('a password such as %s: only that it needs percent-encoding, and no part of it', (password) => {
    const { issues } = parseMongoUri(`mongodb://user:${password}@127.0.0.1:1/db?x=y`);
    expect(issues).toEqual([
      expect.objectContaining({ code: 'URI_ESCAPE', message: expect.stringContaining('"?"') }),
    ]);
    expect(JSON.stringify(issues)).not.toMatch(/secret|cret|1234/);
  });

  it.each([
    'mongodb://user:secret',
    'mongodb://user:se:secret',
    'mongodb://db/?colour=blue&secret=x@y',
    'mongodb://user:1?secret=x@db/&secret&compressors=secret',
  ])('%s: what may be a password is not quoted', (text) => {
    const { issues } = parseMongoUri(text);
    expect(issues.length).toBeGreaterThan(0);
    expect(JSON.stringify(issues)).not.toContain('secret');
  });

  it.each([
    'mongodb://db/?appName=a@b',
    'mongodb://u:p@db/?appName=a@b',
    'mongodb://u:p@db/shop?tlsCAFile=/home/me@work/ca.pem',
  ])('%s: an "@" in an option is no password', (text) => {
    expect(parseMongoUri(text).issues).toEqual([]);
  });

  it.each([
    ['mongodb://db/?colour=blue', 'URI_UNKNOWN_OPTION'],
    ['mongodb://db/?tls=maybe', 'URI_MISSPELT'],
    ['mongodb://db/?authMechanism=MD5', 'URI_MISSPELT'],
    ['mongodb://db/?retryReads=maybe', 'URI_BAD_OPTION'],
    ['mongodb://db/?replicaSet=a&replicaSet=b', 'URI_DUPLICATE_OPTION'],
    ['mongodb+srv://db.example', 'URI_NEEDS_RESOLVER'],
  ])('%s only warns: %s', (text, code) => {
    const { issues } = parseMongoUri(text);
    expect(issues.map((found) => found.code)).toEqual([code]);
    expect(issues.every(isWarning)).toBe(true);
  });

  it.each([
    ['mongodb://u:p@db', 'admin'],
    ['mongodb://u:p@db/app', 'app'],
    ['mongodb://u:p@db/app?authSource=other', 'other'],
    ['mongodb://u:p@db/?authMechanism=PLAIN', '$external'],
  ])('%s authenticates against %s', (text, source) => {
    expect(driverOptions(parseMongoUri(text).value).authSource).toBe(source);
  });

  it.each([
    ['mongodb://db', false],
    ['mongodb://db/?tls=true', true],
    ['mongodb+srv://db.example', true],
    ['mongodb+srv://db.example/?tls=false', false],
    ['mongodb://db/?tlsCAFile=ca.pem', true],
  ])('%s uses TLS: %s', (text, tls) => {
    expect(driverOptions(parseMongoUri(text).value).tls).toBe(tls);
  });
});
