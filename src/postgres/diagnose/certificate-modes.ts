import { namesMatch } from '../../tls/host-name';
import { outOfDate } from '../../tls/validity';
import type { TraceBuilder } from '../../trace/builder';
import type { CertificateSummary } from '../../trace/model';
import { addFinding } from './findings';

/** More names of a certificate than this are not told. */
const NAMES = 3;

/** Says what each sslmode makes of the server's certificate, as far as the wire tells: whose root a client trusts, it does not. */
export function certificateFinding(trace: TraceBuilder): void {
  const { tls, startMark } = trace;
  const [leaf] = tls?.certificates ?? [];
  if (!tls || !leaf) return;
  const step = trace.steps.find(
    ({ layer, message, from }) => layer === 'tls' && message === 'Certificate' && from === 'server',
  );
  const problem = dateProblem(tls.certificates, startMark?.seconds ?? 0);
  const detail = problem
    ? `verify-ca and verify-full refuse it (${problem})`
    : trustWords(tls.certificates, tls.sni);
  addFinding(trace, 'PG_CERTIFICATE_BY_SSLMODE', step?.frames ?? [], detail);
}

function dateProblem(chain: readonly CertificateSummary[], seconds: number): string | null {
  for (const certificate of chain) {
    const dated = outOfDate(certificate, seconds);
    if (dated)
      return `${certificate.subject} ${dated.when === 'expired' ? 'expired on' : 'is not valid before'} ${dated.date}`;
  }
  return null;
}

function trustWords(chain: readonly CertificateSummary[], sni: string | null): string {
  const [leaf] = chain;
  const last = chain[chain.length - 1];
  const itself = last.selfSigned && chain.length === 1;
  const root = itself
    ? 'this certificate itself'
    : `the authority ${last.selfSigned ? last.subject : last.issuer}`;
  const names = leaf.names.length > 0 ? leaf.names : [leaf.subject];
  const shown = names.slice(0, NAMES).join(', ') + (names.length > NAMES ? ', …' : '');
  if (sni === null) {
    return `verify-ca accepts it if sslrootcert holds ${root}, verify-full also needs the host to be one of its names (${shown})`;
  }
  if (namesMatch(sni, leaf)) {
    return `verify-ca and verify-full accept it for ${sni} if sslrootcert holds ${root}`;
  }
  return `verify-ca accepts it if sslrootcert holds ${root}; verify-full refuses it because ${sni} is not one of its names (${shown})`;
}
