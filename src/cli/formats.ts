/** What `decode` prints. */
export const DECODE_FORMATS = ['text', 'list', 'json', 'ndjson', 'markdown', 'sarif'] as const;
export type DecodeFormat = (typeof DECODE_FORMATS)[number];
