import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * A list of nobody's, which revokes nothing: with a folder of lists OpenSSL checks every certificate of a chain, also when the folder has
 * no list for it, and Node does so only once it was given one.
 */
const NOBODYS_LIST = `-----BEGIN X509 CRL-----
MIGRMDowCgYIKoZIzj0EAwIwDDEKMAgGA1UEAwwBLRcNMjYxMTIwMTk0MjI1WhgP
MjEyNjEwMjcxOTQyMjVaMAoGCCqGSM49BAMCA0cAMEQCIGDI7PspE+PTj3SrWDLz
DVFMcVckAuwMSb5Zxofg7pA0AiA1yi/jP8zMxjxUh7SsalgrnPdzA9ZcYwrDXhE3
kys1Qg==
-----END X509 CRL-----
`;

const LIST = /-----BEGIN X509 CRL-----[^-]+-----END X509 CRL-----/g;

/**
 * The lists of a file and of a folder, each as PEM; undefined when nothing is checked. A file that cannot be read is no error, and then
 * the folder does not count either (`X509_STORE_load_locations`).
 *
 * @param folder holds files that `openssl rehash` has named
 */
export function revocationLists(
  file: string | undefined,
  folder: string | undefined,
): readonly string[] | undefined {
  const own = file === undefined ? [] : listsOf(file);
  if (file !== undefined && own.length === 0) return undefined;
  if (folder === undefined) return own.length > 0 ? own : undefined;
  return [...own, ...hashedFiles(folder).flatMap(listsOf), NOBODYS_LIST];
}

function listsOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').match(LIST) ?? [];
  } catch {
    return [];
  }
}

/** Files that are named as revocation lists: hash of the issuer, `.r`, number. */
function hashedFiles(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => /^[0-9a-f]{8}\.r\d+$/.test(name));
    return names.map((name) => path.join(folder, name));
  } catch {
    return [];
  }
}
