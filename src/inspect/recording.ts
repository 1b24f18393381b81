import type { Side } from '../base/mark';
import type { LocalEvent } from '../trace/local';
import type { Endpoint, Protocol } from '../trace/model';
import type { CloseKind } from './observer';

/** One thing that happened on a recorded connection. Times are milliseconds since 1970, with a fraction. */
export type RecordedEvent =
  /** The client asked for a TCP connection (SYN). */
  | { readonly kind: 'connect'; readonly time: number }
  /** The server accepted it (SYN+ACK). */
  | { readonly kind: 'accept'; readonly time: number }
  /** The server refused it (RST). */
  | { readonly kind: 'refuse'; readonly time: number }
  /** Bytes on the wire: ciphertext once TLS is on. */
  | { readonly kind: 'bytes'; readonly time: number; readonly from: Side; readonly bytes: Uint8Array }
  | { readonly kind: 'close'; readonly time: number; readonly from: Side; readonly how: CloseKind }
  | { readonly kind: 'local'; readonly time: number; readonly event: LocalEvent };

/**
 * Everything that one connection did, as a live or lab driver saw it. A trace is made of it by the same observers that read a
 * capture, and a capture can be written from it.
 */
export interface Recording {
  readonly source: 'live' | 'lab';
  readonly protocol: Protocol;
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly events: readonly RecordedEvent[];
  /** TLS secrets in NSS key log form; empty without TLS. */
  readonly keyLog: string;
}
