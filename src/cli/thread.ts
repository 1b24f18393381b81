/** The argument that a thread of `decode` is started with, in place of a command. */
export const DECODE_WORKER = 'decode-worker';
