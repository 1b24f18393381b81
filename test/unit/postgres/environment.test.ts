import { describe, expect, it } from 'vitest';
import { isOptionKeyword } from '../../../src/postgres/options/connection-options';
import {
  ENVIRONMENT_VARIABLES,
  environmentParameters,
  withEnvironment,
} from '../../../src/postgres/options/environment';

describe('the environment', () => {
  it('fills what was not said', () => {
    const environment = { PGHOST: 'db.example.test', PGUSER: 'app_user', PGSSLMODE: 'require', PATH: '/bin' };
    expect(withEnvironment({ user: 'other_user' }, environment)).toMatchObject({
      host: 'db.example.test',
      user: 'other_user',
      sslmode: 'require',
    });
  });

  it('takes an empty value for a value', () => {
    expect(withEnvironment({}, { PGSSLMODE: '' }).sslmode).toBe('');
    expect(withEnvironment({ application_name: '' }, { PGAPPNAME: 'name' }).application_name).toBe('');
  });

  it('reads PGREQUIRESSL where PGSSLMODE says nothing', () => {
    expect(withEnvironment({}, { PGREQUIRESSL: '1' }).sslmode).toBe('require');
    expect(withEnvironment({}, { PGREQUIRESSL: '0' }).sslmode).toBeUndefined();
    expect(withEnvironment({}, { PGREQUIRESSL: '1', PGSSLMODE: 'allow' }).sslmode).toBe('allow');
  });

  it('knows only options that there are, each variable once', () => {
    const keywords = Object.keys(ENVIRONMENT_VARIABLES);
    expect(keywords.filter((keyword) => !isOptionKeyword(keyword))).toEqual([]);
    const variables = Object.values(ENVIRONMENT_VARIABLES);
    expect(new Set(variables).size).toBe(variables.length);
  });

  it('makes parameters of three variables, in libpq’s order', () => {
    expect(environmentParameters({ PGGEQO: 'off', PGDATESTYLE: 'ISO', PGTZ: 'Default' })).toEqual([
      ['datestyle', 'ISO'],
      ['geqo', 'off'],
    ]);
  });
});
