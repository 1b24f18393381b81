import { describe, expect, it } from 'vitest';
import { TargetError, targetFromUri } from '../../../src/live/target';

/** The words of the refusal; null where the connection string is taken. */
function refusal(uri: string, overrides: Record<string, string> = {}): string | null {
  try {
    targetFromUri(uri, overrides, null);
    return null;
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    return error.message;
  }
}

describe('a misspelt option that decides how the login is made is refused, with the spelling that was meant', () => {
  it.each([
    ['tls=True', 'tls=true'],
    ['tls=TRUE', 'tls=true'],
    ['tls=yes', 'tls=true'],
    ['tls=1', 'tls=true'],
    ['tls=on', 'tls=true'],
    ['tls=%20true', 'tls=true'],
    ['tls="true"', 'tls=true'],
    ['tls=true;authSource=admin', 'another option'],
    ['ssl=ture', 'tls=true'],
    ['ssl=required', 'tls=true'],
    ['ssl=Flase', 'tls=false'],
    ['ssl=', 'true or false'],
    ['tls=%zz', '%25'],
    ['tsl=true', 'tls'],
    ['sssl=true', 'ssl'],
    ['tlss=true', 'tls'],
    ['useTLS=true', 'tls'],
    ['requireSSL=true', 'tls'],
    ['sslmode=require', 'tls'],
    ['amp;tls=true', 'tls'],
    ['tlsCaFlie=/ca.pem', 'tlsCAFile'],
    ['ssl_ca_certs=/ca.pem', 'tlsCAFile'],
    ['tls_ca_file=/ca.pem', 'tlsCAFile'],
    ['tlsInsecure=yes', 'tlsInsecure=true'],
    ['authSouce=orders', 'authSource'],
    ['auth_source=orders', 'authSource'],
    ['authDatabase=orders', 'authSource'],
    ['authMechanism=SCRAM-SHA256', 'authMechanism=SCRAM-SHA-256'],
    ['authMechanism=scram-sha-256', 'authMechanism=SCRAM-SHA-256'],
    ['authMechanism=X509', 'authMechanism=MONGODB-X509'],
    ['authMechanism=LDAP', 'authMechanism=PLAIN'],
    ['authMechanism=MD5', 'SCRAM-SHA-1'],
    ['authMechanisim=PLAIN', 'authMechanism'],
    ['replicaset_=rs0', 'replicaSet'],
    ['replicSet=rs0', 'replicaSet'],
    ['directConnection=True', 'directConnection=true'],
    ['directConection=true', 'directConnection'],
    ['loadBalanced=1', 'loadBalanced=true'],
    ['password=x', 'before the host'],
    ['authSource=admin?tls=true', '"&"'],
    ['retryWrites=true?ssl=true', 'another option'],
    ['w=majority;tls=true', '"&"'],
  ])('%s: %s', (query, words) => {
    expect(refusal(`mongodb://app_user:secret@db/?${query}`)).toContain(words);
  });

  it.each([
    ['mongodb://app_user:secret@db/tls=true', 'tls'],
    ['mongodb://app_user:secret@db/orders&tls=true', 'tls'],
  ])('%s: options without a question mark are not a database', (uri, words) => {
    const said = refusal(uri);
    expect(said).toContain('"?" before the first option');
    expect(said).toContain(words);
  });

  it.each(['tls=True', 'ssl=ture', 'tlsMode=on'])('mongodb+srv with %s', (query) => {
    expect(refusal(`mongodb+srv://app_user:secret@db.example/?${query}`)).not.toBeNull();
  });

  it.each([
    'tls=false',
    'TLS=true',
    'ssl=true',
    'colour=blue',
    'wtimeout=5',
    'serverSelectionTimeout=5',
    'maxPoolSise=3',
    'appName=a=b',
    'retryWrites=yes',
    'readPreference=Primary',
    'compressors=jpeg',
  ])('%s is taken', (query) => {
    expect(refusal(`mongodb://app_user:secret@db/?${query}`)).toBeNull();
  });

  it('what changes no login is only warned of, with what was meant', () => {
    const target = targetFromUri('mongodb://db/?maxPoolSise=3&colour=blue', {}, null);
    expect(target.protocol === 'mongodb' && target.warnings).toEqual([
      expect.stringContaining('Did you mean maxPoolSize?'),
      expect.stringContaining('colour'),
    ]);
  });

  it('an option that is only checked, but says that TLS is wanted', () => {
    const target = targetFromUri('mongodb://db/?tlsDisableOCSPEndpointCheck=true', {}, null);
    expect(target.protocol === 'mongodb' && target.driver.tls).toBe(true);
  });
});

describe('placeholders that were left in are named and refused', () => {
  it.each([
    ['mongodb://<user>:<password>@db/', ['user', '<user>', '<password>']],
    ['mongodb+srv://app_user:<db_password>@cluster0.example.net/', ['<db_password>']],
    ['mongodb://app_user:%3Cpassword%3E@db/', ['<password>']],
    ['mongodb://app_user:YOUR_PASSWORD@db/', ['YOUR_PASSWORD']],
    ['mongodb://app_user:your-password@db/', ['your-password']],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what was left in
    ['mongodb://app_user:$%7BDB_PASSWORD%7D@db/', ['${DB_PASSWORD}']],
    ['mongodb://$DB_USER:secret@db/', ['$DB_USER']],
    ['mongodb://app_user:secret@<host>/', ['host', '<host>']],
    ['mongodb+srv://app_user:secret@<cluster>.example.net/', ['<cluster>']],
    ['mongodb://app_user:secret@db/<database>', ['database']],
    ['mongodb://app_user:********@db/', ['***']],
    ['postgresql://postgres:[YOUR-PASSWORD]@db/orders', ['[YOUR-PASSWORD]']],
    ['postgresql://<user>:<password>@db/<dbname>', ['<user>', '<password>', '<dbname>']],
    ['host=db user=app_user password=<password>', ['<password>']],
    ['host=db user=app_user password={{db_password}}', ['{{db_password}}']],
    ['host=<host> user=app_user', ['<host>']],
  ])('%s', (uri, named) => {
    const said = refusal(uri);
    for (const word of named) expect(said).toContain(word);
    expect(said).toContain('placeholder');
  });

  it.each([
    'password',
    'mypassword',
    'your_cat',
    '<k7Qz>',
    '[x]',
    'my-secret-k7',
    '{k7}',
    '$k7',
    '**',
    '%25k7%25',
  ])('%s may be a password', (password) => {
    expect(refusal(`mongodb://app_user:${password}@db/`)).toBeNull();
  });
});
