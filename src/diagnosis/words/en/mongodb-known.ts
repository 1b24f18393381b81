/** What a capture shows of a MongoDB connection although something of it is missing. */
import { serverText } from './mongodb-parts';

interface Known {
  readonly role: string;
  readonly setName: string | null;
  readonly authenticated: boolean;
  /** That of the login that was tried. */
  readonly mechanism: string | null;
  readonly commandsOk: number;
  /** Replies to hello: those that were streamed, and those that were asked for. */
  readonly streamed: number;
  readonly helloAnswered: number;
  readonly messages: { readonly client: number; readonly server: number };
  /** Null while the connection is open. */
  readonly ending: 'together' | { readonly by: string; readonly how: string } | null;
}

/** Part of a sentence; null where nothing was read. */
export function knownText(known: Known): string | null {
  const { helloAnswered, streamed, mechanism, commandsOk, messages } = known;
  const server = serverText({ role: known.role, setName: known.setName ?? undefined });
  const end = endText(known.ending);
  if (known.authenticated) return `a login succeeded${end}`;
  if (mechanism !== null) return `a login with ${mechanism} was under way${end}`;
  if (commandsOk > 0) return `commands were answered${end}`;
  if (streamed > 0) return `${server} streamed hello replies to a monitor${end}`;
  if (helloAnswered > 0) {
    const often = helloAnswered === 1 ? 'once' : `${helloAnswered} times`;
    return `${server} answered hello ${often}, and nothing else was seen, so whether the client logged in before is not known${end}`;
  }
  if (messages.client > 0) return `${messages.client} messages from the client were read`;
  return messages.server > 0 ? `${messages.server} messages from the server were read${end}` : null;
}

function endText(ending: Known['ending']): string {
  if (ending === null) return '';
  return ending === 'together' ? '; then both sides closed it' : `; then the ${ending.by} ${ending.how} it`;
}
