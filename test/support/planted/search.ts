/** Finds values in bytes, by other means than redaction's own check. */

/** Those of the values that are in a file or in what it was decoded to: in any case, in UTF-16, hexadecimal or base64. */
export function foundForms(file: Uint8Array, decoded: string, values: readonly string[]): string[] {
  const raw = Buffer.from(file).toString('latin1');
  const folded = `${raw.toLowerCase()}\n${decoded.toLowerCase()}`;
  const text = `${raw}\n${decoded}`;
  return values.filter((value) => {
    const bytes = Buffer.from(value);
    const wide = [...value].join('\0');
    return (
      [wide, value, bytes.toString('hex')].some((form) => folded.includes(form)) ||
      base64Forms(bytes).some((form) => text.includes(form))
    );
  });
}

/** The middle of what base64 makes of bytes, for each place where they may begin in a group. */
function base64Forms(bytes: Buffer): string[] {
  return [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replaceAll('=', '');
    const from = Math.ceil((before * 8) / 6);
    return encoded.slice(from, Math.floor(((before + bytes.length) * 8) / 6));
  });
}
