import { MongoCode } from '../../errors';
import type { Document } from '../../wire/bson';
import type { BsonView } from '../../wire/bson-value';
import { MAX_MESSAGE_BYTES } from '../../wire/opcodes';
import { authenticate } from '../authenticate';
import type { User } from '../authorization-manager';
import { awaitHelloResponse, continueExhaust } from '../await-hello';
import { takeClientMetadata } from '../client-metadata';
import { mockCredentials } from '../mock-user';
import type { Command, Operation, Reply } from '../operation';
import { saslStart } from '../sasl';
import { failure, success } from '../status';
import { principalOf, userText } from '../user-document';

/** `CmdIsMaster`, under its old and its new name. */
export const hello: Command = {
  name: 'hello',
  aliases: ['isMaster', 'ismaster'],
  requiresAuth: false,
  run(operation, reply) {
    const { command } = operation;
    const asked = command.string('saslSupportedMechs');
    if (command.has('saslSupportedMechs') && (asked === undefined || !asked.includes('.'))) {
      reply(failure(MongoCode.BAD_VALUE, `UserName must contain a '.' separated database.user pair`));
      return;
    }
    const metadata = takeClientMetadata(operation);
    if (!metadata.ok) {
      reply(metadata);
      return;
    }
    awaitHelloResponse(operation, (outcome) => {
      if (!outcome.ok) {
        reply(outcome);
        return;
      }
      answer(operation, asked, reply);
    });
  },
};

function answer(operation: Operation, asked: string | undefined, reply: Reply): void {
  const body = describe(operation);
  mechanismsOf(operation, asked, (mechanisms, user) => {
    const known = mechanisms ? { ...body, saslSupportedMechs: mechanisms } : body;
    speculate(operation, operation.command.document('speculativeAuthenticate'), (speculative) => {
      // Held until here, so that the user is not fetched twice for one hello.
      if (user) operation.service.users.releaseUser(user);
      continueExhaust(operation);
      reply(success(speculative ? { ...known, speculativeAuthenticate: speculative } : known));
    });
  });
}

function describe(operation: Operation): Document {
  const { options } = operation.service;
  const legacy = operation.command.firstName.toLowerCase() === 'ismaster';
  return {
    ...(operation.command.truthy('helloOk') ? { helloOk: true } : {}),
    ...(operation.service.announcesTopology ? { topologyVersion: operation.service.topology.version } : {}),
    [legacy ? 'ismaster' : 'isWritablePrimary']: true,
    // What tells a mongos from a mongod.
    ...(operation.service.options.store ? {} : { msg: 'isdbgrid' }),
    maxBsonObjectSize: 16 * 1024 * 1024,
    maxMessageSizeBytes: MAX_MESSAGE_BYTES,
    maxWriteBatchSize: 100_000,
    localTime: new Date(options.now()),
    ...(options.maxWireVersion >= 6 ? { logicalSessionTimeoutMinutes: 30 } : {}),
    connectionId: operation.client.connectionId,
    ...compression(operation),
    maxWireVersion: options.maxWireVersion,
    minWireVersion: options.minWireVersion,
  };
}

/** Those of the client's compressors that are enabled here, in its order; the field is absent without any. */
function compression({ command, service }: Operation): Document {
  const known: readonly string[] = service.options.compressors;
  const common = command.strings('compression')?.filter((name) => known.includes(name)) ?? [];
  return common.length > 0 ? { compression: common } : {};
}

/**
 * `saslSupportedMechs` of one user: those it has credentials for and the server allows. For a user that does not exist a real server
 * leaves the field out (`SASLServerMechanismRegistry::advertiseMechanismNamesForUser`), and so tells who exists; here the answer is what
 * a new user would have.
 */
function mechanismsOf(
  operation: Operation,
  asked: string | undefined,
  done: (mechanisms: string[] | undefined, user?: User) => void,
): void {
  if (asked === undefined || !operation.service.negotiatesMechanisms) {
    done(undefined);
    return;
  }
  const dot = asked.indexOf('.');
  const { service } = operation;
  const named = { db: asked.slice(0, dot), user: asked.slice(dot + 1) };
  const name = principalOf(named, service.options.testCommands);
  operation.acquireUser(name, (result) => {
    const user = result.ok ? result.value : undefined;
    if (!user) {
      operation.log('ACCESS', `Supported SASL mechanisms requested for unknown user ${userText(name)}`);
    }
    const credentials = user?.document.credentials ?? mockCredentials(service, name);
    const listed = (['SCRAM-SHA-1', 'SCRAM-SHA-256'] as const).filter((mechanism) => {
      const held = credentials[mechanism] !== undefined;
      // SHA-1 can be made of the older digest, see `sasl`.
      const made = mechanism === 'SCRAM-SHA-1' && credentials['MONGODB-CR'] !== undefined;
      return service.allowsFor(mechanism, name) && (held || made);
    });
    done(listed, user);
  });
}

/** The first step of authentication inside hello. A failure is silence: the client then authenticates the usual way. */
function speculate(
  operation: Operation,
  command: BsonView | undefined,
  done: (reply: Document | undefined) => void,
): void {
  const finish = (result: { readonly ok: boolean; readonly value?: Document }): void => {
    done(result.ok ? result.value : undefined);
  };
  if (!command || !operation.service.speculates) {
    done(undefined);
    return;
  }
  switch (command.firstName) {
    case 'saslStart':
      saslStart(operation, command.string('db') ?? 'admin', command, finish);
      return;
    case 'authenticate':
      authenticate(operation, command.string('db') ?? '$external', command, finish);
      return;
    default:
      done(undefined);
  }
}
