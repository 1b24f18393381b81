import { describe, expect, it } from 'vitest';
import { LAB_PASSWORD } from '../../../src/lab/accounts';
import {
  checkMongoPassword,
  hasPasswordProof,
  mongoCheckSentence,
  type RecordedMessage,
} from '../../../src/mongodb/observer/password-check';
import { captures, conversationsOf } from './recorded';
import { derive, makeLab, runPair } from './support';

describe.each(captures)('the password of %s', (name) => {
  const logins = conversationsOf(name).filter(({ trace }) => hasPasswordProof(trace));
  const byCertificate = name.includes('x509');
  const used = name.includes('wrong-password') ? 'not-the-password' : LAB_PASSWORD;

  it('is known to be what the client used', async () => {
    expect(logins.length > 0).toBe(!byCertificate);
    for (const { trace, said } of logins) {
      const { mechanism, user } = trace.auth;
      const oneSided = mechanism === 'MONGODB-CR' || trace.outcome === 'failed';
      const expected = { mechanism, user, client: true, server: oneSided ? null : true };
      expect(await checkMongoPassword(said, used, derive)).toEqual(expected);
    }
  });

  it('is told from another', async () => {
    for (const { said } of logins) {
      const check = await checkMongoPassword(said, `${used}?`, derive);
      expect([check?.client, check?.server === true]).toEqual([false, false]);
    }
  });

  it('is told from one with a trailing newline, and from none', async () => {
    for (const { said } of logins) {
      const close = await checkMongoPassword(said, `${used}\n`, derive);
      expect(close?.client).toBe(false);
      expect(close && mongoCheckSentence(close)).toContain('right but for a trailing newline');
      const none = await checkMongoPassword(said, '', derive);
      expect(none && mongoCheckSentence(none)).toContain('is empty');
    }
  });

  it('is not known from less than the proof', async () => {
    for (const { trace, said } of logins) {
      const proof = trace.auth.mechanism === 'MONGODB-CR' ? 3 : 2;
      expect(await checkMongoPassword(said.slice(0, proof), used, derive)).toBeUndefined();
    }
  });
});

describe('the last authentication', () => {
  const USER = { user: 'app_user', db: 'admin', password: 'pass' };

  it.each(['SCRAM-SHA-1', 'SCRAM-SHA-256'] as const)('by %s, without speculation', async (mechanism) => {
    const lab = await makeLab([USER]);
    const { events } = runPair(lab, { ...USER, authSource: 'admin', mechanism, speculative: false });
    const said = events.filter((event): event is RecordedMessage & typeof event => event.kind === 'bytes');
    expect(await checkMongoPassword(said, 'pass', derive)).toMatchObject({ client: true, server: true });
    expect(await checkMongoPassword(said, 'past', derive)).toMatchObject({ client: false, server: false });
  });

  it('is none without one, and of bytes that are nothing', async () => {
    const lab = await makeLab([]);
    const { events } = runPair(lab, {});
    const said = events.filter((event): event is RecordedMessage & typeof event => event.kind === 'bytes');
    expect(await checkMongoPassword(said, 'pass', derive)).toBeUndefined();
    const noise = [{ from: 'client', bytes: Uint8Array.of(1, 2, 3) }] as const;
    expect(await checkMongoPassword(noise, 'pass', derive)).toBeUndefined();
  });
});
