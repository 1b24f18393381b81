import { describe, expect, it } from 'vitest';
import { accountOf } from '../../../src/extension/account';
import { hostUri, parseHosts } from '../../../src/extension/host-settings';
import { targetFromUri } from '../../../src/live/target';

const account = (text: string) => accountOf(targetFromUri(text));

describe('accountOf', () => {
  it('is protocol, user and address, and never the password', () => {
    for (const text of [
      'postgresql://app_user:secret@db:5433/orders?sslmode=require',
      'postgresql://app_user@db:5433?password=secret',
      'host=db port=5433 user=app_user password=secret dbname=orders',
    ]) {
      expect(account(text), text).toEqual({
        key: 'postgresql://app_user@db:5433',
        name: 'app_user@db:5433',
        address: 'db:5433',
      });
    }
    expect(account('mongodb://u:p%40@h1:1,h2/?authSource=admin').key).toBe('mongodb://u@h1:1,h2:27017');
    expect(account('mongodb://h1').name).toBe('h1:27017');
    expect(account('postgresql://u@[::1]/x').name).toBe('u@[::1]:5432');
  });
});

describe('hostUri', () => {
  const paths = { home: '/home/app', workspace: '/projects/app' };

  it('gives what the live test understands, whatever the setting holds', () => {
    const { hosts, problems } = parseHosts([
      {
        name: 'everything',
        protocol: 'postgres',
        host: 'db.example.com',
        hostaddr: '192.0.2.1',
        port: 6432,
        database: 'a/b?c',
        user: 'app user@x',
        sslmode: 'verify-full',
        sslnegotiation: 'direct',
        sslrootcert: 'ca 1.pem',
        sslcert: '~/client.pem',
        sslkey: '/keys/client.key',
        channel_binding: 'require',
        require_auth: 'scram-sha-256',
        application_name: 'test & more',
      },
      { name: 'socket', protocol: 'postgres', host: '/run/postgresql', user: 'u' },
      { name: 'v6', protocol: 'postgres', host: '::1' },
      {
        name: 'documents',
        protocol: 'mongodb',
        host: 'docs.example.com',
        port: 27018,
        user: 'u:x@y',
        authSource: 'admin',
        authMechanism: 'SCRAM-SHA-1',
        tls: true,
        tlsCAFile: 'ca.pem',
        tlsCertificateKeyFile: 'client.pem',
        tlsAllowInvalidHostnames: true,
      },
    ]);
    expect(problems).toEqual([]);
    const [everything, socket, v6, documents] = hosts.map((host) => targetFromUri(hostUri(host, paths)));
    expect(everything).toMatchObject({
      protocol: 'postgres',
      sslcert: '/home/app/client.pem',
      sslkey: '/keys/client.key',
      settings: {
        hosts: [{ host: 'db.example.com', hostaddr: '192.0.2.1', port: 6432 }],
        user: 'app user@x',
        database: 'a/b?c',
        sslmode: 'verify-full',
        sslnegotiation: 'direct',
        sslrootcert: '/projects/app/ca 1.pem',
        channelBinding: 'require',
        requireAuth: 'scram-sha-256',
        applicationName: 'test & more',
      },
    });
    expect(socket).toMatchObject({ settings: { hosts: [{ host: '/run/postgresql', port: 5432 }] } });
    expect(v6).toMatchObject({ settings: { hosts: [{ host: '::1', port: 5432 }] } });
    expect(documents).toMatchObject({
      protocol: 'mongodb',
      hosts: [{ host: 'docs.example.com', port: 27018 }],
      driver: { user: 'u:x@y', authSource: 'admin', mechanism: 'SCRAM-SHA-1', tls: true },
      options: {
        tlsCAFile: '/projects/app/ca.pem',
        tlsCertificateKeyFile: '/projects/app/client.pem',
        tlsAllowInvalidHostnames: true,
      },
      warnings: [],
    });
  });
});
