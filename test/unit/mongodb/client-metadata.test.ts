import { describe, expect, it } from 'vitest';
import type { Document } from '../../../src/mongodb/wire/bson';
import { Peer } from './peer';
import { makeLab } from './support';

const DRIVER = { name: 'driver', version: '1.0' };
const OS = { type: 'Linux' };
const GOOD = { application: { name: 'orders' }, driver: DRIVER, os: OS, platform: 'x' };

async function hello(client: unknown, options = {}): Promise<{ reply: Document; log: string[]; peer: Peer }> {
  const lab = await makeLab([], options);
  const peer = new Peer(lab);
  return { reply: peer.run({ hello: 1, client }), log: lab.log, peer };
}

describe('the client metadata of hello', () => {
  it('is logged, and told among the stages', async () => {
    const { reply, log, peer } = await hello(GOOD);
    expect(reply).toMatchObject({ ok: 1 });
    const text = 'application: orders, driver: driver 1.0, os: Linux';
    expect(log.join('\n')).toContain(`received client metadata from 127.0.0.1:1 conn1: ${text}`);
    expect(peer.notes.at(-1)?.fields).toContainEqual({ name: 'ClientMetadata::parse', value: text });
  });

  it('needs no application', async () => {
    expect((await hello({ driver: DRIVER, os: OS })).reply).toMatchObject({ ok: 1 });
  });

  it('may only be in the first hello, whether that had one or not', async () => {
    const { peer } = await hello(GOOD);
    expect(peer.run({ isMaster: 1, client: GOOD })).toMatchObject({ code: 186 });
    expect(peer.run({ isMaster: 1 })).toMatchObject({ ok: 1 });
    const { peer: silent } = await hello(undefined);
    expect(silent.run({ hello: 1, client: GOOD })).toMatchObject({
      code: 186,
      codeName: 'ClientMetadataCannotBeMutated',
    });
  });

  it.each([
    ['that is no document', 'x', 14],
    ['with an application that is no document', { ...GOOD, application: 1 }, 14],
    ['with an application name that is no string', { ...GOOD, application: { name: 1 } }, 14],
    ['with an application name of 129 bytes', { ...GOOD, application: { name: 'x'.repeat(129) } }, 184],
    ['without a driver', { os: OS }, 183],
    ['with a driver without a version', { driver: { name: 'x' }, os: OS }, 183],
    ['with a driver whose name is no string', { driver: { name: 1, version: '1' }, os: OS }, 14],
    ['without an operating system', { driver: DRIVER }, 183],
    ['with an operating system without a type', { driver: DRIVER, os: {} }, 183],
    ['of more than 512 bytes', { ...GOOD, platform: 'x'.repeat(512) }, 185],
  ])('%s is refused', async (_name, client, code) => {
    expect((await hello(client)).reply).toMatchObject({ ok: 0, code });
  });

  it('of 128 bytes of application name is taken', async () => {
    const client = { ...GOOD, application: { name: 'x'.repeat(128) } };
    expect((await hello(client)).reply).toMatchObject({ ok: 1 });
  });

  it('may be longer at a mongod, and is not looked at before 3.4', async () => {
    const long = { ...GOOD, platform: 'x'.repeat(512) };
    const { store } = await makeLab([]);
    expect((await hello(long, { store })).reply).toMatchObject({ ok: 1 });
    expect((await hello('x', { maxWireVersion: 4 })).reply).toMatchObject({ ok: 1 });
  });
});
