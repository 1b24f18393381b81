import { visible } from '../../base/shown/characters';
import { shownWithin } from '../../base/shown/cut';
import { oneLine } from '../../trace/text';

export { endpointText, framesText, oneLine, protocolName } from '../../trace/text';

/** `12.3 ms`, `1.20 s`; three significant digits are what a reader compares. The space does not break. */
export function formatMillis(millis: number): string {
  if (!Number.isFinite(millis)) return '–';
  const size = Math.abs(millis);
  if (size >= 60_000) return `${(millis / 60_000).toFixed(1)}\u00a0min`;
  if (size >= 1_000) return `${(millis / 1_000).toFixed(size >= 10_000 ? 1 : 2)}\u00a0s`;
  if (size >= 100) return `${millis.toFixed(0)}\u00a0ms`;
  if (size >= 10) return `${millis.toFixed(1)}\u00a0ms`;
  return `${millis.toFixed(2)}\u00a0ms`;
}

/** `0:07`, `12:30`, `1:02:03`: a time that is running. */
export function formatDuration(millis: number): string {
  const seconds = Math.max(0, Math.floor(millis / 1000));
  const two = (number: number) => String(number).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** `8 B`, `2.4 KB`, `1.3 MB`: decimal units. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes}\u00a0B`;
  const units = ['KB', 'MB', 'GB', 'TB'];
  let value = bytes / 1_000;
  let unit = 0;
  while (value >= 1_000 && unit < units.length - 1) {
    value /= 1_000;
    unit++;
  }
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)}\u00a0${units[unit]}`;
}

/** The time of day of an ISO 8601 UTC time with milliseconds: `12:00:03.123`; the text itself when it is not one. */
export function clockTime(iso: string): string {
  const at = /T(\d\d:\d\d:\d\d)(\.\d{1,3})?/.exec(iso);
  return at ? `${at[1]}${at[2] ?? ''}` : oneLine(iso);
}

export interface StateName {
  /** The part that many names share, such as `CONNECTION_`; drawn quietly. */
  readonly prefix: string;
  readonly rest: string;
}

/** Splits libpq's `CONNECTION_` from the part that tells states apart. */
export function splitState(name: string): StateName {
  const prefix = 'CONNECTION_';
  return name.startsWith(prefix) && name.length > prefix.length
    ? { prefix, rest: name.slice(prefix.length) }
    : { prefix: '', rest: name };
}

/** `1 handshake`, `5,000 handshakes`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** The words of a name, after underscores and before capitals: where a line may break. Joined they are the name again. */
export function breakWords(name: string): string[] {
  return oneLine(name).split(/(?<=_)|(?<=[a-z0-9])(?=[A-Z])/);
}

/** More than a page has room for; a field's value as it was sent is beside it, as bytes. */
const LONGEST = 4_000;

/** A text as a page draws it. Ends of lines stay: in a page they are space. */
export function shownText(text: string): string {
  return shownWithin(text, LONGEST, visibleLines);
}

function visibleLines(text: string): string {
  return text.includes('\n') ? text.split('\n').map(visible).join('\n') : visible(text);
}
