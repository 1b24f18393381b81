/** EtherTypes of IP (IEEE 802 numbers). */
export const ETHERTYPE_IPV4 = 0x0800;
export const ETHERTYPE_IPV6 = 0x86dd;

/** What a search for an IP header gives when the packet carries none, or ends before it. */
export const NOT_IP = -1;
