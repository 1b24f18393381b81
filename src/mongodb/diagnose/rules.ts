/** What became of a MongoDB connection: every rule, in order. The first that knows the ending decides. */
import type { Rule } from '../../diagnosis/rules';
import { LOCAL_CAUSE_RULE } from '../../diagnosis/rules/local';
import { CAPTURE_ENDS_RULE, EARLY_RULES, SILENCE_RULES, TLS_RULES } from '../../diagnosis/rules/shared';
import type { MongoFacts } from './facts';
import { ATLAS_RULES } from './rules/atlas';
import { BY_CODE_RULES } from './rules/by-code';
import { LACKING_RULES } from './rules/capture';
import { COMMAND_RULES } from './rules/commands';
import { CREDENTIAL_RULES, PLACEHOLDER_RULE } from './rules/credentials';
import { END_RULES, ENDED_RULE } from './rules/ends';
import { FOREIGN_RULES } from './rules/foreign';
import { HELLO_RULES } from './rules/hello';
import { LEFT_RULES } from './rules/left';
import { ENCRYPTED_RULES, LOCAL_RULES } from './rules/local';
import { MECHANISM_RULES } from './rules/mechanism';
import { MEMBER_REFUSAL_RULES, MEMBER_RULES, NO_PRIMARY_RULE } from './rules/member';
import { ENDED_IN_USE_RULES, USE_RULES } from './rules/use';
import { X509_RULES } from './rules/x509';

export const MONGODB_RULES: readonly Rule<MongoFacts>[] = [
  LOCAL_CAUSE_RULE,
  // The server's own words, first those that say most.
  PLACEHOLDER_RULE,
  ...MEMBER_REFUSAL_RULES,
  ...ATLAS_RULES,
  ...BY_CODE_RULES,
  ...X509_RULES,
  ...MECHANISM_RULES,
  ...CREDENTIAL_RULES,
  ...HELLO_RULES,
  ...COMMAND_RULES,
  // What was usable, and what it is.
  ...MEMBER_RULES,
  ...ENDED_IN_USE_RULES,
  NO_PRIMARY_RULE,
  ...USE_RULES,
  // Below the protocol, and what is no message of it.
  ...EARLY_RULES,
  ...FOREIGN_RULES,
  ...TLS_RULES,
  ...ENCRYPTED_RULES,
  // Nothing was refused: what the capture lacks, who left, who closed, who was silent.
  ...LACKING_RULES,
  ...LEFT_RULES,
  ...END_RULES,
  ...SILENCE_RULES,
  ...LOCAL_RULES,
  CAPTURE_ENDS_RULE,
  ENDED_RULE,
];
