import { PASSWORD } from '../accounts';
import type { Combination } from '../combination';

const LOGIN = `user=host_scram password=${PASSWORD}`;
const MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;

/** How TLS begins, which versions of TLS and of the protocol, and GSSAPI encryption. */
export function protocolTable(): Combination[] {
  const table: Combination[] = [];
  for (const server of ['on18', 'off18', 'on15', 'tls12'] as const) {
    for (const mode of MODES) {
      table.push({
        name: `${server}: sslnegotiation=direct, sslmode=${mode}`,
        servers: [server],
        options: `sslnegotiation=direct sslmode=${mode} sslrootcert=$root ${LOGIN}`,
      });
    }
  }
  const versions = [
    'min_protocol_version=3.0',
    'min_protocol_version=3.2',
    'max_protocol_version=3.0',
    'max_protocol_version=3.2',
    'max_protocol_version=latest',
    'min_protocol_version=latest',
    'min_protocol_version=3.2 max_protocol_version=3.2',
    'min_protocol_version=3.2 max_protocol_version=3.0',
    'min_protocol_version=3.2 max_protocol_version=latest',
  ];
  for (const server of ['on18', 'on15'] as const) {
    for (const options of versions) {
      for (const mode of ['disable', 'prefer']) {
        table.push({
          name: `${server}: ${options}, sslmode=${mode}`,
          servers: [server],
          options: `${options} sslmode=${mode} ${LOGIN}`,
        });
      }
    }
  }
  const tls = [
    'ssl_min_protocol_version=TLSv1.3',
    'ssl_max_protocol_version=TLSv1.2',
    'ssl_min_protocol_version=TLSv1.2 ssl_max_protocol_version=TLSv1.2',
    'ssl_min_protocol_version=TLSv1.3 ssl_max_protocol_version=TLSv1.3',
    'ssl_min_protocol_version=tlsv1.3',
  ];
  for (const server of ['on18', 'tls12', 'tls13'] as const) {
    for (const options of tls) {
      for (const mode of ['prefer', 'require']) {
        table.push({
          name: `${server}: ${options}, sslmode=${mode}`,
          servers: [server],
          options: `${options} sslmode=${mode} ${LOGIN}`,
        });
      }
    }
  }
  for (const gss of ['disable', 'prefer', 'require']) {
    for (const mode of ['disable', 'prefer', 'require']) {
      table.push({
        name: `on18: gssencmode=${gss}, sslmode=${mode}`,
        servers: ['on18'],
        options: `gssencmode=${gss} sslmode=${mode} ${LOGIN}`,
      });
    }
  }
  return table;
}
