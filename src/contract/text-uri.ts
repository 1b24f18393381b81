/** Scheme and language id of the annotated text of a capture. */
export const TEXT_SCHEME = 'handshake-trace';

/**
 * The address of a capture's annotated text: the capture's own path with an ending, so that tabs and breadcrumbs read well, and the
 * capture's URI as the query, so that it is found again.
 *
 * @param captureUri as `Uri.toString()` gives it.
 */
export function textUriOf(captureUri: string): string {
  const path = captureUri.replace(/^[a-z][a-z0-9+.-]*:(\/\/[^/]*)?/i, '').replace(/[?#].*$/s, '');
  return `${TEXT_SCHEME}:${path}${TEXT_ENDING}?${encodeURIComponent(captureUri)}`;
}

/** Ending of an annotated text's path; it gives the document its language. */
export const TEXT_ENDING = '.handshake';

/** The capture's URI, or null when `uri` is not the address of an annotated text. */
export function captureUriOf(uri: string): string | null {
  if (!uri.startsWith(`${TEXT_SCHEME}:`)) return null;
  const query = uri.indexOf('?');
  if (query < 0) return null;
  try {
    const end = uri.indexOf('#', query);
    return decodeURIComponent(uri.slice(query + 1, end < 0 ? undefined : end)) || null;
  } catch {
    return null;
  }
}
