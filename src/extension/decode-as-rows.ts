/** Entries beyond what the language server takes are nobody's. */
const MOST = 1_000;
const LONGEST = 100;

/** The setting `decodeAs` as the language server reads it: `10255=mongodb`. Whether each makes sense is for it to say. */
export function decodeAsRows(setting: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(setting)
    .slice(0, MOST)
    .map(([port, protocol]) => `${port}=${String(protocol)}`.slice(0, LONGEST));
}
