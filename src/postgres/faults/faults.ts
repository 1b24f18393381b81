import type { Fault } from './fault';
import { ENCRYPTION_FAULTS } from './faults-encryption';
import { SCRAM_FAULTS } from './faults-scram';
import { SESSION_FAULTS } from './faults-session';
import { STARTUP_FAULTS } from './faults-startup';
import { TLS_FAULTS } from './faults-tls';

export type { Fault, FaultLine, FaultPoint, FaultTls } from './fault';

/** Every fault of the PostgreSQL lab, in the order of the steps of a connection. */
export const FAULTS: readonly Fault[] = [
  ...ENCRYPTION_FAULTS,
  ...TLS_FAULTS,
  ...STARTUP_FAULTS,
  ...SCRAM_FAULTS,
  ...SESSION_FAULTS,
];

export function findFault(name: string): Fault | undefined {
  return FAULTS.find((fault) => fault.name === name);
}
