/** How TLS came to nothing. */
import type { ConnectionFacts } from '../facts';
import type { Rule } from '../rules';
import { ALERT_RULE } from './tls/alerts';
import { UNREAD_RULES } from './tls/unread';

/**
 * Alerts first, then what only order and size tell. For the middle of a protocol's list: after its own rules for words that it read (errors
 * of the server, bytes that are not TLS, ALPN in direct TLS), and before what it says of a conversation that cannot be read, of silence and of
 * who closed. None of them takes a connection on which both sides sent application data, but for an alert that can be read.
 */
export const TLS_RULES: readonly Rule<ConnectionFacts>[] = [ALERT_RULE, ...UNREAD_RULES];
