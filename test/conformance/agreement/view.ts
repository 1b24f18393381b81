/** What one reader sees in a capture, in words that both readers share. */
export interface CaptureView {
  readonly frames: readonly FrameView[];
  readonly sessions: readonly TlsView[];
  /** In the order of their last frames. */
  readonly messages: readonly MessageView[];
}

export interface FrameView {
  readonly frame: number;
  /** Seconds since 1970 with nine decimals; zero where the file has none. */
  readonly time: string;
  readonly captured: number;
  readonly length: number;
  /** Number of the TCP connection in order of appearance; null for what is not TCP. */
  readonly stream: number | null;
  /** `ADDRESS:PORT` of the sender of a TCP segment. */
  readonly from: string | null;
}

/** What a TLS handshake settled. Null: not said, or not seen. */
export interface TlsView {
  readonly stream: number;
  readonly version: string | null;
  /** IANA name of the cipher suite. */
  readonly cipher: string | null;
  readonly sni: string | null;
  readonly alpn: string | null;
  /** See {@link contentOf}; null where it was not asked for. */
  readonly content: string | null;
}

/** The decrypted application data of both sides, hex. Whose is whose is not said: Wireshark puts first who spoke first. */
export function contentOf(one: string, other: string): string {
  return [one, other].sort().join(' ');
}

/** A message of PostgreSQL, MongoDB or the TLS handshake, or a TLS alert. */
export interface MessageView {
  /** The frame with its last byte. */
  readonly frame: number;
  readonly from: string;
  readonly name: string;
  /** `name=value`, in the order of the message. */
  readonly values: readonly string[];
  /** MongoDB: the elements of its documents. */
  readonly documents?: readonly ElementView[];
}

export interface ElementView {
  readonly name: string;
  /** Undefined where only one of the readers says it in words. */
  readonly value?: string;
  /** Of an embedded document, where it is shown. */
  readonly elements?: readonly ElementView[];
}
