/** What was seen, in English. */
import type { CauseParams } from '../../../trace/diagnosis';

export const EVIDENCE_WORDS = {
  SILENCE: ({ side, seconds, after }: CauseParams) =>
    `no byte from the ${side} for ${seconds} s${after === undefined ? '' : ` after ${after}`}`,
  RESENT: ({ side, times, bytes }: CauseParams) =>
    `${bytes} bytes from the ${side} were sent ${times} times and never acknowledged`,
  HOLE: ({ side, bytes }: CauseParams) =>
    `${bytes} bytes from the ${side} arrived neither here nor at the other side, although later bytes did`,
  ICMP: ({ kind, from }: CauseParams) => `${from} reported: ${kind}`,
  ALERT: ({ side, alert }: CauseParams) => `the ${side} sent the TLS alert ${alert}`,
  SEALED_ALERT: ({ side }: CauseParams) =>
    `the first encrypted record of the ${side} after the handshake has the size of an alert`,
  PEER_SAID: ({ side, text }: CauseParams) => `the ${side} said: ${text}`,
} as const satisfies Record<string, (params: CauseParams) => string>;

export type EvidenceCode = keyof typeof EVIDENCE_WORDS;
