import type { Field } from '../trace/model';
import type { ScramAttribute, ScramClientFirst } from './scram';

/** What each attribute is called for a reader, and whether it must be masked (RFC 5802 section 5.1). */
const ATTRIBUTES: Readonly<Record<string, { readonly name: string; readonly secret?: boolean }>> = {
  a: { name: 'authorization identity (a)' },
  n: { name: 'user (n)' },
  m: { name: 'required extension (m)' },
  r: { name: 'nonce (r)', secret: true },
  c: { name: 'channel binding (c)' },
  s: { name: 'salt (s)', secret: true },
  i: { name: 'iterations (i)' },
  p: { name: 'proof (p)', secret: true },
  v: { name: 'server signature (v)', secret: true },
  e: { name: 'error (e)' },
};

/**
 * A message's attributes as fields of a trace step.
 * @param base where the SCRAM message starts in the step's bytes.
 */
export function scramFields(message: { readonly attributes: readonly ScramAttribute[] }, base = 0): Field[] {
  return message.attributes.map((attribute) => {
    const known = ATTRIBUTES[attribute.name];
    return {
      name: known?.name ?? `extension (${attribute.name})`,
      value: attribute.value,
      offset: base + attribute.offset,
      length: attribute.length,
      // An extension's meaning is not known here, so neither is whether it may be shown.
      ...(known === undefined || known.secret ? { secret: true } : {}),
    };
  });
}

const FLAGS = {
  n: 'n: no channel binding',
  y: 'y: the client supports channel binding, the server did not offer it',
  p: 'p: bound to the TLS channel',
} as const;

/** {@link scramFields} of a client-first-message, with the gs2 header before them. */
export function clientFirstFields(message: ScramClientFirst, base = 0): Field[] {
  const header: Field = {
    name: 'channel binding flag',
    value: message.binding === null ? FLAGS[message.flag] : `${FLAGS.p} (${message.binding})`,
    offset: base + message.gs2Header.offset,
    length: message.gs2Header.length,
  };
  return [header, ...scramFields(message, base)];
}
