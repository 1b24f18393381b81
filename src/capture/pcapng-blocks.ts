import { SECTION_HEADER } from './format';

/** Block types (draft-ietf-opsawg-pcapng section 10.1). */
export const INTERFACE_DESCRIPTION = 1;
export const OBSOLETE_PACKET = 2;
export const SIMPLE_PACKET = 3;
export const NAME_RESOLUTION = 4;
export const INTERFACE_STATISTICS = 5;
export const ENHANCED_PACKET = 6;
export const DECRYPTION_SECRETS = 10;

/** Blocks without a packet that Wireshark numbers as frames: custom (both kinds), systemd journal, sysdig events. */
export const NUMBERED_WITHOUT_PACKET = new Set([0xbad, 0x40000bad, 9, 0x204, 0x208, 0x216, 0x221]);

/** Types that a search after damage takes for the beginning of a block. */
export const KNOWN_TYPES = new Set([
  INTERFACE_DESCRIPTION,
  OBSOLETE_PACKET,
  SIMPLE_PACKET,
  NAME_RESOLUTION,
  INTERFACE_STATISTICS,
  ENHANCED_PACKET,
  DECRYPTION_SECRETS,
  SECTION_HEADER,
  ...NUMBERED_WITHOUT_PACKET,
]);

/** Bytes of an enhanced packet block besides packet and options. */
export const ENHANCED_OVERHEAD = 32;

/** Shortest whole block of each type, bytes; 12 for the others. */
export const MIN_LENGTH: ReadonlyMap<number, number> = new Map([
  [SECTION_HEADER, 28],
  [INTERFACE_DESCRIPTION, 20],
  [OBSOLETE_PACKET, 32],
  [SIMPLE_PACKET, 16],
  [ENHANCED_PACKET, ENHANCED_OVERHEAD],
  [DECRYPTION_SECRETS, 20],
]);

export const MIN_BLOCK_LENGTH = 12;
/** Longest block read, bytes: 16 MiB, as Wireshark's. It also bounds a packet. A longer one is taken for damage. */
export const MAX_BLOCK_LENGTH = 16 << 20;
