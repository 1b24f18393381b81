import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { certificateAlert } from '../../../src/live/certificate-alert';
import { type PostgresTarget, targetFromUri } from '../../../src/live/target';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'handshake-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string, mode = 0o600): string {
  const full = path.join(folder, name);
  writeFileSync(full, text);
  chmodSync(full, mode);
  return full;
}

function settings(text: string, environment: Record<string, string> | null = null) {
  const nowhere = { PGPASSFILE: path.join(folder, 'none'), PGSYSCONFDIR: folder };
  const target = targetFromUri(text, {}, environment && { ...nowhere, ...environment });
  return (target as PostgresTarget).settings;
}

describe('what libpq reads besides the connection string', () => {
  it('prefers the string to the service, and the service to the environment', () => {
    const PGSERVICEFILE = file('services', '[app]\nuser=from_service\nsslmode=require\nport=5433\n');
    const environment = { PGSERVICEFILE, PGUSER: 'from_environment', PGDATABASE: 'from_environment' };
    const found = settings('host=a.example.test service=app port=5434', environment);
    expect(found).toMatchObject({ user: 'from_service', database: 'from_environment', sslmode: 'require' });
    expect(found.hosts).toMatchObject([{ host: 'a.example.test', port: 5434 }]);
  });

  it('looks into the machine’s file after the user’s', () => {
    file('pg_service.conf', '[shared]\nhost=shared.example.test\n');
    const PGSERVICEFILE = file('services', '[app]\nuser=app_user\n');
    expect(settings('service=shared', { PGSERVICEFILE }).hosts[0].host).toBe('shared.example.test');
    expect(() => settings('service=none', { PGSERVICEFILE })).toThrow(
      'definition of service "none" not found',
    );
    expect(() => settings('service=app', { PGSERVICEFILE: `${folder}/gone` })).toThrow(/not found/);
  });

  it('takes the environment into account only when it is given', () => {
    const before = process.env.PGUSER;
    process.env.PGUSER = 'somebody_else';
    try {
      expect(settings('host=a.example.test').user).toBeUndefined();
      expect(settings('host=a.example.test', { PGUSER: 'app_user' }).user).toBe('app_user');
    } finally {
      if (before === undefined) delete process.env.PGUSER;
      else process.env.PGUSER = before;
    }
  });

  it('finds a password for each host in a file that nobody else can read', () => {
    const lines = 'a.example.test:*:*:app_user:first\nb.example.test:*:*:app_user:second\n';
    const text = 'host=a.example.test,b.example.test user=app_user';
    const passwords = (passfile: string, more = '') =>
      settings(`${text} passfile=${passfile}${more}`).hosts.map(({ password }) => password);
    expect(passwords(file('good', lines))).toEqual(['first', 'second']);
    expect(passwords(file('good', lines), ' password=given')).toEqual([undefined, undefined]);
    expect(passwords(path.join(folder, 'gone'))).toEqual([undefined, undefined]);
    if (process.platform !== 'win32')
      expect(passwords(file('open', lines, 0o644))).toEqual([undefined, undefined]);
  });

  it.skipIf(process.platform === 'win32')('tells of a password file that libpq ignores', () => {
    const warnings = (passfile: string, more = '') =>
      targetFromUri(`host=a.example.test user=app_user passfile=${passfile}${more}`, {}, null);
    const open = file('open', '*:*:*:*:secret\n', 0o640);
    expect(warnings(open)).toMatchObject({ warnings: [expect.stringContaining(`chmod 0600 ${open}`)] });
    expect(warnings(open, ' password=given')).toMatchObject({ warnings: [] });
    expect(warnings(file('good', '*:*:*:*:secret\n'))).toMatchObject({ warnings: [] });
    expect(warnings(path.join(folder, 'gone'))).toMatchObject({ warnings: [] });
  });
});

describe('certificateAlert', () => {
  it.each([
    ['CERT_HAS_EXPIRED', 45],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 48],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 48],
    ['CERT_REVOKED', 44],
    ['SOMETHING_NEW', 46],
  ])('%s', (code, alert) => {
    expect([...certificateAlert(code)]).toEqual([21, 3, 3, 0, 2, 2, alert]);
  });
});
