import { describe, expect, it } from 'vitest';
import { localeEncoding } from '../../../src/live/locale-encoding';
import { targetFromUri } from '../../../src/live/target';

describe('client_encoding=auto', () => {
  it.each([
    [{ LANG: 'en_US.UTF-8' }, 'UTF8'],
    [{ LANG: 'de_DE.ISO-8859-15@euro' }, 'LATIN9'],
    [{ LANG: 'en_US.UTF-8', LC_ALL: 'C' }, 'SQL_ASCII'],
    [{ LANG: 'en_US.UTF-8', LC_CTYPE: 'ja_JP.eucJP' }, 'EUC_JP'],
    [{ LANG: 'xx_XX.SOMETHING' }, 'SQL_ASCII'],
    [{}, 'SQL_ASCII'],
  ])('%j: %s', (environment, encoding) => {
    expect(localeEncoding(environment)).toBe(encoding);
  });

  it('is not what is sent', () => {
    const encodingOf = (text: string) => {
      const target = targetFromUri(text, {}, null);
      return target.protocol === 'postgres' ? target.settings.clientEncoding : undefined;
    };
    expect(encodingOf('host=db client_encoding=auto')).toBe(localeEncoding(process.env));
    expect(encodingOf('host=db client_encoding=LATIN1')).toBe('LATIN1');
    expect(encodingOf('host=db')).toBeUndefined();
  });
});
