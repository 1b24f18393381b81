import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';

/** A run tries a few settings in turn; more than these are not worth keeping. */
const LIMIT = 8;

const made = new Map<string, SecureContext>();

/**
 * The context for a client's options, made once: it holds no state of a connection, and making it takes as long as a round trip. One
 * with a private key is made anew, so that no key outlives its use.
 *
 * @throws what OpenSSL says of options that it refuses
 */
export function clientContext(options: SecureContextOptions): SecureContext {
  const { ca, crl, minVersion, maxVersion, cert, key, passphrase } = options;
  if (cert !== undefined || key !== undefined || passphrase !== undefined)
    return createSecureContext(options);
  const name = JSON.stringify([ca, crl, minVersion, maxVersion]);
  const known = made.get(name);
  if (known) return known;
  const context = createSecureContext(options);
  if (made.size >= LIMIT) made.clear();
  made.set(name, context);
  return context;
}
