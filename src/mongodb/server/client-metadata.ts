/** Who the client says it is, in its first hello (mongos `src/mongo/rpc/metadata/client_metadata.cpp`, `ClientMetadataIsMasterState`). */

import { MongoCode } from '../errors';
import { BsonType } from '../wire/bson-span';
import { type BsonView, bsonValueText } from '../wire/bson-value';
import type { Operation } from './operation';
import { failure, type Result, success } from './status';

const MISSING_FIELD = 183;
const APPLICATION_NAME_TOO_LARGE = 184;
const DOCUMENT_TOO_LARGE = 185;
const CANNOT_BE_MUTATED = 186;

/** Bytes of the document: mongos adds to it before mongod sees it, and so takes less. */
const MAX_DOCUMENT = { mongos: 512, mongod: 1_024 } as const;
const MAX_APPLICATION_NAME = 128;

/** Sub-documents and the strings in them that have to be there. */
const REQUIRED: readonly (readonly [string, readonly string[]])[] = [
  ['driver', ['name', 'version']],
  ['os', ['type']],
];

/** Refuses what is not as the handshake specification says, and logs what is. */
export function takeClientMetadata(operation: Operation): Result<void> {
  const { client, command, service } = operation;
  const isFirst = !client.saidHello;
  client.saidHello = true;
  const span = command.get('client');
  if (!span || !service.knowsClientMetadata) return success(undefined);
  if (!isFirst) {
    return failure(CANNOT_BE_MUTATED, 'The client metadata document may only be sent in the first hello');
  }
  const document = command.document('client');
  if (!document) return failure(MongoCode.TYPE_MISMATCH, 'The client metadata document must be a document');
  const limit = MAX_DOCUMENT[service.role];
  if (span.valueLength > limit) {
    const text = `The client metadata document must be less then or equal to ${limit} bytes`;
    return failure(DOCUMENT_TOO_LARGE, text);
  }
  const checked = check(document);
  if (checked.ok) {
    const text = describe(document);
    operation.log(
      'NETWORK',
      `received client metadata from ${client.remote} conn${client.connectionId}: ${text}`,
    );
    operation.stage('ClientMetadata::parse', text);
  }
  return checked;
}

function check(document: BsonView): Result<void> {
  const application = document.document('application');
  if (document.has('application') && !application)
    return wrongType('application', 'is required to be a BSON document');
  const name = application?.get('name');
  if (name && name.type !== BsonType.STRING) return wrongType('application.name', 'must be a string');
  // A string's length word and its NUL are not part of it.
  if (name && name.valueLength - 5 > MAX_APPLICATION_NAME) {
    const text = `The 'application.name' field must be less then or equal to ${MAX_APPLICATION_NAME} bytes in the client metadata document`;
    return failure(APPLICATION_NAME_TOO_LARGE, text);
  }
  for (const [part, fields] of REQUIRED) {
    const inner = document.document(part);
    if (document.has(part) && !inner) return wrongType(part, 'is required to be a BSON document');
    if (!inner) return missing(`sub-document '${part}'`);
    for (const field of fields) {
      if (!inner.has(field)) return missing(`field '${part}.${field}'`);
      if (inner.string(field) === undefined) return wrongType(`${part}.${field}`, 'must be a string');
    }
  }
  return success(undefined);
}

function missing(what: string): Result<void> {
  return failure(MISSING_FIELD, `Missing required ${what} in the client metadata document`);
}

function wrongType(field: string, how: string): Result<void> {
  return failure(MongoCode.TYPE_MISMATCH, `The '${field}' field ${how} in the client metadata document`);
}

/** `driver: nodejs 7.8.0, os: Linux`, and the application's name if there is one. */
function describe(document: BsonView): string {
  const parts = ['application', 'driver', 'os', 'platform'].flatMap((part) => {
    const inner = document.document(part);
    const values = inner?.elements
      .slice(0, 4)
      .map((span) => bsonValueText(inner.bytes, span, MAX_APPLICATION_NAME));
    return values ? [`${part}: ${values.join(' ')}`] : [];
  });
  return parts.join(', ');
}
