/** The common name of a subject as traces write it (RFC 4514, `CN=app_user, O=…`); the whole subject where it has none. */
export function commonName(subject: string): string {
  const match = /(?:^|[,+]\s*)CN=((?:\\.|[^,+\\])*)/i.exec(subject);
  return match ? match[1].replace(/\\(.)/g, '$1').trim() : subject;
}
