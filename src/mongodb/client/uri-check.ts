/** What a connection string may not say together (URI options and authentication specifications). Every one of these is an error. */
import { type Issue, issue } from '../../base/issue';
import type { Mechanism } from '../mechanisms/mechanism';
import type { UriOptions } from './uri-options';

/** What is compared: the parts of the connection string, and the names of all options that were given. */
export interface UriParts {
  readonly srv: boolean;
  readonly hosts: number;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly options: UriOptions;
  /** Options by their name in the specification, those without an effect included. */
  readonly given: ReadonlySet<string>;
}

interface MechanismRule {
  readonly user: 'needed' | 'optional';
  /** `with user`: both or none. */
  readonly password: 'optional' | 'never' | 'with user';
  /** Users are in `$external`, and no other authSource is taken. */
  readonly external: boolean;
  /** Names of authMechanismProperties; absent: any is passed over. */
  readonly properties?: ReadonlySet<string>;
}

const PASSWORD_RULE = { user: 'needed', password: 'optional', external: false } as const;

/** Authentication specification, the MongoCredential properties of each mechanism. */
const MECHANISM_RULES: Readonly<Record<Mechanism, MechanismRule>> = {
  'MONGODB-CR': PASSWORD_RULE,
  'SCRAM-SHA-1': PASSWORD_RULE,
  'SCRAM-SHA-256': PASSWORD_RULE,
  PLAIN: PASSWORD_RULE,
  'MONGODB-X509': { user: 'optional', password: 'never', external: true },
  GSSAPI: { user: 'needed', password: 'optional', external: true },
  'MONGODB-AWS': { user: 'optional', password: 'with user', external: true },
  'MONGODB-OIDC': {
    user: 'optional',
    password: 'never',
    external: true,
    properties: new Set(['ENVIRONMENT', 'TOKEN_RESOURCE', 'ALLOWED_HOSTS']),
  },
};

const CANONICALIZE = new Set(['none', 'forward', 'forwardAndReverse', 'true', 'false']);

/** OIDC environments, and whether one needs TOKEN_RESOURCE, and takes a user. */
const ENVIRONMENTS: ReadonlyMap<string, { readonly resource: boolean; readonly user: boolean }> = new Map([
  ['test', { resource: false, user: false }],
  ['azure', { resource: true, user: true }],
  ['gcp', { resource: true, user: false }],
  ['k8s', { resource: false, user: false }],
]);

/** Options about TLS of which at most one may be given. */
const TLS_EXCLUSIVE: readonly (readonly [string, string])[] = [
  ['tlsInsecure', 'tlsAllowInvalidCertificates'],
  ['tlsInsecure', 'tlsAllowInvalidHostnames'],
  ['tlsInsecure', 'tlsDisableOCSPEndpointCheck'],
  ['tlsInsecure', 'tlsDisableCertificateRevocationCheck'],
  ['tlsAllowInvalidCertificates', 'tlsDisableOCSPEndpointCheck'],
  ['tlsAllowInvalidCertificates', 'tlsDisableCertificateRevocationCheck'],
  ['tlsDisableOCSPEndpointCheck', 'tlsDisableCertificateRevocationCheck'],
];

/** Everything that does not go together. */
export function checkTogether(parts: UriParts): Issue[] {
  return [...hostIssues(parts), ...tlsIssues(parts), ...proxyIssues(parts), ...mechanismIssues(parts)];
}

/** What does not go together once DNS has told the hosts and options of a mongodb+srv name (Initial DNS Seedlist Discovery specification). */
export function checkResolved(options: UriOptions, hosts: number): Issue[] {
  const parts = { srv: true, hosts, user: undefined, password: undefined, options, given: new Set<string>() };
  return hostIssues(parts).filter(({ code }) => RESOLVED_CODES.has(code));
}

const RESOLVED_CODES: ReadonlySet<string> = new Set(['URI_LOAD_BALANCED', 'URI_SRV_MAX_HOSTS']);

function hostIssues({ srv, hosts, options }: UriParts): Issue[] {
  const { directConnection, loadBalanced, replicaSet, srvMaxHosts, srvServiceName } = options;
  const issues: Issue[] = [];
  const say = (wrong: boolean | undefined, code: string, words: string) => {
    if (wrong) issues.push(issue(code, words));
  };
  say(srv && hosts > 1, 'URI_SRV_HOSTS', 'mongodb+srv names exactly one host');
  say(
    directConnection && (srv || hosts > 1),
    'URI_DIRECT_HOSTS',
    'directConnection=true wants exactly one host, without mongodb+srv',
  );
  say(
    loadBalanced && (hosts > 1 || replicaSet !== undefined || directConnection),
    'URI_LOAD_BALANCED',
    'loadBalanced=true goes with one host, without replicaSet and directConnection',
  );
  say(
    !srv && (srvServiceName !== undefined || srvMaxHosts !== undefined),
    'URI_SRV_OPTION',
    'srvServiceName and srvMaxHosts go with mongodb+srv only',
  );
  say(
    srvMaxHosts !== undefined && srvMaxHosts > 0 && (replicaSet !== undefined || loadBalanced),
    'URI_SRV_MAX_HOSTS',
    'srvMaxHosts goes without replicaSet and loadBalanced=true',
  );
  return issues;
}

function tlsIssues({ given }: UriParts): Issue[] {
  const pair = TLS_EXCLUSIVE.find((names) => names.every((name) => given.has(name)));
  return pair ? [issue('URI_TLS_INSECURE', `${pair[0]} and ${pair[1]} do not go together`)] : [];
}

function proxyIssues({ given }: UriParts): Issue[] {
  const names = ['proxyPort', 'proxyUsername', 'proxyPassword'].filter((name) => given.has(name));
  if (names.length > 0 && !given.has('proxyHost'))
    return [issue('URI_PROXY', `${names[0]} goes with proxyHost only`)];
  return given.has('proxyUsername') === given.has('proxyPassword')
    ? []
    : [issue('URI_PROXY', 'proxyUsername and proxyPassword go together')];
}

function mechanismIssues({ user, password, options }: UriParts): Issue[] {
  const { authMechanism: mechanism, authSource } = options;
  if (mechanism === undefined) return [];
  const rule = MECHANISM_RULES[mechanism];
  const named = `authMechanism=${mechanism}`;
  const issues: Issue[] = [];
  if (rule.user === 'needed' && user === undefined)
    issues.push(issue('URI_NO_USER', `${named} needs a user`));
  if (rule.password === 'never' && password !== undefined)
    issues.push(issue('URI_PASSWORD', `${named} takes no password`));
  if (rule.password === 'with user' && (user === undefined) !== (password === undefined))
    issues.push(issue('URI_PASSWORD', `${named} takes user and password together, or neither`));
  if (rule.external && authSource !== undefined && authSource !== '$external')
    issues.push(issue('URI_AUTH_SOURCE', `${named} takes authSource=$external only`));
  const wrong = propertyProblem(mechanism, rule, user, options.authMechanismProperties ?? {});
  if (wrong !== undefined) issues.push(issue('URI_MECHANISM_PROPERTIES', wrong));
  return issues;
}

function propertyProblem(
  mechanism: Mechanism,
  rule: MechanismRule,
  user: string | undefined,
  given: Readonly<Record<string, string>>,
): string | undefined {
  const strange = rule.properties && Object.keys(given).find((name) => !rule.properties?.has(name));
  // What is not a property's name may be a part of a token with a comma in it.
  if (strange !== undefined)
    return `authMechanismProperties of authMechanism=${mechanism} are ${[...(rule.properties ?? [])].join(', ')}`;
  const canonicalize = given.CANONICALIZE_HOST_NAME;
  if (mechanism === 'GSSAPI' && canonicalize !== undefined && !CANONICALIZE.has(canonicalize))
    return 'CANONICALIZE_HOST_NAME is one of none, forward and forwardAndReverse';
  if (mechanism !== 'MONGODB-OIDC') return undefined;
  const environment = ENVIRONMENTS.get(given.ENVIRONMENT ?? '');
  if (!environment)
    return 'authMechanism=MONGODB-OIDC in a connection string needs ENVIRONMENT: test, azure, gcp or k8s';
  if (environment.resource !== (given.TOKEN_RESOURCE !== undefined))
    return `ENVIRONMENT:${given.ENVIRONMENT} ${environment.resource ? 'needs' : 'takes no'} TOKEN_RESOURCE`;
  return user !== undefined && !environment.user
    ? `ENVIRONMENT:${given.ENVIRONMENT} takes no user`
    : undefined;
}
