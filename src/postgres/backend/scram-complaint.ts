import { fromBase64 } from '../../auth/base64';
import { latin1 } from '../../base/bytes';

/** What the backend says of a SCRAM message that it does not take: all of it goes to the client. */
export interface ScramComplaint {
  /** SQLSTATE. */
  readonly code: string;
  readonly message: string;
  readonly detail?: string;
}

/** What was agreed on before the message came. */
export interface ScramContext {
  /** The client chose the -PLUS mechanism. */
  readonly plus: boolean;
  readonly secure: boolean;
}

const KEY_LENGTH = 32;

/** A client-first-message as `scram_exchange` and `read_client_first_message` look at it; null when they have no complaint. */
export function firstComplaint(bytes: Uint8Array, { plus, secure }: ScramContext): ScramComplaint | null {
  const read = begin(bytes);
  if ('code' in read) return read;
  switch (read.next()) {
    case 'y':
      if (!plus && secure) {
        return {
          code: '28000',
          message: 'SCRAM channel binding negotiation error',
          detail:
            'The client supports SCRAM channel binding but thinks the server does not.  However, this server does support channel binding.',
        };
      }
      break;
    case 'n':
      break;
    case 'p': {
      if (!plus) {
        return malformed(
          'The client selected SCRAM-SHA-256 without channel binding, but the SCRAM message includes channel binding data.',
        );
      }
      const type = read.attribute('p');
      if (typeof type !== 'string') return type;
      if (type !== 'tls-server-end-point') {
        return { code: '08P01', message: `unsupported SCRAM channel-binding type "${type}"` };
      }
      return rest(read);
    }
    default:
      return malformed(`Unexpected channel-binding flag "${shown(read.next())}".`);
  }
  if (plus) {
    return malformed(
      'The client selected SCRAM-SHA-256-PLUS, but the SCRAM message does not include channel binding data.',
    );
  }
  read.at++;
  if (read.next() !== ',') return malformed(`Comma expected, but found character "${shown(read.next())}".`);
  read.at++;
  return rest(read);
}

/** Behind the channel binding flag. */
function rest(read: Reader): ScramComplaint | null {
  if (read.next() === 'a') {
    return { code: '0A000', message: 'client uses authorization identity, but it is not supported' };
  }
  if (read.next() !== ',')
    return malformed(`Unexpected attribute "${shown(read.next())}" in client-first-message.`);
  read.at++;
  if (read.next() === 'm')
    return { code: '0A000', message: 'client requires an unsupported SCRAM extension' };
  const user = read.attribute('n');
  if (typeof user !== 'string') return user;
  const nonce = read.attribute('r');
  if (typeof nonce !== 'string') return nonce;
  if (!/^[!-~]*$/.test(nonce)) return { code: '08P01', message: 'non-printable characters in SCRAM nonce' };
  while (read.next() !== '') {
    const extension = read.any();
    if ('code' in extension) return extension;
  }
  return null;
}

/** A client-final-message as `read_client_final_message` looks at it; `flag` is the one of the first message. */
export function finalComplaint(
  bytes: Uint8Array,
  { plus }: ScramContext,
  flag: string,
): ScramComplaint | null {
  const read = begin(bytes);
  if ('code' in read) return read;
  const binding = read.attribute('c');
  if (typeof binding !== 'string') return binding;
  // Base64 of the header that the client sent at first: `n,,` or `y,,`.
  if (!plus && binding !== (flag === 'y' ? 'eSws' : 'biws')) {
    return { code: '08P01', message: 'unexpected SCRAM channel-binding attribute in client-final-message' };
  }
  const nonce = read.attribute('r');
  if (typeof nonce !== 'string') return nonce;
  for (;;) {
    const found = read.any();
    if ('code' in found) return found;
    if (found.name !== 'p') continue;
    if (fromBase64(found.value)?.length !== KEY_LENGTH) {
      return malformed('Malformed proof in client-final-message.');
    }
    return read.next() === '' ? null : malformed('Garbage found at the end of client-final-message.');
  }
}

function begin(bytes: Uint8Array): Reader | ScramComplaint {
  if (bytes.length === 0) return malformed('The message is empty.');
  if (bytes.includes(0)) return malformed('Message length does not match input length.');
  return new Reader(latin1(bytes));
}

/** Goes through the attributes of a message, each up to a comma. */
class Reader {
  at = 0;

  constructor(private readonly text: string) {}

  /** Empty at the end. */
  next(): string {
    return this.text.charAt(this.at);
  }

  /** The value of the attribute that must come now (`read_attr_value`). */
  attribute(name: string): string | ScramComplaint {
    if (this.next() !== name)
      return malformed(`Expected attribute "${name}" but found "${shown(this.next())}".`);
    this.at++;
    if (this.next() !== '=') return malformed(`Expected character "=" for attribute "${name}".`);
    return this.#value();
  }

  /** Whatever attribute comes now (`read_any_attr`). */
  any(): { readonly name: string; readonly value: string } | ScramComplaint {
    const name = this.next();
    if (name === '') return malformed('Attribute expected, but found end of string.');
    if (!/^[A-Za-z]$/.test(name)) {
      return malformed(`Attribute expected, but found invalid character "${shown(name)}".`);
    }
    this.at++;
    if (this.next() !== '=') return malformed(`Expected character "=" for attribute "${name}".`);
    return { name, value: this.#value() };
  }

  #value(): string {
    const comma = this.text.indexOf(',', this.at);
    const end = comma < 0 ? this.text.length : comma;
    const value = this.text.slice(this.at + 1, end);
    this.at = comma < 0 ? end : end + 1;
    return value;
  }
}

function malformed(detail: string): ScramComplaint {
  return { code: '08P01', message: 'malformed SCRAM message', detail };
}

/** `sanitize_char`. */
function shown(character: string): string {
  if (/^[!-~]$/.test(character)) return `'${character}'`;
  return `0x${(character.charCodeAt(0) || 0).toString(16).padStart(2, '0')}`;
}
