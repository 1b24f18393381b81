import type { Name } from '@peculiar/asn1-x509';

/** Short names of RFC 2253 section 2.3 and those OpenSSL prints beside them; others appear as their number. */
const ATTRIBUTE_NAMES: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.4': 'SN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.12': 'title',
  '2.5.4.42': 'GN',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
  '1.2.840.113549.1.9.1': 'emailAddress',
};

/** Longest text given; a subject of real use has some hundred characters. */
const MAX_TEXT = 2000;

/** A distinguished name as RFC 2253 writes it: most specific part first, `CN=db.example,O=Example`. */
export function nameText(name: Name): string {
  const parts = [...name]
    .reverse()
    .map((part) =>
      [...part]
        .map(({ type, value }) => `${ATTRIBUTE_NAMES[type] ?? type}=${escapeValue(value.toString())}`)
        .join('+'),
    );
  return parts.join(',').slice(0, MAX_TEXT);
}

/** RFC 2253 section 2.4. */
function escapeValue(value: string): string {
  return value.replace(/[,+"\\<>;]|^[ #]| $/g, (character) => `\\${character}`);
}
