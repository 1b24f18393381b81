/** One login of libpq 18 at PostgreSQL 18 for each TLS cipher suite, with its secrets: `test/fixtures/suites`. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Recording } from '../../src/inspect/recording';
import { makeServerCertificate, type ServerCertificate } from '../../src/lab/certificates';
import { makeCertificate } from '../unit/tls/node-session';
import { DATABASE, PostgresServer, ROLES } from './postgres-server';
import { RecordingProxy } from './proxy';
import { psql } from './psql';
import type { Story } from './story';

const HOST = 'db.example.test';

interface SuiteStory {
  /** OpenSSL's name. */
  readonly cipher: string;
  readonly certificate: 'rsa' | 'ecdsa';
  readonly version: 'TLSv1.2' | 'TLSv1.3';
  /** MAC before encryption, as before RFC 7366. */
  readonly macThenEncrypt?: boolean;
  /** Leaves only these lines in the key log. */
  readonly keep?: RegExp;
  /** What the name of the file says besides the suite. */
  readonly suffix?: string;
}

const tls12 = (certificate: SuiteStory['certificate'], ...ciphers: string[]): SuiteStory[] =>
  ciphers.map((cipher) => ({ cipher, certificate, version: 'TLSv1.2' }));

export const SUITE_STORIES: readonly SuiteStory[] = [
  ...tls12(
    'rsa',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-RSA-CHACHA20-POLY1305',
    'ECDHE-RSA-AES128-SHA',
    'ECDHE-RSA-AES128-SHA256',
    'ECDHE-RSA-AES256-SHA384',
    'DHE-RSA-AES128-GCM-SHA256',
    'DHE-RSA-AES256-CCM',
    'DHE-RSA-AES256-SHA256',
    'AES128-GCM-SHA256',
    'AES256-SHA',
    'AES128-CCM',
    'AES256-CCM8',
  ),
  {
    cipher: 'ECDHE-RSA-AES256-SHA384',
    certificate: 'rsa',
    version: 'TLSv1.2',
    macThenEncrypt: true,
    suffix: 'mac-then-encrypt',
  },
  {
    cipher: 'AES256-GCM-SHA384',
    certificate: 'rsa',
    version: 'TLSv1.2',
    keep: /^RSA /,
    suffix: 'pre-master',
  },
  ...tls12(
    'ecdsa',
    'ECDHE-ECDSA-AES128-CCM',
    'ECDHE-ECDSA-AES256-CCM8',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
  ),
  ...[
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'TLS_AES_128_CCM_SHA256',
    'TLS_AES_128_CCM_8_SHA256',
  ].map((cipher): SuiteStory => ({ cipher, certificate: 'ecdsa', version: 'TLSv1.3' })),
];

function nameOf({ cipher, version, suffix }: SuiteStory): string {
  const words = [version.replace('v1.', '1'), cipher.replace(/^TLS_/, ''), suffix ?? ''];
  return words
    .filter((word) => word !== '')
    .join('-')
    .toLowerCase()
    .replaceAll('_', '-');
}

/** The server of a certificate is started once; each suite is set by a reload. */
export async function* suiteStories(bin: string, libpq: string): AsyncGenerator<Story> {
  for (const kind of ['rsa', 'ecdsa'] as const) {
    const server = await PostgresServer.start(bin, { certificate: await certificateOf(kind) });
    try {
      for (const story of SUITE_STORIES.filter(({ certificate }) => certificate === kind)) {
        yield {
          name: `suites/${nameOf(story)}`,
          says: `${story.version} with ${story.cipher}${story.suffix ? `, ${story.suffix.replaceAll('-', ' ')}` : ''}`,
          recordings: await record(story, server, libpq),
        };
      }
    } finally {
      await server.stop();
    }
  }
}

async function certificateOf(kind: SuiteStory['certificate']): Promise<ServerCertificate> {
  if (kind === 'ecdsa') return makeServerCertificate({ names: [HOST] });
  const { cert, key } = await makeCertificate('rsa', `CN=${HOST}`);
  return { certificate: cert, key, caCertificate: cert };
}

async function record(story: SuiteStory, server: PostgresServer, libpq: string): Promise<Recording[]> {
  const { cipher, version } = story;
  const is13 = version === 'TLSv1.3';
  await server.configure({
    ssl_min_protocol_version: version,
    ssl_max_protocol_version: version,
    ssl_tls13_ciphers: is13 ? cipher : '',
    ssl_ciphers: is13 ? '' : `${cipher}:@SECLEVEL=0`,
  });
  const folder = mkdtempSync(path.join(tmpdir(), 'handshake-suite-'));
  const proxy = await RecordingProxy.start(server.port, 'postgres', 5432);
  try {
    const opensslConf = path.join(folder, 'openssl.cnf');
    writeFileSync(opensslConf, clientConfiguration(story));
    const keyLogFile = path.join(folder, 'keys');
    const { user, password } = ROLES.scram;
    const connection =
      `host=${HOST} hostaddr=127.0.0.1 port=${proxy.port} user=${user} dbname=${DATABASE} ` +
      `sslmode=require ssl_max_protocol_version=${version} sslkeylogfile=${keyLogFile}`;
    const run = await psql(connection, { libpq, password, opensslConf });
    if (run.status !== 0) throw new Error(`${cipher}: ${run.stderr}\n${server.log}`);
    await proxy.stop();
    const lines = readFileSync(keyLogFile, 'utf8').split('\n');
    const kept = lines.filter((line) => line !== '' && (story.keep?.test(line) ?? true));
    if (kept.length === 0) throw new Error(`${cipher}: the client wrote no such secrets`);
    return proxy.recordings(`${kept.join('\n')}\n`);
  } finally {
    await proxy.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** libpq has no option for suites; its OpenSSL reads them here (config(5), "SSL CONFIGURATION"). */
function clientConfiguration({ cipher, version, macThenEncrypt }: SuiteStory): string {
  const suites = version === 'TLSv1.3' ? `Ciphersuites = ${cipher}` : `CipherString = ${cipher}:@SECLEVEL=0`;
  return [
    'openssl_conf = start',
    '[start]',
    'ssl_conf = ssl',
    '[ssl]',
    'system_default = client',
    '[client]',
    suites,
    ...(macThenEncrypt ? ['Options = -EncryptThenMac'] : []),
    '',
  ].join('\n');
}
