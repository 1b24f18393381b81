/**
 * What every JavaScript runtime has and neither `lib.es` nor this project's pure rooms get from Node or the DOM.
 * Only the pure type-check includes this file; the other projects use their platform's own declarations.
 */
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(input?: Uint8Array): string;
}
declare class TextEncoder {
  encode(input?: string): Uint8Array<ArrayBuffer>;
}
