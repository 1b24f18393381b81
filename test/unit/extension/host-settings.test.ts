import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type HostSetting,
  hostAddress,
  hostUri,
  parseHosts,
  resolvePath,
} from '../../../src/extension/host-settings';

const postgres = { name: 'Orders', protocol: 'postgres', host: 'db.example.com' };
const mongo = { name: 'Events', protocol: 'mongodb', host: '127.0.0.1', port: 27018 };
const paths = { home: '/home/app', workspace: '/projects/app' };

function messageOf(entry: unknown): string {
  const { hosts, problems } = parseHosts([entry, { ...postgres, name: 'still there' }]);
  expect(hosts.map((host) => host.name)).toEqual(['still there']);
  expect(problems).toHaveLength(1);
  expect(problems[0].index).toBe(0);
  return problems[0].message;
}

describe('parseHosts', () => {
  it('takes what is right', () => {
    const value = [
      {
        ...postgres,
        port: 6432,
        database: 'orders',
        user: 'app_user',
        sslmode: 'verify-full',
        sslrootcert: 'system',
      },
      {
        ...mongo,
        user: 'app_user',
        authSource: 'admin',
        authMechanism: 'SCRAM-SHA-1',
        tls: true,
        tlsCAFile: 'ca.pem',
        replicaSet: 'rs0',
        directConnection: false,
        compressors: 'zstd,zlib',
        appName: 'shop',
      },
    ];
    expect(parseHosts(value)).toEqual({ hosts: value, problems: [] });
    expect(parseHosts(undefined)).toEqual({ hosts: [], problems: [] });
  });

  it('says what is wrong with an entry, by its name, and keeps the others', () => {
    expect(messageOf({ ...postgres, port: 70_000 })).toBe('Host "Orders": "port" must be from 1 to 65535.');
    expect(messageOf({ ...postgres, port: '5432' })).toBe('Host "Orders": "port" must be a number.');
    expect(messageOf({ ...postgres, sslmode: 'yes' })).toMatch(
      /"sslmode" must be one of disable, .*verify-full\./,
    );
    expect(messageOf({ ...mongo, tls: 'on' })).toBe('Host "Events": "tls" must be true or false.');
    expect(messageOf({ ...mongo, sslmode: 'require' })).toBe('Host "Events": "sslmode" is not known here.');
    expect(messageOf({ name: 'Orders', protocol: 'postgres' })).toBe('Host "Orders": "host" is missing.');
    expect(messageOf({ ...postgres, host: '' })).toBe('Host "Orders": "host" must not be empty.');
    expect(messageOf({ ...postgres, protocol: 'mysql' })).toMatch(
      /"protocol" must be "postgres" or "mongodb"/,
    );
    expect(messageOf({ protocol: 'postgres', host: 'x' })).toMatch(/^Host number 1: "name" is missing/);
    expect(messageOf('localhost')).toMatch(/^Host number 1: it must be an object/);
    expect(messageOf(null)).toMatch(/^Host number 1/);
    expect(messageOf({ ...postgres, password: 'x' })).toMatch(/does not belong in the settings/);
  });

  it('refuses a second host of the same name, and a setting that is no list', () => {
    expect(parseHosts([postgres, { ...mongo, name: 'Orders' }]).problems[0].message).toMatch(/same name/);
    expect(parseHosts({ host: 'x' }).problems[0].message).toMatch(/must be a list/);
    const many = Array.from({ length: 300 }, (_, at) => ({ ...postgres, name: `n${at}` }));
    const parsed = parseHosts(many);
    expect(parsed.hosts).toHaveLength(200);
    expect(parsed.problems).toHaveLength(1);
  });

  it('takes anything without throwing, and gives each entry one fate', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.array(fc.anything(), { maxLength: 20 })), (value) => {
        const { hosts, problems } = parseHosts(value);
        if (Array.isArray(value)) expect(hosts.length + problems.length).toBe(value.length);
      }),
    );
  });
});

describe('hostUri', () => {
  it('says the same as the setting', () => {
    expect(hostUri(postgres as HostSetting, paths)).toBe('postgresql://db.example.com:5432/');
    expect(
      hostUri(
        {
          ...postgres,
          user: 'app user@x',
          database: 'a/b',
          sslmode: 'verify-ca',
          sslrootcert: 'certs/ca 1.pem',
        } as HostSetting,
        paths,
      ),
    ).toBe(
      'postgresql://app%20user%40x@db.example.com:5432/a%2Fb?sslmode=verify-ca&sslrootcert=%2Fprojects%2Fapp%2Fcerts%2Fca%201.pem',
    );
    expect(hostUri({ ...postgres, sslrootcert: 'system' } as HostSetting, paths)).toMatch(
      /sslrootcert=system$/,
    );
    expect(hostUri({ ...postgres, host: '::1' } as HostSetting, paths)).toBe('postgresql://[::1]:5432/');
    expect(hostUri({ ...postgres, host: '/run/pg' } as HostSetting, paths)).toBe(
      'postgresql://%2Frun%2Fpg:5432/',
    );
    expect(hostUri({ ...postgres, host: 'a.example.com, ::1', port: 6432 } as HostSetting, paths)).toBe(
      'postgresql://a.example.com:6432,[::1]:6432/',
    );
    expect(
      hostUri({ ...postgres, passfile: '~/pass', target_session_attrs: 'primary' } as HostSetting, paths),
    ).toMatch(/passfile=%2Fhome%2Fapp%2Fpass&target_session_attrs=primary$/);
    expect(
      hostUri({ ...mongo, tls: true, authMechanism: 'MONGODB-CR', user: 'u' } as HostSetting, paths),
    ).toBe('mongodb://u@127.0.0.1:27018/?tls=true&authMechanism=MONGODB-CR');
    expect(
      hostUri({ ...mongo, host: 'a:27017, b, [::1]:27019', replicaSet: 'rs0' } as HostSetting, paths),
    ).toBe('mongodb://a:27017,b:27018,[::1]:27019/?replicaSet=rs0');
  });
});

describe('hostAddress', () => {
  it.each([
    ['db.example.test', 5432, 'db.example.test:5432'],
    ['a.example.test:27018,b.example.test:27019', undefined, 'a.example.test:27018,b.example.test:27019'],
    ['a.example.test, b.example.test:27019', 5, 'a.example.test:5,b.example.test:27019'],
    ['::1', 5, '[::1]:5'],
    ['[::1]:27019', undefined, '[::1]:27019'],
    ['/tmp/mongodb-27017.sock', undefined, '/tmp/mongodb-27017.sock'],
  ])('shows %s with port %s as it is reached', (host, port, shown) => {
    expect(hostAddress({ ...mongo, host, port } as HostSetting)).toBe(shown);
  });
});

describe('resolvePath', () => {
  it('knows the home folder, the workspace folder and relative paths', () => {
    expect(resolvePath('~/ca.pem', paths)).toBe('/home/app/ca.pem');
    expect(resolvePath('$' + '{workspaceFolder}/ca.pem', paths)).toBe('/projects/app/ca.pem');
    expect(resolvePath('ca.pem', paths)).toBe('/projects/app/ca.pem');
    expect(resolvePath('/etc/ca.pem', paths)).toBe('/etc/ca.pem');
    expect(resolvePath('C:\\ca.pem', paths)).toBe('C:\\ca.pem');
    expect(resolvePath('ca.pem', { home: '/home/app', workspace: undefined })).toBe('ca.pem');
  });
});
