/** Words for bytes that came where a TLS record was expected: they usually say who answered instead. */
import { hex, utf8 } from '../base/bytes';
import type { Description } from './messages';

/** Beginnings that tell what is spoken instead. */
const SIGNS: readonly {
  readonly test: (bytes: Uint8Array, text: string) => boolean;
  readonly words: string;
}[] = [
  { test: (_, text) => /^HTTP\/\d/.test(text), words: 'an HTTP answer' },
  { test: (_, text) => /^(GET|POST|PUT|HEAD|OPTIONS|CONNECT) /.test(text), words: 'an HTTP request' },
  { test: (_, text) => text.startsWith('SSH-'), words: 'an SSH greeting' },
  {
    test: (b) => b.length > 4 && b[0] === 0x45 && b[1] === 0,
    words: 'a PostgreSQL ErrorResponse in the clear',
  },
  {
    test: (b) => b.length > 4 && b[0] === 0x52 && b[1] === 0,
    words: 'a PostgreSQL Authentication request in the clear',
  },
  { test: (b) => b.length > 2 && (b[0] & 0x80) !== 0 && b[2] === 1, words: 'an SSLv2 ClientHello' },
  { test: (b) => b.length > 4 && b[3] === 0 && b[4] === 0x0a, words: 'a MySQL greeting' },
];

/** @param bytes the first bytes that came, at most some dozens. */
export function describeNotTls(bytes: Uint8Array): Description {
  const text = utf8(bytes);
  const sign = SIGNS.find((candidate) => candidate.test(bytes, text));
  const printable = text.replace(/[^\x20-\x7e]+/g, '·');
  return {
    summary: sign ? `not TLS: ${sign.words}` : 'not TLS',
    fields: [
      { name: 'bytes', value: hex(bytes), offset: 0, length: bytes.length },
      { name: 'text', value: printable, offset: 0, length: bytes.length },
    ],
  };
}
