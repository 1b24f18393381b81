import type { Combination } from './combination';
import { authenticationTable } from './tables/authentication';
import { clientCertificateTable, serverCertificateTable } from './tables/certificates';
import { credentialsTable } from './tables/credentials';
import { encryptionTable } from './tables/encryption';
import { environmentTable } from './tables/environment';
import { hostsTable } from './tables/hosts';
import { protocolTable } from './tables/protocol';
import { scriptedTable } from './tables/scripted';
import { valuesTable } from './tables/values';

/** Every combination, in the order in which they are run. */
export function allCombinations(): Combination[] {
  return [
    ...encryptionTable(),
    ...credentialsTable(),
    ...serverCertificateTable(),
    ...clientCertificateTable(),
    ...authenticationTable(),
    ...protocolTable(),
    ...hostsTable(),
    ...valuesTable(),
    ...environmentTable(),
    ...scriptedTable(),
  ];
}
