/** What a capture holds that may be ours and cannot be told: TLS without keys on ports that say nothing. */

/** Ports whose TLS is somebody else's: HTTPS, mail, LDAP, DNS, AMQP, MQTT, Kubernetes. */
const OTHER_TLS = new Set([443, 465, 563, 636, 853, 989, 990, 993, 995, 5061, 5671, 6443, 8443, 8883, 9443]);

/** Servers counted. */
const MAX_SERVERS = 256;
/** Servers named in the notes. */
const MAX_NAMED = 5;

/** Whether TLS on this port says nothing of what is inside. */
export function mayHideOurs(port: number): boolean {
  return !OTHER_TLS.has(port);
}

/** Counts TLS connections by server. */
export class UndecidedTls {
  readonly #counts = new Map<string, number>();
  #others = 0;

  add(server: string): void {
    const known = this.#counts.get(server);
    if (known === undefined && this.#counts.size >= MAX_SERVERS) this.#others++;
    else this.#counts.set(server, (known ?? 0) + 1);
  }

  /** What a reader should know, in sentences: the servers with the most connections first. */
  notes(): string[] {
    const rows = [...this.#counts].sort((a, b) => b[1] - a[1]);
    const notes = rows.slice(0, MAX_NAMED).map(([server, count]) => {
      const what = count === 1 ? '1 TLS connection' : `${count} TLS connections`;
      const port = server.slice(server.lastIndexOf(':') + 1);
      return `${what} to ${server} may be PostgreSQL or MongoDB: give the TLS keys, or say which, in the editor with "Decode Port as…", on the command line with --decode-as ${port}=postgres or ${port}=mongodb.`;
    });
    const rest = rows.slice(MAX_NAMED).reduce((sum, [, count]) => sum + count, this.#others);
    if (rest > 0) notes.push(`${rest} more TLS connections to other servers may be PostgreSQL or MongoDB.`);
    return notes;
  }
}
