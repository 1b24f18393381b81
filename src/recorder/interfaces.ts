import type { NetworkInterface } from '../contract/values';

/** More than any machine has; a list that is longer is cut. */
const MAX_INTERFACES = 200;
const LINE = /^\s*\d+\.\s?(.+)$/;
/** Sources that carry no IP: there is no handshake to be found on them. */
const NO_IP =
  /^(bluetooth|usbmon|usb|dbus-|nfqueue|ciscodump|dpauxmon|randpkt|sdjournal|sshdump|udpdump|wifidump)/i;

/**
 * Reads what `dumpcap -D -M` prints, or `dumpcap -D`. A line of the first has, with tabs between them: number and name, the driver's
 * description, the friendly name, a number for the kind, addresses with commas, `loopback` or `network` (dumpcap.c,
 * print_machine_readable_interfaces).
 */
export function parseDumpcapList(output: string): NetworkInterface[] {
  return parseLines(output, (rest) => {
    const columns = rest.split('\t');
    if (columns.length < 6) return plain(rest);
    const [name, driver, friendly, , addresses, kind] = columns.map((column) => column.trim());
    return {
      name,
      title: friendly || driver || null,
      addresses: addresses === '' ? [] : addresses.split(',').slice(0, 16),
      loopback: kind === 'loopback',
      all: name === 'any',
    };
  });
}

/** Reads what `tcpdump -D` prints: `3.lo [Up, Running, Loopback]`, `2.any (Pseudo-device …) [Up, Running]`; older ones only names. */
export function parseTcpdumpList(output: string): NetworkInterface[] {
  return parseLines(output, (rest) => {
    const flags = /\s*\[([^\]]*)\]\s*$/.exec(rest);
    const known = plain(flags ? rest.slice(0, flags.index) : rest);
    return flags ? { ...known, loopback: /\bLoopback\b/i.test(flags[1]) } : known;
  });
}

/** Those that can carry a handshake, in the order in which somebody looks for one: all, loopback, those with an address, the rest. */
export function offeredInterfaces(list: readonly NetworkInterface[]): NetworkInterface[] {
  const rank = (one: NetworkInterface) => (one.all ? 0 : one.loopback ? 1 : one.addresses.length > 0 ? 2 : 3);
  return list.filter(({ name }) => !NO_IP.test(name)).sort((a, b) => rank(a) - rank(b));
}

function parseLines(output: string, parse: (rest: string) => NetworkInterface): NetworkInterface[] {
  const found: NetworkInterface[] = [];
  for (const line of output.split(/\r?\n/)) {
    const match = LINE.exec(line);
    if (!match) continue;
    const one = parse(match[1]);
    if (one.name !== '' && one.name.length <= 256 && !found.some(({ name }) => name === one.name))
      found.push(one);
    if (found.length === MAX_INTERFACES) break;
  }
  return found;
}

/** `lo (Loopback)` or `lo`. */
function plain(text: string): NetworkInterface {
  const match = /^(.*?)(?:\s+\((.*)\))?\s*$/.exec(text);
  const name = (match?.[1] ?? text).trim();
  const title = match?.[2] ?? null;
  return {
    name,
    title,
    addresses: [],
    loopback: /^lo\d*$/.test(name) || /loopback/i.test(title ?? ''),
    all: name === 'any',
  };
}
