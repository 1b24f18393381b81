import { constants, createPrivateKey, X509Certificate } from 'node:crypto';
import type { SecureContextOptions } from 'node:tls';
import { ALPN_PROTOCOL } from '../postgres/constants';
import type { FaultTls } from '../postgres/faults/faults';
import type {
  CertificateAuthority,
  CertificateOptions,
  IssuedCertificate,
  ServerCertificate,
} from './certificates';
import { type ServerTls, serverTls } from './tls-server';

/** The TLS side of a PostgreSQL server: what it shows, and what it binds SCRAM to. */
export interface PostgresTls {
  readonly tls: ServerTls;
  /** What is shown, with its key. */
  readonly shown: ServerCertificate;
  /** DER of the certificate that the backend takes for its own. */
  readonly certificate: Uint8Array;
  /** What clients are told to trust, PEM. */
  readonly caCertificate: string;
}

/** OpenSSL refuses versions this old at its default security level, on the server's side too. */
const TOO_OLD: SecureContextOptions = {
  minVersion: 'TLSv1',
  maxVersion: 'TLSv1.1',
  ciphers: 'DEFAULT:@SECLEVEL=0',
};

/** Issues what the lab's TLS needs. Made when the first certificate is: the libraries behind it are heavy. */
export class LabCertificates {
  #authority: Promise<CertificateAuthority> | undefined;

  issueClient(commonName: string): Promise<IssuedCertificate> {
    return this.#get().then((authority) => authority.issueClient(commonName));
  }

  /**
   * Rejects with OpenSSL's words when a given certificate or its key cannot be loaded.
   *
   * @param given a certificate made before, or what kind to make now
   * @param clients clients are asked for a certificate of this authority (`ssl_ca_file`)
   */
  async make(
    given: ServerCertificate | CertificateOptions | undefined,
    { fault = {}, clients = false }: { readonly fault?: FaultTls; readonly clients?: boolean } = {},
  ): Promise<PostgresTls> {
    const shown =
      given && 'certificate' in given
        ? given
        : await (await this.#get()).issueServer({ ...given, ...wish(fault) });
    checkPair(shown);
    const tls = serverTls(
      shown,
      {
        alpn: fault.noAlpn ? undefined : [ALPN_PROTOCOL],
        requestCertificate: clients,
        refuseUntrusted: clients,
      },
      {
        // As be_tls_init: sessions are not resumed. OpenSSL still sends TLS 1.3's tickets, short ones, because Node cannot set their number.
        secureOptions: constants.SSL_OP_NO_TICKET,
        ...(clients ? { ca: [(await this.#get()).certificate, shown.caCertificate] } : {}),
        ...(fault.tooOld ? TOO_OLD : {}),
      },
    );
    const other = fault.behindProxy || fault.authority ? await this.#other() : undefined;
    return {
      tls,
      shown,
      certificate: derOf(fault.behindProxy && other ? other : shown),
      caCertificate: fault.authority && other ? other.caCertificate : shown.caCertificate,
    };
  }

  #get(): Promise<CertificateAuthority> {
    this.#authority ??= import('./certificates').then((module) => module.CertificateAuthority.create());
    return this.#authority;
  }

  async #other(): Promise<ServerCertificate> {
    return (await import('./certificates')).makeServerCertificate();
  }
}

function wish({ certificate }: FaultTls): CertificateOptions {
  if (certificate === undefined) return {};
  return certificate === 'wrong-name' ? { names: ['db.example.com'] } : { kind: certificate };
}

/** Node takes a certificate without a key and fails at the first client; PostgreSQL refuses to load it. */
function checkPair({ certificate, key }: ServerCertificate): void {
  if (!new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))) {
    throw new Error('the private key does not belong to the certificate');
  }
}

function derOf(certificate: ServerCertificate): Uint8Array {
  return new Uint8Array(new X509Certificate(certificate.certificate).raw);
}
