import { CERT, CERT_AND_PASSWORD, KEY_PASSWORD, PASSWORD } from '../accounts';
import type { Combination } from '../combination';
import type { ServerName } from '../servers';

const LOGIN = `user=host_scram password=${PASSWORD}`;

/** The server's certificate against sslmode and sslrootcert. */
export function serverCertificateTable(): Combination[] {
  const table: Combination[] = [];
  const servers: readonly ServerName[] = ['on18', 'name18', 'expired18', 'selfsigned18'];
  for (const server of servers) {
    for (const mode of ['prefer', 'require', 'verify-ca', 'verify-full']) {
      for (const root of ['root', 'otherRoot', 'missing', 'garbage']) {
        if (root === 'garbage' && server !== 'on18') continue;
        table.push({
          name: `${server}: sslmode=${mode}, sslrootcert=${root}`,
          servers: [server],
          options: `sslmode=${mode} sslrootcert=$${root} ${LOGIN}`,
        });
      }
    }
  }
  for (const mode of ['allow', 'prefer', 'require', 'verify-ca', 'verify-full']) {
    table.push({
      name: `on18: sslmode=${mode}, no sslrootcert`,
      servers: ['on18'],
      options: `sslmode=${mode} ${LOGIN}`,
    });
  }
  for (const mode of ['', 'sslmode=require ', 'sslmode=verify-full ']) {
    table.push({
      name: `on18: ${mode}sslrootcert=system`,
      servers: ['on18'],
      options: `${mode}sslrootcert=system ${LOGIN}`,
    });
  }
  const names: readonly (readonly [ServerName, string])[] = [
    ['on18', 'db.example.test'],
    ['on18', 'DB.Example.TEST'],
    ['on18', 'a.b.example.test'],
    ['on18', 'example.test'],
    ['on18', '127.0.0.1'],
    ['on18', '127.0.0.2'],
    ['on18', '::1'],
    ['name18', 'other.example.net'],
    ['cn18', 'localhost'],
    ['cn18', 'LOCALHOST'],
    ['cn18', 'db.example.test'],
    ['cn18', '127.0.0.1'],
  ];
  for (const [server, host] of names) {
    table.push({
      name: `${server}: sslmode=verify-full, host=${host}`,
      servers: [server],
      host,
      options: `sslmode=verify-full sslrootcert=$root ${LOGIN}`,
    });
  }
  for (const mode of ['verify-ca', 'verify-full']) {
    table.push({
      name: `on18: sslmode=${mode}, hostaddr without host`,
      servers: ['on18'],
      options: `host='' sslmode=${mode} sslrootcert=$root ${LOGIN}`,
    });
  }
  for (const mode of ['prefer', 'verify-full']) {
    table.push({
      name: `tls12: sslmode=${mode}, another authority`,
      servers: ['tls12'],
      options: `sslmode=${mode} sslrootcert=$otherRoot ${LOGIN}`,
    });
  }
  table.push({
    name: 'on15: sslmode=verify-full, another authority',
    servers: ['on15'],
    options: `sslmode=verify-full sslrootcert=$otherRoot ${LOGIN}`,
  });
  table.push({
    name: 'on18: sslsni=0',
    servers: ['on18'],
    options: `sslmode=verify-full sslsni=0 sslrootcert=$root ${LOGIN}`,
  });
  for (const list of ['revoked', 'nobody', 'other', 'missing', 'garbage']) {
    const file = list === 'missing' || list === 'garbage' ? `$${list}` : `$folder/${list}.crl`;
    for (const [mode, root] of [
      ['verify-ca', '$root'],
      ['verify-full', '$root'],
      ['require', '$missing'],
    ]) {
      table.push({
        name: `revoked18: sslmode=${mode}, sslcrl=${list}`,
        servers: ['revoked18'],
        options: `sslmode=${mode} sslrootcert=${root} sslcrl=${file} ${LOGIN}`,
      });
    }
  }
  for (const lists of ['revoked', 'nobody', 'other', 'both', 'empty', 'unhashed', 'misnamed', 'missing']) {
    for (const [mode, root] of [
      ['verify-ca', '$root'],
      ['verify-full', '$root'],
      ['require', '$missing'],
    ]) {
      table.push({
        name: `revoked18: sslmode=${mode}, sslcrldir=${lists}`,
        servers: ['revoked18'],
        options: `sslmode=${mode} sslrootcert=${root} sslcrldir=$folder/lists-${lists} ${LOGIN}`,
      });
    }
  }
  for (const [list, lists] of [
    ['$folder/revoked.crl', 'nobody'],
    ['$folder/nobody.crl', 'empty'],
    ['$folder/other.crl', 'nobody'],
    ['$missing', 'revoked'],
    ['$garbage', 'revoked'],
  ]) {
    table.push({
      name: `revoked18: sslcrl=${list} and sslcrldir=${lists}`,
      servers: ['revoked18'],
      options: `sslmode=verify-full sslrootcert=$root sslcrl=${list} sslcrldir=$folder/lists-${lists} ${LOGIN}`,
    });
  }
  table.push({
    name: 'on18: sslmode=prefer, sslcrldir of the environment',
    servers: ['on18'],
    options: `sslmode=prefer sslrootcert=$root ${LOGIN}`,
    environment: { PGSSLCRLDIR: '$folder/lists-empty' },
  });
  table.push({
    name: 'on18: sslmode=prefer, sslcrl=revoked, another certificate',
    servers: ['on18'],
    options: `sslmode=prefer sslrootcert=$root sslcrl=$folder/revoked.crl ${LOGIN}`,
  });
  return table;
}

const CLIENT = 'sslcert=$folder/client.crt sslkey=$folder/client.key';
const STRANGER = 'sslcert=$folder/stranger.crt sslkey=$folder/stranger.key';
const SOMEBODY = 'sslcert=$folder/somebody.crt sslkey=$folder/somebody.key';

/** The client's certificate: right, wrong, absent, unreadable, not asked for. */
export function clientCertificateTable(): Combination[] {
  const table: Combination[] = [];
  const rows: readonly (readonly [string, string])[] = [
    ['right', CLIENT],
    ['of another authority', STRANGER],
    ['of another name', SOMEBODY],
    ['none', ''],
    ['file missing', 'sslcert=$missing sslkey=$folder/client.key'],
    ['key missing', 'sslcert=$folder/client.crt sslkey=$missing'],
    ['key of another certificate', 'sslcert=$folder/client.crt sslkey=$folder/somebody.key'],
    ['key readable by all', 'sslcert=$folder/client.crt sslkey=$folder/open.key'],
    ['not a certificate', 'sslcert=$garbage sslkey=$folder/client.key'],
    ['not a key', 'sslcert=$folder/client.crt sslkey=$folder/nokey.key'],
    ['without key option', 'sslcert=$folder/client.crt'],
  ];
  for (const [what, options] of rows) {
    table.push({
      name: `asks18: cert line, client certificate ${what}`,
      servers: ['asks18'],
      options: `sslmode=require user=${CERT} ${options}`,
    });
    table.push({
      name: `asks18: clientcert=verify-ca, client certificate ${what}`,
      servers: ['asks18'],
      options: `sslmode=prefer user=${CERT_AND_PASSWORD} password=${PASSWORD} ${options}`,
    });
  }
  for (const [what, password] of [
    ['right', `sslpassword=${KEY_PASSWORD}`],
    ['wrong', 'sslpassword=not-the-password'],
    ['empty', "sslpassword=''"],
    ['missing', ''],
  ]) {
    table.push({
      name: `asks18: sealed key, sslpassword ${what}`,
      servers: ['asks18'],
      options: `sslmode=require user=${CERT} sslcert=$folder/client.crt sslkey=$folder/sealed.key ${password}`,
    });
  }
  for (const [what, options] of rows.slice(0, 4)) {
    for (const server of ['tls12', 'asks15', 'on18'] as const) {
      table.push({
        name: `${server}: client certificate ${what}`,
        servers: [server],
        options: `sslmode=require user=${CERT} ${options}`,
      });
    }
  }
  for (const mode of ['disable', 'allow', 'require']) {
    for (const [what, options] of [rows[0], rows[3]]) {
      for (const server of ['asks18', 'on18'] as const) {
        table.push({
          name: `${server}: sslcertmode=${mode}, client certificate ${what}`,
          servers: [server],
          options: `sslmode=require sslcertmode=${mode} ${LOGIN} ${options}`,
        });
      }
    }
  }
  return table;
}
