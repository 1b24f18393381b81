import { parseServerFirst } from '../../auth/scram';
import { roleText } from '../../diagnosis/words/en/mongodb-parts';
import type { ServerRole } from '../diagnose/record';
import { codeName } from '../errors';
import { isAwaitable, isServerFinal, type RequestKind, saslPayload } from '../exchange';
import type { BsonView } from '../wire/bson-value';

/** One line about a request. Never holds a secret. */
export function requestSummary(kind: RequestKind, name: string, database: string, command: BsonView): string {
  switch (kind) {
    case 'hello':
      return helloSummary(name, command);
    case 'getnonce':
      return `asks for a nonce, database ${database}`;
    case 'authenticate': {
      const mechanism = command.string('mechanism') || 'MONGODB-CR';
      return `${mechanism} for ${command.string('user') ?? 'the certificate subject'}, database ${database}`;
    }
    case 'saslStart':
      return `${command.string('mechanism') ?? 'no mechanism'}, database ${database}`;
    case 'saslContinue': {
      const empty = saslPayload(command)?.length === 0;
      return `${empty ? 'empty exchange' : 'proof'}, conversation ${command.number('conversationId') ?? '?'}`;
    }
    case 'command':
      return `${name} on ${database || 'no database'}`;
    default: {
      const never: never = kind;
      return never;
    }
  }
}

function helloSummary(name: string, command: BsonView): string {
  const parts = [name];
  const client = command.document('client');
  const driver = client?.document('driver');
  const application = client?.document('application')?.string('name');
  if (driver) parts.push(`driver ${driver.string('name') ?? '?'} ${driver.string('version') ?? ''}`.trim());
  if (application) parts.push(`application ${application}`);
  const mechanismsOf = command.string('saslSupportedMechs');
  if (mechanismsOf) parts.push(`asks for the mechanisms of ${mechanismsOf}`);
  const speculative = command.document('speculativeAuthenticate');
  if (speculative) parts.push(`tries ${speculative.string('mechanism') ?? 'MONGODB-CR'} in advance`);
  if (isAwaitable(command))
    parts.push(`waits up to ${command.number('maxAwaitTimeMS') ?? '?'} ms for a change`);
  return parts.join(', ');
}

/** One line about a reply. */
export function replySummary(kind: RequestKind, reply: BsonView): string {
  if (!reply.truthy('ok')) return errorSummary(reply);
  switch (kind) {
    case 'hello':
      return helloReplySummary(reply);
    case 'getnonce':
      return 'a nonce';
    case 'authenticate':
      return 'authenticated';
    case 'saslStart':
    case 'saslContinue':
      return saslReplySummary(reply);
    case 'command':
      return 'ok';
    default: {
      const never: never = kind;
      return never;
    }
  }
}

/** `18 AuthenticationFailed: Authentication failed.` */
function errorSummary(reply: BsonView): string {
  const code = reply.number('code');
  const text = reply.string('errmsg') ?? reply.string('$err') ?? 'no reason given';
  return code === undefined ? text : `${code} ${reply.string('codeName') ?? codeName(code)}: ${text}`;
}

/** What the server says it is. */
export function serverRole(hello: BsonView): ServerRole {
  if (hello.sharedString('msg') === 'isdbgrid') return 'mongos';
  if (hello.truthy('arbiterOnly')) return 'arbiter';
  if (!hello.has('setName')) return hello.truthy('isreplicaset') ? 'uninitialised' : 'mongod';
  if (hello.truthy('ismaster') || hello.truthy('isWritablePrimary')) return 'primary';
  return hello.truthy('secondary') ? 'secondary' : 'member';
}

function helloReplySummary(reply: BsonView): string {
  const parts = [roleText(serverRole(reply), reply.sharedString('setName'))];
  const max = reply.number('maxWireVersion');
  if (max !== undefined) parts.push(`wire versions ${reply.number('minWireVersion') ?? 0} to ${max}`);
  const mechanisms = reply.strings('saslSupportedMechs');
  if (mechanisms) parts.push(`mechanisms ${mechanisms.join(', ') || 'none'}`);
  const speculative = reply.document('speculativeAuthenticate');
  if (speculative) parts.push(saslReplySummary(speculative));
  return parts.join(', ');
}

function saslReplySummary(reply: BsonView): string {
  const conversation = reply.number('conversationId');
  if (conversation === undefined) return 'authenticated in advance';
  const payload = saslPayload(reply) ?? new Uint8Array(0);
  const first = parseServerFirst(payload);
  const done = reply.truthy('done') ? ', done' : '';
  const what =
    first.issues.length === 0
      ? `challenge, ${first.value.iterations} iterations`
      : payload.length === 0
        ? 'end of the exchange'
        : isServerFinal(payload)
          ? 'server signature'
          : 'answer of the server';
  return `${what}, conversation ${conversation}${done}`;
}
