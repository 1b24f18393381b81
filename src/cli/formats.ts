/** What `decode` prints. */
export const DECODE_FORMATS = ['text', 'list', 'json', 'ndjson', 'markdown', 'sarif'] as const;
export type DecodeFormat = (typeof DECODE_FORMATS)[number];

/** Versions of the JSON form: 2 has causes, 1 is what it was before them. */
export const JSON_VERSIONS = ['1', '2'] as const;
export type JsonVersion = (typeof JSON_VERSIONS)[number];
