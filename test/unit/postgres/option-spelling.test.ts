import { describe, expect, it } from 'vitest';
import { TargetError, targetFromUri } from '../../../src/live/target';

function refusal(uri: string): string | null {
  try {
    targetFromUri(uri, {}, null);
    return null;
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    return error.message;
  }
}

describe('misspelt options are refused, with the spelling that was meant', () => {
  it.each([
    ['postgresql://app_user:secret@db/orders?sslmode=Require', 'sslmode=require'],
    ['postgresql://app_user:secret@db/orders?sslmode=requre', 'sslmode=require'],
    ['postgresql://app_user:secret@db/orders?sslmode=true', 'sslmode=require'],
    ['postgresql://app_user:secret@db/orders?sslmode=verify_full', 'sslmode=verify-full'],
    ['postgresql://app_user:secret@db/orders?sslmode=verify-fulll', 'sslmode=verify-full'],
    ['postgresql://app_user:secret@db/orders?sslmode=VERIFY_IDENTITY', 'sslmode=verify-full'],
    ['postgresql://app_user:secret@db/orders?sslmod=require', 'did you mean sslmode?'],
    ['postgresql://app_user:secret@db/orders?ssl=True', 'did you mean sslmode?'],
    ['postgresql://app_user:secret@db/orders?useSSL=true', 'did you mean sslmode?'],
    ['postgresql://app_user:secret@db/orders?sslrootCert=/ca.pem', 'did you mean sslrootcert?'],
    ['postgresql://app_user:secret@db/orders?target_session_attrs=master', 'target_session_attrs=primary'],
    ['host=db sslmode=requier', 'sslmode=require'],
    ['host=db database=orders', 'did you mean dbname?'],
    ['hots=db', 'did you mean host?'],
    ['host=db channel_binding=required', 'channel_binding=require'],
  ])('%s: %s', (uri, words) => {
    expect(refusal(uri)).toContain(words);
  });

  it.each([
    'postgresql://app_user:secret@db/orders&sslmode=require',
    'postgresql://app_user:secret@db/sslmode=require',
    "host=db dbname='orders sslmode=require'",
    'host=db dbname=orders;sslmode=require',
    'postgresql://app_user:secret@db/orders%20sslmode=disable',
  ])('%s: an option in the database name', (uri) => {
    expect(refusal(uri)).toContain('sslmode is part of the database name');
  });

  it.each(['postgresql://app_user:secret@db/a=b', 'postgresql://db/orders?application_name=sslmode=x'])(
    '%s is no such thing',
    (uri) => expect(refusal(uri) ?? '').not.toContain('database name'),
  );
});
