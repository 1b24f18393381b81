/** The ports of a recording, as a person writes them: `5432, 27017, 6000-6010`. */

/** Both ends belong to it; equal for a single port. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** PostgreSQL's and MongoDB's own. */
export const DEFAULT_PORTS = '5432, 27017';

/** More would be no choice any more, and the filter that is made of them grows with each. */
export const MAX_PORT_RANGES = 32;
export const MAX_PORTS_LENGTH = 400;

const HIGHEST = 65_535;

/**
 * Reads a list of ports and ranges, with commas or spaces between them.
 *
 * @returns the ranges in the order written, each once; `error` is a sentence with what to write instead, or null.
 */
export function parsePorts(text: string): {
  readonly ranges: readonly PortRange[];
  readonly error: string | null;
} {
  const refuse = (error: string) => ({ ranges: [], error });
  if (text.length > MAX_PORTS_LENGTH) return refuse('This list is too long; write fewer ports, or ranges.');
  const parts = text
    .replace(/\s*-\s*/g, '-')
    .split(/[\s,;]+/)
    .filter((part) => part !== '');
  if (parts.length === 0) return refuse(`Write at least one port, such as ${DEFAULT_PORTS}.`);
  const ranges: PortRange[] = [];
  for (const part of parts) {
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part);
    if (!match)
      return refuse(
        `"${part.slice(0, 40)}" is not a port; write numbers and ranges, such as 5432, 6000-6010.`,
      );
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (first < 1 || first > HIGHEST || last < 1 || last > HIGHEST)
      return refuse(`${part} is out of range: ports go from 1 to ${HIGHEST}.`);
    if (first > last) return refuse(`${part} runs backwards: write ${last}-${first}.`);
    if (!ranges.some((known) => known.first === first && known.last === last)) ranges.push({ first, last });
  }
  if (ranges.length > MAX_PORT_RANGES)
    return refuse(`At most ${MAX_PORT_RANGES} ports and ranges can be named.`);
  return { ranges, error: null };
}

/** `5432, 6000-6010`. */
export function portsText(ranges: readonly PortRange[]): string {
  return ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(', ');
}

/** The same as people say it: `port 5432`, `ports 5432, 27017`. */
export function namedPorts(text: string): string {
  return `${/^\d+$/.test(text) ? 'port' : 'ports'} ${text}`;
}
