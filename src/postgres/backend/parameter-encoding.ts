/** The encodings a client can ask for (`pg_encname_tbl`): PostgreSQL's name, and what else it is called. */
const ENCODINGS: Readonly<Record<string, string>> = {
  BIG5: 'win950 windows950',
  EUC_CN: '',
  EUC_JIS_2004: '',
  EUC_JP: '',
  EUC_KR: '',
  EUC_TW: '',
  GB18030: '',
  GBK: 'win936 windows936',
  ISO_8859_5: 'iso88595',
  ISO_8859_6: 'iso88596',
  ISO_8859_7: 'iso88597',
  ISO_8859_8: 'iso88598',
  JOHAB: '',
  KOI8R: 'koi8',
  KOI8U: '',
  LATIN1: 'iso88591',
  LATIN2: 'iso88592',
  LATIN3: 'iso88593',
  LATIN4: 'iso88594',
  LATIN5: 'iso88599',
  LATIN6: 'iso885910',
  LATIN7: 'iso885913',
  LATIN8: 'iso885914',
  LATIN9: 'iso885915',
  LATIN10: 'iso885916',
  MULE_INTERNAL: '',
  SHIFT_JIS_2004: '',
  SJIS: 'mskanji shiftjis win932 windows932',
  SQL_ASCII: '',
  UHC: 'win949 windows949',
  UTF8: 'unicode',
  WIN866: 'alt windows866',
  WIN874: 'windows874',
  WIN1250: 'windows1250',
  WIN1251: 'win windows1251',
  WIN1252: 'windows1252',
  WIN1253: 'windows1253',
  WIN1254: 'windows1254',
  WIN1255: 'windows1255',
  WIN1256: 'windows1256',
  WIN1257: 'windows1257',
  WIN1258: 'abc tcvn tcvn5712 vscii windows1258',
};

const BY_NAME: ReadonlyMap<string, string> = new Map(
  Object.entries(ENCODINGS).flatMap(([name, others]) =>
    [clean(name), ...others.split(' ').filter(Boolean)].map((other) => [other, name] as const),
  ),
);

/** The encoding that is called this, punctuation and case apart; undefined when there is none (`pg_char_to_encoding`). */
export function findEncoding(name: string): string | undefined {
  return BY_NAME.get(clean(name));
}

function clean(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}
