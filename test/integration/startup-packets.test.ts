/**
 * Raw conversations, well and badly made: what the lab answers, when it closes and when it waits is what PostgreSQL 18 does, with SSL
 * on, with SSL off and on a Unix socket.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { concat } from '../../src/base/bytes';
import { CertificateAuthority } from '../../src/lab/certificates';
import { type PostgresLab, startPostgresLab } from '../../src/lab/postgres-lab';
import type { Role } from '../../src/postgres/backend/backend-options';
import { parseHba } from '../../src/postgres/hba/hba-parse';
import { serverError } from '../../src/postgres/messages/error-fields';
import { frameTyped } from '../../src/postgres/messages/frame';
import { parseBackend } from '../../src/postgres/messages/message-backend';
import { PostgresServer } from '../record/postgres-server';
import { describeWith } from '../support/toolchain';
import { CONVERSATIONS, type Conversation } from './server-parity/packets';

const HBA = ['local', 'host']
  .flatMap((type) => {
    const address = type === 'host' ? '127.0.0.1/32' : '';
    return [
      `${type} all postgres ${address} trust`,
      `${type} all trust_user,no_login,stranger ${address} trust`,
      `${type} all clear_user ${address} password`,
      `${type} all md5_user ${address} md5`,
      `${type} all scram_user ${address} scram-sha-256`,
    ];
  })
  .join('\n');

const ROLES = `
CREATE ROLE trust_user LOGIN; CREATE ROLE no_login; CREATE ROLE clear_user LOGIN PASSWORD 'app-password';
CREATE ROLE scram_user LOGIN PASSWORD 'app-password';
SET password_encryption = 'md5'; CREATE ROLE md5_user LOGIN PASSWORD 'app-password'`;

/** Long enough for a busy machine to answer; what says nothing costs as much. */
const SILENCE_MS = 400;

await describeWith('Raw conversations', ['postgres18'], ({ postgres18 }) => {
  const names = Object.keys(CONVERSATIONS);
  const places = new Map<string, { real: number | string; lab: number | string }>();
  const stops: (() => unknown)[] = [];

  beforeAll(async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'handshake-packets-'));
    stops.push(() => rmSync(folder, { recursive: true, force: true }));
    const certificate = await (await CertificateAuthority.create()).issueServer();
    for (const ssl of [true, false]) {
      const real = await PostgresServer.start(postgres18.bin, { hba: HBA, ssl, certificate });
      stops.push(() => real.stop());
      await real.sql(ROLES);
      const options = { ssl, hba: parseHba(HBA).value, certificate, roles: await rolesOf(real) };
      const start = async (host?: string, port?: number): Promise<PostgresLab> => {
        const lab = await startPostgresLab({ ...options, host, port, databases: ['postgres', 'trust_user'] });
        stops.push(() => lab.close());
        return lab;
      };
      await real.sql('CREATE DATABASE trust_user STRATEGY file_copy');
      places.set(ssl ? 'with SSL' : 'without SSL', { real: real.port, lab: (await start()).port });
      if (!ssl) continue;
      const lab = await start(folder, 5998);
      places.set('on a Unix socket', {
        real: path.join(real.folder, `.s.PGSQL.${real.port}`),
        lab: path.join(folder, `.s.PGSQL.${lab.port}`),
      });
    }
  }, 120_000);
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  describe.each(['with SSL', 'without SSL', 'on a Unix socket'])('%s', (place) => {
    it.concurrent.each(names)('%s', { timeout: 30_000 }, async (name) => {
      const { real, lab } = places.get(place) ?? { real: 0, lab: 0 };
      const [expected, got] = await Promise.all([
        converse(real, CONVERSATIONS[name]),
        converse(lab, CONVERSATIONS[name]),
      ]);
      expect(got).toEqual(expected);
    });
  });
});

async function rolesOf(server: PostgresServer): Promise<Role[]> {
  const query =
    "SELECT json_build_object('name', rolname, 'password', rolpassword, 'canLogin', rolcanlogin, 'superuser', rolsuper) FROM pg_authid";
  const lines = (await server.sql(query)).trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Role);
}

/** What the server says to each piece, and whether it closes by itself. */
function converse(place: number | string, pieces: Conversation): Promise<string[]> {
  return new Promise((resolve) => {
    const said: string[] = [];
    let input: Uint8Array = new Uint8Array(0);
    let next = 0;
    let timer: NodeJS.Timeout | undefined;
    const socket = typeof place === 'number' ? connect(place, '127.0.0.1') : connect(place);
    const go = (): void => {
      clearTimeout(timer);
      said.push(...read(input));
      input = new Uint8Array(0);
      if (next > pieces.length) socket.destroy();
      else if (next === pieces.length) {
        said.push('(client ends)');
        socket.end();
      } else {
        said.push('(client sends)');
        socket.write(pieces[next]);
      }
      next++;
      timer = setTimeout(go, SILENCE_MS);
    };
    socket.on('connect', go);
    socket.on('data', (bytes) => {
      input = concat(input, bytes);
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      said.push(...read(input), next > pieces.length + 1 ? '(still open)' : '(closed)');
      resolve(said);
    });
  });
}

/** Messages in words, without what is random in them; a lone letter answers a request for encryption. */
function read(input: Uint8Array): string[] {
  const lines: string[] = [];
  let rest = input;
  while (rest.length > 0) {
    const framing = frameTyped(rest, { min: 4, max: 30_000 });
    if (
      framing.kind !== 'frame' &&
      lines.length === 0 &&
      rest.length > 1 &&
      'SN'.includes(String.fromCharCode(rest[0]))
    ) {
      lines.push(String.fromCharCode(rest[0]));
      rest = rest.subarray(1);
      continue;
    }
    if (framing.kind !== 'frame') {
      // An alert of TLS, where that is what comes: which one is OpenSSL's business.
      lines.push(rest[0] === 0x15 ? 'TLS alert' : String.fromCharCode(...rest.subarray(0, 40)));
      break;
    }
    const { value } = parseBackend(rest.subarray(0, framing.length));
    rest = rest.subarray(framing.length);
    switch (value?.name) {
      case 'ErrorResponse':
      case 'NoticeResponse': {
        const { severity, code, message, detail, hint } = serverError(value.fields);
        lines.push([value.name, severity, code, message, detail, hint].filter(Boolean).join(' | '));
        break;
      }
      case 'ParameterStatus':
        lines.push(`${value.parameter} = ${value.value}`);
        break;
      case 'BackendKeyData':
        lines.push(`BackendKeyData, ${value.secretKey.length} bytes of key`);
        break;
      case 'AuthenticationMD5Password':
      case 'AuthenticationSASLContinue':
        lines.push(value.name);
        break;
      default:
        lines.push(JSON.stringify(value));
    }
  }
  return lines;
}
