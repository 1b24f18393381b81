/**
 * Variables of database clients, and of whatever holds secrets. A capture program needs none of them; it may run as another user, and
 * others of the machine may see a program's environment.
 */
const WITHHELD =
  /^(?:PG|MONGO|MYSQL|REDIS|AWS_|AZURE_|GOOGLE_|GITHUB_|GH_|NPM_|VSCODE_)|PASS(?:WORD|WD|PHRASE)|PWD.|.PWD|SECRET|TOKEN|CREDENTIAL|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|AUTH|DATABASE_UR[IL]|DB_UR[IL]|DSN|SSLKEYLOGFILE|^NODE_OPTIONS$/i;

/** A URI with a password is one whatever its variable is called. */
const URI_WITH_PASSWORD = /:\/\/[^\s/:@]*:[^\s@]*@/;

/** `PWD` and `OLDPWD` are folders. `XAUTHORITY` names a file that nothing here needs. */
const KEPT = new Set(['PWD', 'OLDPWD']);

/** The environment that a capture program is started with: without secrets, and with English messages, because they are read. */
export function programEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(
    ([name, value]) => KEPT.has(name) || !(WITHHELD.test(name) || URI_WITH_PASSWORD.test(value ?? '')),
  );
  return { ...Object.fromEntries(kept), LC_ALL: 'C', LANGUAGE: 'C' };
}
