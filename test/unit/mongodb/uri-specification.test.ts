/**
 * Connection strings, outcome by outcome as the specifications' own tables have them (connection string, URI options, authentication):
 * the same questions in our words and with our names.
 */
import { describe, expect, it } from 'vitest';
import { driverOptions, isWarning, parseMongoUri } from '../../../src/mongodb/client/uri';

const hosts = (uri: string) => parseMongoUri(uri).value.hosts.map(({ host, port }) => `${host}|${port}`);
const errors = (uri: string) => parseMongoUri(uri).issues.filter((found) => !isWarning(found));
const warnings = (uri: string) => parseMongoUri(uri).issues.filter(isWarning);

describe('host identifiers', () => {
  it.each([
    ['mongodb://db', ['db|27017']],
    ['mongodb://db/', ['db|27017']],
    ['mongodb://db.example:27018', ['db.example|27018']],
    ['mongodb://192.0.2.1', ['192.0.2.1|27017']],
    ['mongodb://192.0.2.1:27018/', ['192.0.2.1|27018']],
    ['mongodb://[::1]', ['::1|27017']],
    ['mongodb://[2001:db8::1]:27018', ['2001:db8::1|27018']],
    ['mongodb://256.0.0.1', ['256.0.0.1|27017']],
    ['mongodb://DB.Example', ['db.example|27017']],
    [
      'mongodb://192.0.2.1,db,[::1]:27018,a.example:1',
      ['192.0.2.1|27017', 'db|27017', '::1|27018', 'a.example|1'],
    ],
    ['mongodb://db.example:65535', ['db.example|65535']],
    ['mongodb://bücher.example,umläut.example/', ['bücher.example|27017', 'umläut.example|27017']],
    ['mongodb://b%C3%BCcher.example', ['bücher.example|27017']],
    ['mongodb://%2Ftmp%2Fmongodb-27017.sock', ['/tmp/mongodb-27017.sock|0']],
    ['mongodb://run%2Fmongodb-27017.sock', ['run/mongodb-27017.sock|0']],
    ['mongodb://%2Ftmp%2Fa%20%40%3A.sock/', ['/tmp/a @:.sock|0']],
    ['mongodb://%2Ftmp%2Fa.sock,%2ftmp%2fb.sock', ['/tmp/a.sock|0', '/tmp/b.sock|0']],
    ['mongodb://%2Ftmp%2Fa.sock,db:27018', ['/tmp/a.sock|0', 'db|27018']],
  ])('%s', (uri, expected) => {
    expect(parseMongoUri(uri).issues).toEqual([]);
    expect(hosts(uri)).toEqual(expected);
  });
});

describe('user, password and database', () => {
  it.each([
    ['mongodb://u:p@192.0.2.1', 'u', 'p', undefined],
    ['mongodb://u:p@192.0.2.1/app', 'u', 'p', 'app'],
    ['mongodb://u:p@[::1]:27018', 'u', 'p', undefined],
    ['mongodb://u:p@[::1]:27018/admin', 'u', 'p', 'admin'],
    ['mongodb://u:p@db.example/app', 'u', 'p', 'app'],
    ['mongodb://u:p@192.0.2.1,db.example:27018', 'u', 'p', undefined],
    ['mongodb://u:p@db.example,[::1]:27019/admin', 'u', 'p', 'admin'],
    ['mongodb://u@db', 'u', undefined, undefined],
    ['mongodb://u:@db', 'u', '', undefined],
    ['mongodb://%40u%3Ax%2F%3D@db/my%3Ddb', '@u:x/=', undefined, 'my=db'],
    ['mongodb://%24u:p%3A%40%2F%3D@db/admin%3F?authMechanism=MONGODB-CR', '$u', 'p:@/=', 'admin?'],
    [
      "mongodb://!$&'()*+,;=:!$&'()*+,;=@db/admin?authMechanism=MONGODB-CR",
      "!$&'()*+,;=",
      "!$&'()*+,;=",
      'admin',
    ],
    [
      'mongodb://CN%3Dapp%2COU%3Dclients%2CO%3DExample@db/?authMechanism=MONGODB-X509',
      'CN=app,OU=clients,O=Example',
      undefined,
      undefined,
    ],
    ['mongodb://user%40REALM.EXAMPLE:p@db/?authMechanism=GSSAPI', 'user@REALM.EXAMPLE', 'p', undefined],
    ['mongodb://u:p@db/app.collection', 'u', 'p', 'app.collection'],
    ['mongodb://u:p@%2Ftmp%2Fa.sock/app', 'u', 'p', 'app'],
    ['mongodb://b%C3%BCcher:%C3%BC@db', 'bücher', 'ü', undefined],
  ])('%s', (uri, user, password, database) => {
    const { value, issues } = parseMongoUri(uri);
    expect(issues).toEqual([]);
    expect([value.user, value.password, value.database]).toEqual([user, password, database]);
  });

  it('an at-sign in an option belongs to the option', () => {
    const { value } = parseMongoUri('mongodb://u:p@db/admin?replicaSet=my@set');
    expect([value.user, value.options.replicaSet]).toEqual(['u', 'my@set']);
  });
});

describe('what is no connection string', () => {
  it.each([
    ['nothing', ''],
    ['another scheme', 'mongo://db:27017'],
    ['no host', 'mongodb://'],
    ['no host before options', 'mongodb://?w=1'],
    ['no host after a user', 'mongodb://u:p@'],
    ['two colons', 'mongodb://db::27017'],
    ['two colons and a slash', 'mongodb://db::27017/'],
    ['colons alone', 'mongodb://::'],
    ['two colons at the end of a second host', 'mongodb://db,db::'],
    ['two colons before a second host', 'mongodb://db::27017,abc'],
    ['an empty host', 'mongodb://db,,db'],
    ['a negative port', 'mongodb://db:-1'],
    ['port 0', 'mongodb://db:0/'],
    ['a port too high', 'mongodb://db:65536'],
    ['a port too high, with a slash', 'mongodb://db:65536/'],
    ['a port that is a word', 'mongodb://db:foo'],
    ['an empty port', 'mongodb://db:'],
    ['IPv6 and a negative port', 'mongodb://[::1]:-1'],
    ['IPv6 and port 0', 'mongodb://[::1]:0/'],
    ['IPv6 and a port too high', 'mongodb://[::1]:65536'],
    ['IPv6 and a port too high, with a slash', 'mongodb://[::1]:65536/'],
    ['IPv6 and a port that is a word', 'mongodb://[::1]:foo'],
    ['IPv6 without brackets', 'mongodb://2001:db8::1'],
    ['an option without a value', 'mongodb://db/?w'],
    ['an option without a name', 'mongodb://db/?=1'],
    ['a second colon in the password', 'mongodb://u:a:b@192.0.2.1'],
    ['an at-sign in the user', 'mongodb://u@@192.0.2.1'],
    ['an at-sign in the user before a password', 'mongodb://u@a:b@192.0.2.1'],
    ['a slash in the user', 'mongodb://u/@db/app'],
    ['a slash in the user before a password', 'mongodb://u/x:p@db/app'],
    ['a slash in the password', 'mongodb://u:p/x@db/app'],
    ['a socket that is not encoded', 'mongodb:///tmp/mongodb-27017.sock/'],
    ['a percent sign in the user', 'mongodb://u%foo:p@db'],
    ['a percent sign in the password', 'mongodb://u:50%@db'],
    ['a percent sign at the end of the user', 'mongodb://u%:p@db'],
    ['an empty user', 'mongodb://@db/'],
    ['an empty user and an empty password', 'mongodb://:@db/'],
    ['a slash in the database', 'mongodb://db/a%2Fb'],
    ['a backslash in the database', 'mongodb://db/a%5Cb'],
    ['a space in the database', 'mongodb://db/a%20b'],
    ['a quote in the database', 'mongodb://db/a%22b'],
    ['a dollar sign in the database', 'mongodb://db/a$b'],
    ['srv and two names', 'mongodb+srv://a.b.example,c.b.example'],
    ['srv and a port', 'mongodb+srv://a.b.example:27018'],
    ['srv and directConnection', 'mongodb+srv://a.b.example/?directConnection=true'],
    ['several hosts and directConnection', 'mongodb://a,b/?directConnection=true'],
    ['several hosts behind a load balancer', 'mongodb://a,b/?loadBalanced=true'],
    ['a load balancer and directConnection', 'mongodb://a/?loadBalanced=true&directConnection=true'],
    ['a load balancer and replicaSet', 'mongodb://a/?loadBalanced=true&replicaSet=rs0'],
    ['srvServiceName without srv', 'mongodb://a/?srvServiceName=custom'],
    ['srvMaxHosts without srv', 'mongodb://a/?srvMaxHosts=2'],
    ['srvMaxHosts and replicaSet', 'mongodb+srv://a.b.example/?srvMaxHosts=1&replicaSet=rs0'],
    ['srvMaxHosts and a load balancer', 'mongodb+srv://a.b.example/?srvMaxHosts=1&loadBalanced=true'],
    ['tlsInsecure and certificates', 'mongodb://a/?tlsInsecure=true&tlsAllowInvalidCertificates=true'],
    ['tlsInsecure and certificates, off', 'mongodb://a/?tlsInsecure=true&tlsAllowInvalidCertificates=false'],
    ['tlsInsecure and host names', 'mongodb://a/?tlsInsecure=false&tlsAllowInvalidHostnames=true'],
    ['tlsInsecure and OCSP', 'mongodb://a/?tlsInsecure=true&tlsDisableOCSPEndpointCheck=true'],
    ['tlsInsecure and revocation', 'mongodb://a/?tlsDisableCertificateRevocationCheck=true&tlsInsecure=true'],
    [
      'certificates and OCSP',
      'mongodb://a/?tlsAllowInvalidCertificates=true&tlsDisableOCSPEndpointCheck=true',
    ],
    [
      'certificates and revocation',
      'mongodb://a/?tlsAllowInvalidCertificates=true&tlsDisableCertificateRevocationCheck=true',
    ],
    [
      'OCSP and revocation',
      'mongodb://a/?tlsDisableOCSPEndpointCheck=true&tlsDisableCertificateRevocationCheck=false',
    ],
    ['tls and ssl that differ', 'mongodb://a/?tls=true&ssl=false'],
    ['ssl and tls that differ', 'mongodb://a/?ssl=true&tls=false'],
    ['tls twice, differently', 'mongodb://a/?tls=true&tls=false'],
    ['proxyPort alone', 'mongodb://a/?proxyPort=1080'],
    ['proxyUsername alone', 'mongodb://a/?proxyUsername=u'],
    ['proxyPassword alone', 'mongodb://a/?proxyPassword=p'],
    ['proxyUsername without a password', 'mongodb://a/?proxyHost=b&proxyUsername=u'],
    ['proxyPassword without a user', 'mongodb://a/?proxyHost=b&proxyPassword=p'],
  ])('%s: %s', (_what, uri) => {
    expect(errors(uri)).not.toEqual([]);
  });
});

describe('options', () => {
  it.each([
    ['mongodb://u:p@db/admin?AUTHMechanism=MONGODB-CR', { authMechanism: 'MONGODB-CR' }],
    ['mongodb://db?tls=true', { tls: true }],
    ['mongodb://db/?ssl=true', { tls: true }],
    ['mongodb://db/?tls=true&ssl=true', { tls: true }],
    ['mongodb://db/?tlsInsecure=true', { tlsInsecure: true }],
    ['mongodb://db/?tlsAllowInvalidCertificates=true', { tlsAllowInvalidCertificates: true }],
    ['mongodb://db/?tlsAllowInvalidHostnames=true', { tlsAllowInvalidHostnames: true }],
    [
      'mongodb://db/?tls=true&tlsCAFile=ca.pem&tlsCertificateKeyFile=c.pem&tlsCertificateKeyFilePassword=p',
      { tls: true, tlsCAFile: 'ca.pem', tlsCertificateKeyFile: 'c.pem', tlsCertificateKeyFilePassword: 'p' },
    ],
    ['mongodb://db/?tlsDisableOCSPEndpointCheck=true', {}],
    ['mongodb://db/?tlsDisableCertificateRevocationCheck=true', {}],
    [
      'mongodb://db/?appname=shop&connectTimeoutMS=20000&heartbeatFrequencyMS=5000&localThresholdMS=3000&maxIdleTimeMS=50000&replicaSet=rs0&retryWrites=true&serverSelectionTimeoutMS=15000&socketTimeoutMS=7500&timeoutMS=100',
      {
        appName: 'shop',
        connectTimeoutMS: 20_000,
        replicaSet: 'rs0',
        serverSelectionTimeoutMS: 15_000,
        socketTimeoutMS: 7500,
      },
    ],
    ['mongodb://db/?timeoutMS=0', {}],
    ['mongodb://db/?directConnection=true', { directConnection: true }],
    ['mongodb://a,b/?directConnection=false', { directConnection: false }],
    ['mongodb://db/?loadBalanced=true', { loadBalanced: true }],
    [
      'mongodb://db/?loadBalanced=true&directConnection=false',
      { loadBalanced: true, directConnection: false },
    ],
    ['mongodb://a,b/?loadBalanced=false&replicaSet=rs0', { loadBalanced: false, replicaSet: 'rs0' }],
    ['mongodb://db/?compressors=zlib&zlibCompressionLevel=9', { compressors: ['zlib'] }],
    ['mongodb://db/?compressors=snappy,zstd', { compressors: ['snappy', 'zstd'] }],
    [
      'mongodb://db/?readPreference=secondary&readPreferenceTags=dc:a&readPreferenceTags=&maxStalenessSeconds=120',
      { readPreference: 'secondary' },
    ],
    ['mongodb://db/?w=1&wTimeoutMS=10&journal=false&readConcernLevel=local', {}],
    ['mongodb://db/?maxPoolSize=5&minPoolSize=1&maxConnecting=2&waitQueueTimeoutMS=5', {}],
    ['mongodb://db/?serverMonitoringMode=poll', {}],
    [
      'mongodb://db/?authMechanismProperties=TOKEN_RESOURCE:mongodb://cluster',
      { authMechanismProperties: { TOKEN_RESOURCE: 'mongodb://cluster' } },
    ],
  ])('%s', (uri, expected) => {
    const { value, issues } = parseMongoUri(uri);
    expect(issues).toEqual([]);
    expect(value.options).toEqual(expected);
  });

  it.each([
    ['mongodb+srv://a.b.example/?srvServiceName=custom', { srvServiceName: 'custom' }],
    ['mongodb+srv://a.b.example/?srvMaxHosts=2', { srvMaxHosts: 2 }],
    ['mongodb+srv://a.b.example/?srvMaxHosts=0&replicaSet=rs0', { srvMaxHosts: 0, replicaSet: 'rs0' }],
  ])('%s', (uri, expected) => {
    expect(errors(uri)).toEqual([]);
    expect(parseMongoUri(uri).value.options).toEqual(expected);
  });

  it('a proxy is named as not followed', () => {
    const uri = 'mongodb://db/?proxyHost=socks.example&proxyPort=1080';
    expect(warnings(uri).map(({ code }) => code)).toEqual(['URI_NOT_FOLLOWED', 'URI_NOT_FOLLOWED']);
    expect(errors(uri)).toEqual([]);
  });
});

describe('what is only warned of, and then ignored', () => {
  it.each([
    ['an unknown option', 'foo=bar'],
    ['an old option', 'fsync=ifPossible'],
    ['an option twice', 'replicaSet=rs0&replicaSet=rs0', { replicaSet: 'rs0' }],
    ['an old name beside its new one', 'wtimeout=5&wtimeoutMS=10'],
    ['an empty number', 'maxIdleTimeMS='],
    ['an empty flag', 'journal='],
    ['a comma in a property', 'authMechanismProperties=TOKEN_RESOURCE:mongodb://a%2Cb'],
    ['a property without a value', 'authMechanismProperties=SERVICE_NAME'],
    ['an unknown mechanism', 'authMechanism=MD5'],
    ['tls that is neither', 'tls=invalid'],
    ['tlsInsecure that is neither', 'tlsInsecure=invalid'],
    ['tlsAllowInvalidCertificates that is neither', 'tlsAllowInvalidCertificates=invalid'],
    ['tlsAllowInvalidHostnames that is neither', 'tlsAllowInvalidHostnames=invalid'],
    ['tlsDisableOCSPEndpointCheck that is neither', 'tlsDisableOCSPEndpointCheck=invalid'],
    ['connectTimeoutMS that is a word', 'connectTimeoutMS=invalid'],
    ['connectTimeoutMS below 0', 'connectTimeoutMS=-2'],
    ['heartbeatFrequencyMS that is a word', 'heartbeatFrequencyMS=invalid'],
    ['heartbeatFrequencyMS below 0', 'heartbeatFrequencyMS=-2'],
    ['localThresholdMS that is a word', 'localThresholdMS=invalid'],
    ['localThresholdMS below 0', 'localThresholdMS=-2'],
    ['maxIdleTimeMS that is a word', 'maxIdleTimeMS=invalid'],
    ['maxIdleTimeMS below 0', 'maxIdleTimeMS=-2'],
    ['retryWrites that is neither', 'retryWrites=invalid'],
    ['serverSelectionTimeoutMS that is a word', 'serverSelectionTimeoutMS=invalid'],
    ['serverSelectionTimeoutMS below 0', 'serverSelectionTimeoutMS=-2'],
    ['socketTimeoutMS that is a word', 'socketTimeoutMS=invalid'],
    ['socketTimeoutMS below 0', 'socketTimeoutMS=-2'],
    ['timeoutMS that is a word', 'timeoutMS=invalid'],
    ['timeoutMS below 0', 'timeoutMS=-1000'],
    ['directConnection that is neither', 'directConnection=invalid'],
    ['loadBalanced that is neither', 'loadBalanced=1'],
    ['an unknown compressor', 'compressors=jpeg', { compressors: [] }],
    ['an unknown compressor beside a known one', 'compressors=jpeg,zlib', { compressors: ['zlib'] }],
    [
      'a compression level that is a word',
      'compressors=zlib&zlibCompressionLevel=x',
      { compressors: ['zlib'] },
    ],
    ['a compression level too low', 'compressors=zlib&zlibCompressionLevel=-2', { compressors: ['zlib'] }],
    ['a compression level too high', 'compressors=zlib&zlibCompressionLevel=10', { compressors: ['zlib'] }],
    ['a read preference that does not exist', 'readPreference=invalid'],
    ['tags that are no pairs', 'readPreferenceTags=invalid'],
    ['maxStalenessSeconds that is a word', 'maxStalenessSeconds=invalid'],
    ['maxStalenessSeconds below -1', 'maxStalenessSeconds=-2'],
    ['w below 0', 'w=-2'],
    ['wTimeoutMS that is a word', 'wTimeoutMS=invalid'],
    ['wTimeoutMS below 0', 'wTimeoutMS=-2'],
    ['journal that is neither', 'journal=invalid'],
    ['maxPoolSize below 0', 'maxPoolSize=-1'],
    ['serverMonitoringMode that does not exist', 'serverMonitoringMode=invalid'],
    ['a value that cannot be decoded', 'appName=50%'],
  ] as [string, string, object?][])('%s: %s', (_what, query, options = {}) => {
    const uri = `mongodb://db/?${query}`;
    expect(errors(uri)).toEqual([]);
    expect(warnings(uri).length).toBe(1);
    expect(parseMongoUri(uri).value.options).toEqual(options);
  });

  it('maxStalenessSeconds=-1 is no limit, and no warning', () => {
    expect(parseMongoUri('mongodb://db/?maxStalenessSeconds=-1').issues).toEqual([]);
  });
});

/** authentication source and mechanism, or null where the driver logs in as nobody. */
type Credential = readonly [
  user: string | undefined,
  password: string | undefined,
  source: string,
  mechanism?: string,
];

const X509 = 'CN%3Dapp%2COU%3Dclients%2CO%3DExample';
const SUBJECT = 'CN=app,OU=clients,O=Example';
const KERBEROS = 'app%40REALM.EXAMPLE';
const PRINCIPAL = 'app@REALM.EXAMPLE';

const PASSWORD_MECHANISMS = ['MONGODB-CR', 'SCRAM-SHA-1', 'SCRAM-SHA-256'] as const;

describe('credentials', () => {
  it.each([
    ['u:p@db', ['u', 'p', 'admin']],
    ['u:p@db/app', ['u', 'p', 'app']],
    ['u:p@db/app?authSource=users', ['u', 'p', 'users']],
    ...PASSWORD_MECHANISMS.flatMap((name): [string, Credential][] => [
      [`u:p@db/?authMechanism=${name}`, ['u', 'p', 'admin', name]],
      [`u:p@db/app?authMechanism=${name}`, ['u', 'p', 'app', name]],
      [`u:p@db/app?authMechanism=${name}&authSource=users`, ['u', 'p', 'users', name]],
    ]),
    ['u:p@db/?authMechanism=PLAIN', ['u', 'p', '$external', 'PLAIN']],
    ['u:p@db/app?authMechanism=PLAIN', ['u', 'p', 'app', 'PLAIN']],
    ['u:p@db/app?authMechanism=PLAIN&authSource=users', ['u', 'p', 'users', 'PLAIN']],
    [`${X509}@db/?authMechanism=MONGODB-X509`, [SUBJECT, undefined, '$external', 'MONGODB-X509']],
    [`${X509}@db/app?authMechanism=MONGODB-X509`, [SUBJECT, undefined, '$external', 'MONGODB-X509']],
    [
      `${X509}@db/?authMechanism=MONGODB-X509&authSource=$external`,
      [SUBJECT, undefined, '$external', 'MONGODB-X509'],
    ],
    ['db/?authMechanism=MONGODB-X509', [undefined, undefined, '$external', 'MONGODB-X509']],
    [
      'db/?authMechanism=MONGODB-X509&authSource=$external',
      [undefined, undefined, '$external', 'MONGODB-X509'],
    ],
    [`${KERBEROS}@db/?authMechanism=GSSAPI`, [PRINCIPAL, undefined, '$external', 'GSSAPI']],
    [`${KERBEROS}@db/app?authMechanism=GSSAPI`, [PRINCIPAL, undefined, '$external', 'GSSAPI']],
    [`${KERBEROS}:p@db/?authMechanism=GSSAPI&authSource=$external`, [PRINCIPAL, 'p', '$external', 'GSSAPI']],
    ['db/?authMechanism=MONGODB-AWS', [undefined, undefined, '$external', 'MONGODB-AWS']],
    [
      'db/?authMechanism=MONGODB-AWS&authSource=$external',
      [undefined, undefined, '$external', 'MONGODB-AWS'],
    ],
    ['u%21%40:p%24%25@db/?authMechanism=MONGODB-AWS', ['u!@', 'p$%', '$external', 'MONGODB-AWS']],
    [
      'u:p@db/?authMechanism=MONGODB-AWS&authMechanismProperties=AWS_SESSION_TOKEN:t%21%40',
      ['u', 'p', '$external', 'MONGODB-AWS'],
    ],
    ...[
      'ENVIRONMENT:test',
      'ENVIRONMENT:k8s',
      'ENVIRONMENT:azure,TOKEN_RESOURCE:a',
      'ENVIRONMENT:gcp,TOKEN_RESOURCE:a',
    ].map((properties): [string, Credential] => [
      `db/?authMechanism=MONGODB-OIDC&authMechanismProperties=${properties}`,
      [undefined, undefined, '$external', 'MONGODB-OIDC'],
    ]),
    [
      'u@db/?authMechanism=MONGODB-OIDC&authMechanismProperties=ENVIRONMENT:azure,TOKEN_RESOURCE:a',
      ['u', undefined, '$external', 'MONGODB-OIDC'],
    ],
  ] as [string, Credential][])('mongodb://%s', (rest, [user, password, source, mechanism]) => {
    const { value, issues } = parseMongoUri(`mongodb://${rest}`);
    expect(issues).toEqual([]);
    expect(driverOptions(value)).toMatchObject({ user, password, authSource: source, mechanism });
  });

  it.each(['none', 'forward', 'forwardAndReverse', 'true', 'false'])('CANONICALIZE_HOST_NAME:%s', (value) => {
    const properties = `SERVICE_NAME:other,CANONICALIZE_HOST_NAME:${value},SERVICE_HOST:db.example`;
    const uri = `mongodb://${KERBEROS}@db/?authMechanism=GSSAPI&authMechanismProperties=${properties}`;
    expect(parseMongoUri(uri).issues).toEqual([]);
    expect(parseMongoUri(uri).value.options.authMechanismProperties).toEqual({
      SERVICE_NAME: 'other',
      CANONICALIZE_HOST_NAME: value,
      SERVICE_HOST: 'db.example',
    });
  });

  it.each(['mongodb://db/', 'mongodb://db/app', 'mongodb://db/?authSource=app'])('%s: none', (uri) => {
    const { value, issues } = parseMongoUri(uri);
    expect(issues).toEqual([]);
    expect([value.user, driverOptions(value).mechanism]).toEqual([undefined, undefined]);
  });

  it.each([
    ...[...PASSWORD_MECHANISMS, 'PLAIN', 'GSSAPI'].map((name) => `db/?authMechanism=${name}`),
    'u:p@db/app?authSource=',
    'db/admin?authSource=',
    `${KERBEROS}@db/?authMechanism=GSSAPI&authSource=app`,
    `${KERBEROS}@db/?authMechanism=GSSAPI&authMechanismProperties=CANONICALIZE_HOST_NAME:invalid`,
    'u:p@db/?authMechanism=MONGODB-X509',
    `${X509}@db/app?authMechanism=MONGODB-X509&authSource=app`,
    'u@db/?authMechanism=MONGODB-AWS',
    'u:p@db/?authMechanism=MONGODB-AWS&authSource=app',
    'u:p@db/?authMechanism=MONGODB-OIDC&authMechanismProperties=ENVIRONMENT:test',
    'u@db/?authMechanism=MONGODB-OIDC&ENVIRONMENT:test',
    'u@db/?authMechanism=MONGODB-OIDC&authMechanismProperties=ENVIRONMENT:test',
    'u@db/?authMechanism=MONGODB-OIDC&authMechanismProperties=ENVIRONMENT:k8s',
    'u@db/?authMechanism=MONGODB-OIDC&authMechanismProperties=ENVIRONMENT:gcp,TOKEN_RESOURCE:a',
    'db/?authMechanism=MONGODB-OIDC&authMechanismProperties=ENVIRONMENT:invalid',
    'db/?authMechanism=MONGODB-OIDC',
    'db/?authMechanism=MONGODB-OIDC&authMechanismProperties=Strange:x',
    'db/?authMechanism=MONGODB-OIDC&authMechanismProperties=ENVIRONMENT:azure',
    'db/?authMechanism=MONGODB-OIDC&authMechanismProperties=ENVIRONMENT:gcp',
    'db/?authMechanism=MONGODB-OIDC&authMechanismProperties=ENVIRONMENT:test,TOKEN_RESOURCE:a',
    'db/?authMechanism=MONGODB-OIDC&authSource=app&authMechanismProperties=ENVIRONMENT:test',
  ])('mongodb://%s is refused', (rest) => {
    expect(errors(`mongodb://${rest}`)).not.toEqual([]);
  });
});
