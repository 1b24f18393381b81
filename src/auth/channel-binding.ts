/** Binding of a SCRAM exchange to its TLS channel (RFC 5802 section 6, RFC 5929). */
import { concat, utf8Bytes } from '../base/bytes';

/**
 * - `n` the client does not know channel binding, or there is no TLS;
 * - `y` the client could, but believes the server cannot: a server that can takes it for a downgrade;
 * - `p` bound: `data` is the hash of the server's certificate, from `tlsServerEndPoint`.
 */
export type ChannelBinding =
  | { readonly flag: 'n' }
  | { readonly flag: 'y' }
  | { readonly flag: 'p'; readonly type: 'tls-server-end-point'; readonly data: Uint8Array };

/** gs2-header without an authorization identity, which neither PostgreSQL nor MongoDB uses. */
export function gs2HeaderOf(binding: ChannelBinding): string {
  return binding.flag === 'p' ? `p=${binding.type},,` : `${binding.flag},,`;
}

/** What `c=` encodes: the gs2-header, then the binding's data. */
export function bindingInput(binding: ChannelBinding): Uint8Array {
  const header = utf8Bytes(gs2HeaderOf(binding));
  return binding.flag === 'p' ? concat(header, binding.data) : header;
}
