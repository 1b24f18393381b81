/** The rules that both protocols share, in the order in which their lists take them. */
import type { ConnectionFacts } from '../facts';
import type { Rule } from '../rules';
import { CAPTURE_ENDS_RULE, CAPTURE_RULES } from './capture';
import { LOSS_RULES } from './loss';
import { NETWORK_RULES } from './network';
import { SERVICE_RULES } from './service';
import { SILENCE_RULES } from './silence';
import { TLS_RULES } from './tls';

/**
 * First in a list, behind what is known to have succeeded (ready, a cancel request): nothing was accepted, somebody else speaks, packets were
 * lost. Each rests on bytes or numbers that are there.
 */
export const EARLY_RULES: readonly Rule<ConnectionFacts>[] = [
  ...NETWORK_RULES,
  ...SERVICE_RULES,
  ...LOSS_RULES,
];

/**
 * Last in a list: what the capture lacks, who was silent, and that the capture ends. Who closed is for the protocol to say: its rules about a
 * close come between {@link MISSING_RULES} and {@link SILENCE_RULES}, or behind all of them.
 */
export { CAPTURE_ENDS_RULE, CAPTURE_RULES as MISSING_RULES, SILENCE_RULES, TLS_RULES };
