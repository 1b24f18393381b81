import { parseClientFinal, parseClientFirst, parseServerFinal, parseServerFirst } from '../../auth/scram';
import { clientFirstFields, scramFields } from '../../auth/scram-fields';
import type { Side } from '../../base/mark';
import type { Field } from '../../trace/model';
import { isServerFinal, type RequestKind } from '../exchange';
import { type BsonDocumentSpan, type BsonSpan, BsonType } from '../wire/bson-span';
import { BsonView, bsonValueText } from '../wire/bson-value';
import { compressorName, HEADER_BYTES, MsgFlag, opcodeName } from '../wire/opcodes';
import type { WireMessage } from '../wire/wire';

/** What is needed to know which values are secret and how a payload is to be read. */
export interface FieldContext {
  readonly from: Side;
  readonly kind: RequestKind;
  /** SASL mechanism of the conversation; null when it is not known or there is none. */
  readonly mechanism: string | null;
}

const LIMITS = { fields: 400, depth: 8 } as const;

/** Names whose values never leave unmasked, in any document. */
const SECRETS = new Set([
  'pwd',
  'password',
  'passphrase',
  'nonce',
  'secretAccessKey',
  'sessionToken',
  'clientSecret',
  'privateKey',
  'storedKey',
  'serverKey',
  'salt',
  'MONGODB-CR',
  'jwt',
  'accessToken',
]);

/** Besides, in the commands of an authentication and in what hello carries of one. */
const AUTH_SECRETS = new Set(['payload', 'key', 'digest']);

/** Commands that log in elsewhere, and hold the nonce and the key of it (mongod up to 4.0), in lower case. */
const AUTH_COMMANDS: ReadonlySet<string> = new Set(['copydb', 'copydbgetnonce', 'copydbsaslstart', 'clone']);

/** Length and subtype in front of a binary value's bytes (bsonspec.org). */
const BINARY_HEADER = 5;

/** All fields of a message, with their byte ranges from the header's first byte. */
export function messageFields(bytes: Uint8Array, message: WireMessage, context: FieldContext): Field[] {
  return [...headerFields(message), ...bodyFields(bytes, message, context)];
}

function headerFields(message: WireMessage): Field[] {
  const { messageLength, requestId, responseTo, opcode } = message.header;
  return [
    { name: 'messageLength', value: String(messageLength), offset: 0, length: 4 },
    { name: 'requestID', value: String(requestId), offset: 4, length: 4 },
    { name: 'responseTo', value: String(responseTo), offset: 8, length: 4 },
    { name: 'opCode', value: `${opcodeName(opcode) ?? '?'} (${opcode})`, offset: 12, length: 4 },
  ];
}

function bodyFields(bytes: Uint8Array, message: WireMessage, context: FieldContext): Field[] {
  const at = HEADER_BYTES;
  const flag = (flags: number): Field => ({
    name: 'flagBits',
    value: `0x${flags.toString(16)}`,
    offset: at,
    length: 4,
  });
  const document = (name: string, span: BsonDocumentSpan): Field => documentField(bytes, name, span, context);
  switch (message.kind) {
    case 'query': {
      const nameLength = message.document.offset - at - 4 - 9;
      const numbers = message.document.offset - 8;
      return [
        flag(message.flags),
        {
          name: 'fullCollectionName',
          value: message.collection,
          offset: at + 4,
          length: Math.max(0, nameLength),
        },
        { name: 'numberToSkip', value: String(message.numberToSkip), offset: numbers, length: 4 },
        { name: 'numberToReturn', value: String(message.numberToReturn), offset: numbers + 4, length: 4 },
        document('query', message.document),
      ];
    }
    case 'reply':
      return [
        flag(message.flags),
        { name: 'cursorID', value: String(message.cursorId), offset: at + 4, length: 8 },
        { name: 'startingFrom', value: String(message.startingFrom), offset: at + 12, length: 4 },
        { name: 'numberReturned', value: String(message.numberReturned), offset: at + 16, length: 4 },
        ...message.documents.slice(0, 4).map((span) => document('document', span)),
      ];
    case 'msg': {
      const budget = { left: LIMITS.fields };
      const sequences = message.sequences.map((sequence) => {
        const fields = sequence.documents.flatMap(({ elements }) =>
          secretsWithin(bytes, elements, context, budget),
        );
        return {
          name: `sequence ${sequence.identifier}`,
          value: `${sequence.documents.length} documents`,
          offset: sequence.offset,
          length: sequence.length,
          ...(fields.length > 0 ? { fields } : {}),
        };
      });
      const names = [
        message.flags & MsgFlag.CHECKSUM_PRESENT ? 'checksumPresent' : '',
        message.flags & MsgFlag.MORE_TO_COME ? 'moreToCome' : '',
        message.flags & MsgFlag.EXHAUST_ALLOWED ? 'exhaustAllowed' : '',
      ].filter((name) => name !== '');
      const flags = { ...flag(message.flags), ...(names.length > 0 ? { value: names.join(', ') } : {}) };
      const fields = [flags, document('body', message.document), ...sequences];
      if (message.checksum === null) return fields;
      const offset = message.header.messageLength - 4;
      return [
        ...fields,
        { name: 'checksum', value: `0x${message.checksum.toString(16)}`, offset, length: 4 },
      ];
    }
    case 'command': {
      // Two strings that end with a zero byte.
      const nameAt = Math.max(at, bytes.indexOf(0, at) + 1);
      const nameLength = Math.max(0, bytes.indexOf(0, nameAt) - nameAt);
      return [
        { name: 'database', value: message.database, offset: at, length: Math.max(0, nameAt - 1 - at) },
        { name: 'commandName', value: message.commandName, offset: nameAt, length: nameLength },
        document('arguments', message.document),
      ];
    }
    case 'commandReply':
      return [document('commandReply', message.document)];
    case 'compressed':
      return [
        {
          name: 'originalOpcode',
          value: opcodeName(message.originalOpcode) ?? String(message.originalOpcode),
          offset: at,
          length: 4,
        },
        { name: 'uncompressedSize', value: String(message.uncompressedSize), offset: at + 4, length: 4 },
        {
          name: 'compressorId',
          value: `${compressorName(message.compressorId)} (${message.compressorId})`,
          offset: at + 8,
          length: 1,
        },
        {
          name: 'compressedMessage',
          value: 'not read',
          offset: at + 9,
          length: Math.max(0, message.header.messageLength - at - 9),
        },
      ];
    case 'retired':
      return [];
    default: {
      const never: never = message;
      return never;
    }
  }
}

function documentField(
  bytes: Uint8Array,
  name: string,
  span: BsonDocumentSpan,
  context: FieldContext,
): Field {
  const budget = { left: LIMITS.fields };
  // Ordinary commands are data: their first level says enough, and what is deeper is not shown.
  const depth = context.kind === 'command' ? 1 : LIMITS.depth;
  const { elements, offset, length } = span;
  return {
    name,
    value: `${elements.length} fields`,
    offset,
    length,
    fields: elementFields(bytes, elements, context, depth, budget),
  };
}

function elementFields(
  bytes: Uint8Array,
  elements: readonly BsonSpan[],
  context: FieldContext,
  depth: number,
  budget: { left: number },
): Field[] {
  const fields: Field[] = [];
  for (const element of elements) {
    if (budget.left-- <= 0) break;
    fields.push(elementField(bytes, element, elements, context, depth, budget));
  }
  return fields;
}

function elementField(
  bytes: Uint8Array,
  element: BsonSpan,
  siblings: readonly BsonSpan[],
  context: FieldContext,
  depth: number,
  budget: { left: number },
): Field {
  const secret = isSecret(element.name, context.kind, siblings);
  const { name, offset, length } = element;
  if (element.name === 'payload' && element.type === BsonType.BINARY && secret) {
    const parts = payloadFields(bytes, element, siblings, context);
    // A SCRAM message is shown by its attributes, each of which knows whether it is secret.
    if (parts.length > 0) {
      return {
        name,
        offset,
        length,
        value: `SCRAM message of ${element.valueLength - BINARY_HEADER} bytes`,
        fields: parts,
      };
    }
  }
  const value = bsonValueText(bytes, element);
  if (!element.children || depth <= 1) {
    if (secret) return { name, offset, length, value, secret };
    const hidden = element.children ? secretsWithin(bytes, element.children, context, budget) : [];
    return hidden.length > 0
      ? { name, offset, length, value, fields: hidden }
      : { name, offset, length, value };
  }
  // What speculativeAuthenticate holds is a command of its own, or the answer to one.
  const inner =
    element.name === 'speculativeAuthenticate'
      ? { ...context, kind: speculativeKind(element.children) }
      : context;
  const fields = elementFields(bytes, element.children, inner, depth - 1, budget);
  return secret ? { name, offset, length, value, secret, fields } : { name, offset, length, value, fields };
}

function speculativeKind(children: readonly BsonSpan[]): RequestKind {
  return children[0]?.name === 'authenticate' ? 'authenticate' : 'saslStart';
}

function isSecret(name: string, kind: RequestKind, siblings: readonly BsonSpan[]): boolean {
  if (SECRETS.has(name)) return true;
  if (!AUTH_SECRETS.has(name)) return false;
  return kind !== 'command' || AUTH_COMMANDS.has((siblings[0]?.name ?? '').toLowerCase());
}

/** The secrets of a document that is not shown: its bytes are shown all the same, and must not hold them. */
function secretsWithin(
  bytes: Uint8Array,
  elements: readonly BsonSpan[],
  context: FieldContext,
  budget: { left: number },
): Field[] {
  const found: Field[] = [];
  for (const element of elements) {
    if (budget.left <= 0) break;
    const { name, offset, length, children } = element;
    if (isSecret(name, context.kind, elements)) {
      budget.left--;
      found.push({ name, offset, length, value: bsonValueText(bytes, element), secret: true });
    } else if (children) found.push(...secretsWithin(bytes, children, context, budget));
  }
  return found;
}

/**
 * A SCRAM message inside a payload, attribute by attribute. Nothing for other mechanisms and for a damaged message: what is not
 * understood is secret as a whole.
 */
function payloadFields(
  bytes: Uint8Array,
  element: BsonSpan,
  siblings: readonly BsonSpan[],
  context: FieldContext,
): Field[] {
  const mechanism = new BsonView(bytes, siblings).string('mechanism') ?? context.mechanism;
  const at = element.valueOffset + BINARY_HEADER;
  const payload = bytes.subarray(at, element.valueOffset + element.valueLength);
  if (!mechanism?.startsWith('SCRAM-') || payload.length === 0) return [];
  if (context.from === 'client' && context.kind === 'saslStart') {
    const { value, issues } = parseClientFirst(payload);
    return issues.length > 0 ? [] : clientFirstFields(value, at);
  }
  const { value, issues } = scramReader(context.from, payload)(payload);
  return issues.length > 0 ? [] : scramFields(value, at);
}

function scramReader(from: Side, payload: Uint8Array) {
  if (from === 'client') return parseClientFinal;
  return isServerFinal(payload) ? parseServerFinal : parseServerFirst;
}
