/** A certificate in DER (RFC 5280) with a value in every place that can hold one. It is signed by nobody. */
import { ascii, concat, type Planter, utf8Bytes } from './planter';

export function der(tag: number, ...parts: Uint8Array[]): Uint8Array {
  const body = concat(...parts);
  const { length } = body;
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >>> 8, length & 255];
  return concat(Uint8Array.of(tag, ...head), body);
}

const sequence = (...parts: Uint8Array[]) => der(0x30, ...parts);
const identifier = (...bytes: number[]) => der(0x06, Uint8Array.from(bytes));
const wide = (text: string) => Uint8Array.from([...text].flatMap((letter) => [0, letter.charCodeAt(0)]));
const wider = (text: string) =>
  Uint8Array.from([...text].flatMap((letter) => [0, 0, 0, letter.charCodeAt(0)]));

const COMMON_NAME = identifier(0x55, 4, 3);
const ORGANIZATION = identifier(0x55, 4, 10);
const ECDSA = sequence(identifier(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2));
const KEY_ALGORITHM = sequence(
  identifier(0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1),
  identifier(0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7),
);

/** A distinguished name with a string of every type. */
export function distinguishedName(p: Planter, where: string): Uint8Array {
  const value = (type: string) => p.text(`${where}: ${type}`);
  const strings: readonly [number, Uint8Array][] = [
    [0x0c, utf8Bytes(value('UTF8String'))],
    [0x13, utf8Bytes(value('PrintableString'))],
    [0x14, utf8Bytes(value('TeletexString'))],
    [0x16, utf8Bytes(value('IA5String'))],
    [0x1a, utf8Bytes(value('VisibleString'))],
    [0x1e, wide(value('BMPString'))],
    [0x1c, wider(value('UniversalString'))],
    [0x12, utf8Bytes(value('NumericString'))],
  ];
  return sequence(
    ...strings.map(([tag, text], i) =>
      der(0x31, sequence(i === 0 ? COMMON_NAME : ORGANIZATION, der(tag, text))),
    ),
    der(
      0x31,
      sequence(
        der(0x06, p.bytes(`${where}: object identifier`)),
        der(0x0c, p.bytes(`${where}: value of an unknown attribute`)),
      ),
    ),
  );
}

export function certificate(p: Planter, where: string): Uint8Array {
  const place = (what: string) => `${where}: ${what}`;
  const names = sequence(
    der(0x82, utf8Bytes(`${p.text(place('dNSName'))}.example.test`)),
    der(0x81, utf8Bytes(`${p.text(place('rfc822Name'))}@example.test`)),
    der(0x86, utf8Bytes(`https://${p.text(place('URI'))}/`)),
    der(0x87, utf8Bytes(p.text(place('iPAddress'), 16))),
    der(0x88, p.bytes(place('registeredID'))),
    der(0xa4, distinguishedName(p, place('directoryName'))),
    der(
      0xa0,
      identifier(0x2b, 6, 1, 4, 1, 0x82, 0x37, 20, 2, 3),
      der(0xa0, der(0x0c, p.bytes(place('otherName')))),
    ),
  );
  const extension = (id: Uint8Array, value: Uint8Array) => sequence(id, der(0x04, value));
  const extensions = sequence(
    extension(identifier(0x55, 29, 17), names),
    extension(identifier(0x55, 29, 15), der(0x03, Uint8Array.of(5, 0xa0))),
    extension(identifier(0x55, 29, 14), der(0x04, p.bytes(place('key identifier')))),
    extension(identifier(0x2b, 6, 1, 4, 1, 0x83, 1), p.bytes(place('private extension'), 40)),
    extension(
      identifier(0x2b, 6, 1, 4, 1, 0x83, 2),
      der(0x0c, p.bytes(place('private extension with a string'))),
    ),
    extension(
      der(0x06, p.bytes(place('identifier of an extension'))).slice(0),
      sequence(der(0x02, p.bytes(place('number in an extension')))),
    ),
    extension(
      identifier(0x55, 29, 32),
      sequence(
        sequence(
          identifier(0x55, 29, 32, 0),
          sequence(sequence(identifier(0x2b, 6, 1, 5, 5, 7, 2, 1), der(0x16, p.bytes(place('policy URI'))))),
        ),
      ),
    ),
  );
  const body = sequence(
    der(0xa0, der(0x02, Uint8Array.of(2))),
    der(0x02, p.bytes(place('serial number'))),
    ECDSA,
    distinguishedName(p, place('issuer')),
    sequence(der(0x17, ascii('240101000000Z')), der(0x18, ascii('20990101000000Z'))),
    distinguishedName(p, place('subject')),
    sequence(KEY_ALGORITHM, der(0x03, Uint8Array.of(0, 4), utf8Bytes(p.text(place('public key'), 64)))),
    der(0xa3, extensions),
  );
  const signature = sequence(
    der(0x02, utf8Bytes(p.text(place('signature'), 32))),
    der(0x02, utf8Bytes(p.text(place('signature, second half'), 32))),
  );
  return concat(sequence(body, ECDSA, der(0x03, Uint8Array.of(0), signature)));
}
