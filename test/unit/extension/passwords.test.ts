import { describe, expect, it } from 'vitest';
import { passwordStorage } from '../../support/passwords';

describe('Passwords', () => {
  it('keeps a password by account, and its name but not its value outside the secret storage', async () => {
    const { passwords, secrets, values } = passwordStorage();
    await passwords.store('postgresql://app_user@db:5432', 'correct horse');
    await passwords.store('postgresql://app_user@db:5432', 'correct horse');
    expect(await passwords.get('postgresql://app_user@db:5432')).toBe('correct horse');
    expect(await passwords.get('postgresql://other@db:5432')).toBeUndefined();
    expect(passwords.accounts()).toEqual(['postgresql://app_user@db:5432']);
    expect(JSON.stringify([...values])).not.toContain('correct horse');
    await passwords.forget('postgresql://app_user@db:5432');
    expect(secrets.size).toBe(0);
    expect(passwords.accounts()).toEqual([]);
  });

  it('survives an index that is not what it wrote', async () => {
    const { passwords, values } = passwordStorage();
    values.set('handshakeInspector.passwordKeys', { not: 'a list' });
    expect(passwords.accounts()).toEqual([]);
    await passwords.store('mongodb://u@h:1', 'p');
    expect(passwords.accounts()).toEqual(['mongodb://u@h:1']);
  });
});
