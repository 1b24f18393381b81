import type { BsonView } from '../wire/bson-value';
import type { Credentials, Mechanism, MechanismClient, SupportedMechanism } from './mechanism';
import { SUPPORTED_MECHANISMS } from './mechanism';
import { MongoCrClient } from './mongodb-cr';
import { PlainClient } from './plain';
import { ScramMechanism } from './scram';
import { X509Client } from './x509';

/** First wire version with SCRAM-SHA-1 (server 3.0). */
const WIRE_VERSION_3_0 = 3;

/**
 * The mechanism when none was asked for (authentication specification, Defaults): SHA-256 if the server lists it for this user, else
 * SHA-1; MONGODB-CR on servers before 3.0.
 */
export function negotiateMechanism(hello: BsonView): SupportedMechanism {
  if (hello.strings('saslSupportedMechs')?.includes('SCRAM-SHA-256')) return 'SCRAM-SHA-256';
  return (hello.number('maxWireVersion') ?? 0) >= WIRE_VERSION_3_0 ? 'SCRAM-SHA-1' : 'MONGODB-CR';
}

export function isSupported(mechanism: Mechanism): mechanism is SupportedMechanism {
  return (SUPPORTED_MECHANISMS as readonly string[]).includes(mechanism);
}

/** Mechanisms whose first message may ride in hello. */
export function canSpeculate(mechanism: Mechanism): boolean {
  return mechanism === 'SCRAM-SHA-1' || mechanism === 'SCRAM-SHA-256' || mechanism === 'MONGODB-X509';
}

export function createMechanism(mechanism: SupportedMechanism, credentials: Credentials): MechanismClient {
  switch (mechanism) {
    case 'MONGODB-CR':
      return new MongoCrClient(credentials);
    case 'SCRAM-SHA-1':
    case 'SCRAM-SHA-256':
      return new ScramMechanism(mechanism, credentials);
    case 'MONGODB-X509':
      return new X509Client(credentials);
    case 'PLAIN':
      return new PlainClient(credentials);
    default: {
      const never: never = mechanism;
      throw new RangeError(`no mechanism ${never}`);
    }
  }
}
