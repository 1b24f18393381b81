/** The Internet checksum (RFC 1071). */

const TCP = 6;

/** Sum of 16-bit words, big-endian, an odd last byte as the upper half. Below 2^53 for any packet. */
export function sum(bytes: Uint8Array, start: number, end: number): number {
  let total = 0;
  for (let i = start; i + 1 < end; i += 2) total += (bytes[i] << 8) | bytes[i + 1];
  return (end - start) % 2 === 0 ? total : total + (bytes[end - 1] << 8);
}

export function checksum(total: number): number {
  let folded = total;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 65_536);
  return ~folded & 0xffff;
}

/**
 * Makes the checksum of a whole TCP segment right, over the pseudo-header (RFC 9293 section 3.1) too.
 *
 * @param addressesAt offset of the source address, behind which the destination's is. @param addressLength 4 or 16.
 */
export function writeTcpChecksum(
  bytes: Uint8Array,
  addressesAt: number,
  addressLength: number,
  tcpAt: number,
  end: number,
): void {
  bytes.fill(0, tcpAt + 16, tcpAt + 18);
  const pseudo = sum(bytes, addressesAt, addressesAt + 2 * addressLength) + TCP + (end - tcpAt);
  write16(bytes, tcpAt + 16, checksum(pseudo + sum(bytes, tcpAt, end)));
}

/** Makes the checksum of the IPv4 header at `at` right. */
export function writeIpv4Checksum(bytes: Uint8Array, at: number): void {
  bytes.fill(0, at + 10, at + 12);
  write16(bytes, at + 10, checksum(sum(bytes, at, at + (bytes[at] & 0x0f) * 4)));
}

function write16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value & 0xff;
}
