import { CERT, PASSWORD } from '../accounts';
import type { Combination } from '../combination';

const ROLES = ['host_trust', 'host_password', 'host_md5', 'host_scram'] as const;

/** channel_binding and require_auth against what the server asks for. */
export function authenticationTable(): Combination[] {
  const table: Combination[] = [];
  for (const binding of ['disable', 'prefer', 'require']) {
    for (const mode of ['disable', 'prefer', 'require']) {
      for (const role of ROLES) {
        table.push({
          name: `on18: channel_binding=${binding}, sslmode=${mode}, ${role}`,
          servers: ['on18'],
          options: `channel_binding=${binding} sslmode=${mode} user=${role} password=${PASSWORD}`,
        });
      }
    }
    table.push({
      name: `on15: channel_binding=${binding}`,
      servers: ['on15'],
      options: `channel_binding=${binding} user=host_scram password=${PASSWORD}`,
    });
    table.push({
      name: `tls12: channel_binding=${binding}`,
      servers: ['tls12'],
      options: `channel_binding=${binding} user=host_scram password=${PASSWORD}`,
    });
    table.push({
      name: `off18: channel_binding=${binding}`,
      servers: ['off18'],
      options: `channel_binding=${binding} user=host_scram password=${PASSWORD}`,
    });
  }
  const requirements = [
    'password',
    'md5',
    'scram-sha-256',
    'none',
    '!password',
    '!md5',
    '!scram-sha-256',
    '!none',
    'md5,scram-sha-256',
    'password,none',
    '!password,!md5',
    'gss',
    '!sspi',
    'oauth',
    '!oauth',
  ];
  for (const requirement of requirements) {
    for (const role of ROLES) {
      table.push({
        name: `on18: require_auth=${requirement}, ${role}`,
        servers: ['on18'],
        options: `require_auth=${requirement} sslmode=prefer user=${role} password=${PASSWORD}`,
      });
    }
  }
  for (const requirement of ['none', 'scram-sha-256', '!none']) {
    table.push({
      name: `asks18: require_auth=${requirement}, client certificate`,
      servers: ['asks18'],
      options: `require_auth=${requirement} sslmode=require user=${CERT} sslcert=$folder/client.crt sslkey=$folder/client.key`,
    });
  }
  return table;
}
