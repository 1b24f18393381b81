import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkMongoCapture } from '../../src/cli/check-mongo-password';
import { readCapture } from '../../src/files/read-capture';
import { LAB_PASSWORD } from '../../src/lab/accounts';

const fixture = (name: string) => path.join(__dirname, '../fixtures', `${name}.pcapng`);

describe('the password of the MongoDB logins of a capture', () => {
  it.each([
    ['mongo-scram-sha-256', true],
    ['mongo-scram-sha-1', true],
    ['mongo-tls-scram-keys', true],
    ['mongo3-cr', null],
  ])('%s', async (name, server) => {
    const file = fixture(name);
    const capture = await readCapture(file);
    const right = await checkMongoCapture(file, capture, {}, LAB_PASSWORD);
    expect(right).toMatchObject([{ id: 't2', check: { client: true, server } }]);
    const wrong = await checkMongoCapture(file, capture, {}, 'not it');
    expect(wrong).toMatchObject([{ id: 't2', check: { client: false } }]);
  });

  it('is not looked for where there is none', async () => {
    const file = fixture('pg18-md5');
    expect(await checkMongoCapture(file, await readCapture(file), {}, LAB_PASSWORD)).toEqual([]);
  });
});
