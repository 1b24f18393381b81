import { describe, expect, it } from 'vitest';
import { runToEnd } from '../../../src/recorder/capture-process';
import { programEnvironment } from '../../../src/recorder/program-environment';

describe('the environment of a capture program', () => {
  it.each([
    'PGPASSWORD',
    'PGPASSFILE',
    'PGUSER',
    'MONGODB_PASSWORD',
    'MONGODB_URI',
    'MYSQL_PWD',
    'REDIS_PASSWORD',
    'GITHUB_TOKEN',
    'NPM_TOKEN',
    'AWS_SECRET_ACCESS_KEY',
    'my_app_secret',
    'DATABASE_URL',
    'DB_PASSWD',
    'SSLKEYLOGFILE',
  ])('has no %s', (name) => {
    expect(programEnvironment({ [name]: 'value', PATH: '/usr/bin' })).toEqual({
      PATH: '/usr/bin',
      LC_ALL: 'C',
      LANGUAGE: 'C',
    });
  });

  it('has no URI with a password, whatever its variable is called', () => {
    const env = { PRIMARY: 'postgresql://u:p@h/d', PROXY: 'http://127.0.0.1:3128' };
    expect(programEnvironment(env)).toEqual({ PROXY: env.PROXY, LC_ALL: 'C', LANGUAGE: 'C' });
  });

  it('keeps what programs need', () => {
    const env = {
      PATH: '/usr/bin',
      HOME: '/home/u',
      PWD: '/tmp',
      OLDPWD: '/',
      TMPDIR: '/tmp',
      SystemRoot: 'C:',
    };
    expect(programEnvironment(env)).toEqual({ ...env, LC_ALL: 'C', LANGUAGE: 'C' });
  });

  it('is what a program is started with', async () => {
    process.env.PGPASSWORD = 'not-for-others';
    try {
      const program = { name: 'dumpcap', path: process.execPath } as const;
      const script = 'process.stdout.write(JSON.stringify(process.env))';
      const { stdout, ok } = await runToEnd(program, ['-e', script]);
      expect(ok).toBe(true);
      expect(JSON.parse(stdout)).toMatchObject({ LC_ALL: 'C' });
      expect(stdout).not.toContain('not-for-others');
    } finally {
      delete process.env.PGPASSWORD;
    }
  });
});
