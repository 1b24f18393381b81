/** Distinguished names as MongoDB compares them: RFC 2253 text, the whole of it, character by character. */

/** The attributes that make two certificates of one cluster (`net.ssl.clusterFile`, "Member Certificate Requirements"). */
const MEMBER_ATTRIBUTES = new Set(['O', 'OU', 'DC']);

/** Longest name compared attribute by attribute. */
const MAX_LENGTH = 2_000;

/**
 * The attributes of a name, `CN=app`, in order of the text, with the name of the attribute in capitals and without the spaces around
 * separators. Separators are `,`, `;` and `+` (RFC 2253 section 4), and a leading or separating `/` of OpenSSL's one-line form.
 */
export function subjectAttributes(text: string): string[] {
  const name = text.slice(0, MAX_LENGTH);
  const separators = name.startsWith('/') ? '/' : ',;+';
  const parts: string[] = [];
  let part = '';
  for (let at = 0; at < name.length; at++) {
    if (name[at] === '\\') part += name.slice(at, ++at + 1);
    else if (separators.includes(name[at])) {
      parts.push(part);
      part = '';
    } else part += name[at];
  }
  return [...parts, part].map(attribute).filter((one) => one !== '');
}

function attribute(part: string): string {
  const equals = part.indexOf('=');
  if (equals < 0) return part.trim();
  return `${part.slice(0, equals).trim().toUpperCase()}=${part.slice(equals + 1).trim()}`;
}

/** Not the same text, but the same attributes: written in another order, with spaces or in OpenSSL's one-line form. */
export function isRewritten(one: string, other: string): boolean {
  return one !== other && joined(subjectAttributes(one)) === joined(subjectAttributes(other));
}

/**
 * Whether a server would take the owner of `client` for another member of its cluster: O, OU and DC of both subjects are the same, and
 * there is at least one of them.
 */
export function isMember(client: string, server: string): boolean {
  const [ours, theirs] = [client, server].map((subject) =>
    joined(subjectAttributes(subject).filter((one) => MEMBER_ATTRIBUTES.has(one.split('=', 1)[0]))),
  );
  return ours !== '' && ours === theirs;
}

function joined(attributes: readonly string[]): string {
  return [...attributes].sort().join('\n');
}
