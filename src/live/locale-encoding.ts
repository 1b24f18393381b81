/** Names of PostgreSQL for what systems call their character sets (`encoding_match_list` of pg_get_encoding_from_locale). */
const ENCODINGS: Readonly<Record<string, string>> = {
  utf8: 'UTF8',
  ansix341968: 'SQL_ASCII',
  usascii: 'SQL_ASCII',
  eucjp: 'EUC_JP',
  euckr: 'EUC_KR',
  euccn: 'EUC_CN',
  gb2312: 'EUC_CN',
  euctw: 'EUC_TW',
  gbk: 'GBK',
  gb18030: 'GB18030',
  big5: 'BIG5',
  sjis: 'SJIS',
  shiftjis: 'SJIS',
  koi8r: 'KOI8R',
  koi8u: 'KOI8U',
  iso88591: 'LATIN1',
  iso88592: 'LATIN2',
  iso88593: 'LATIN3',
  iso88594: 'LATIN4',
  iso88595: 'ISO_8859_5',
  iso88596: 'ISO_8859_6',
  iso88597: 'ISO_8859_7',
  iso88598: 'ISO_8859_8',
  iso88599: 'LATIN5',
  iso885910: 'LATIN6',
  iso885913: 'LATIN7',
  iso885914: 'LATIN8',
  iso885915: 'LATIN9',
  iso885916: 'LATIN10',
  cp1250: 'WIN1250',
  cp1251: 'WIN1251',
  cp1252: 'WIN1252',
};

/**
 * What `client_encoding=auto` stands for: the encoding of the user's locale (`pqConnectOptions2`, `pg_get_encoding_from_locale`).
 * Without a character set in it, as in the locales C and POSIX, that is SQL_ASCII.
 *
 * @param environment where LC_ALL, LC_CTYPE or LANG names the locale
 */
export function localeEncoding(environment: Readonly<Record<string, string | undefined>>): string {
  const locale = environment.LC_ALL || environment.LC_CTYPE || environment.LANG || 'C';
  const charset = /\.([^@]+)/.exec(locale)?.[1] ?? '';
  return ENCODINGS[charset.toLowerCase().replaceAll(/[^a-z0-9]/g, '')] ?? 'SQL_ASCII';
}
