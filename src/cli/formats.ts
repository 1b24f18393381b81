/** What `decode` prints. */
export const DECODE_FORMATS = ['text', 'json', 'ndjson', 'markdown', 'sarif'] as const;
export type DecodeFormat = (typeof DECODE_FORMATS)[number];
