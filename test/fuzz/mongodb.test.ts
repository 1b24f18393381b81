/** Hostile MongoDB peers: whatever the bytes, nothing throws, everything ends, and nothing grows without a bound. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { DriverConnection } from '../../src/mongodb/client/client';
import { parseMongoUri } from '../../src/mongodb/client/uri';
import { detectMongo } from '../../src/mongodb/detect';
import { MongoObserver } from '../../src/mongodb/observer/observer';
import { MongosConnection } from '../../src/mongodb/server/connection';
import { decodeBson, encodeBson } from '../../src/mongodb/wire/bson';
import { BSON_LIMITS, type BsonSpan, walkBson } from '../../src/mongodb/wire/bson-span';
import { BsonView, bsonValueText } from '../../src/mongodb/wire/bson-value';
import { parseHeader, parseMessage } from '../../src/mongodb/wire/wire';
import { buildMessage, buildMsg } from '../../src/mongodb/wire/wire-build';
import { TRACE_LIMITS, TraceBuilder } from '../../src/trace/builder';
import { guarded } from '../support/guard';
import {
  answer,
  derive,
  type Lab,
  makeLab,
  type PairEvent,
  runPair,
  seededRandom,
} from '../unit/mongodb/support';

const USER = { user: 'app_user', db: 'admin', password: 'correct horse' };
const MECHANISMS = ['MONGODB-CR', 'SCRAM-SHA-1', 'SCRAM-SHA-256'] as const;
const ENDPOINT = { address: '127.0.0.1', port: 27_017 };

let lab: Lab;
/** The bytes events of one good login per mechanism. */
let logins: PairEvent[][];

beforeAll(async () => {
  const iterations = { 'SCRAM-SHA-1': 4_096, 'SCRAM-SHA-256': 4_096 };
  lab = await makeLab([{ ...USER, mechanisms: MECHANISMS, iterations }]);
  logins = MECHANISMS.map((mechanism) => {
    const pair = runPair(lab, { ...credentials, mechanism, speculative: false });
    pair.server.handleClosed();
    return pair.events;
  });
});

const credentials = { user: USER.user, password: USER.password };

/** A few bytes changed, cut out or put in. */
const damage = fc.array(
  fc.record({
    at: fc.nat(2_000),
    kind: fc.constantFrom('set', 'cut', 'insert', 'length'),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 4 }),
  }),
  { maxLength: 4 },
);

type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never;

function damaged(bytes: Uint8Array, damages: Damage): Uint8Array {
  let result = bytes.slice();
  for (const { at: wanted, kind, bytes: extra } of damages) {
    if (result.length === 0) break;
    const at = wanted % result.length;
    if (kind === 'set') result[at] = extra[0];
    else if (kind === 'cut') result = result.slice(0, at);
    else if (kind === 'length' && result.length >= 4)
      new DataView(result.buffer).setInt32(at & ~3 & (result.length - 4), extra[0] << 24, true);
    else result = Uint8Array.from([...result.subarray(0, at), ...extra, ...result.subarray(at)]);
  }
  return result;
}

const anyValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.double(),
    tie('document'),
    fc.array(tie('value'), { maxLength: 3 }),
  ),
  document: fc.dictionary(
    fc.string({ maxLength: 8 }).filter((name) => !name.includes('\0')),
    tie('value'),
    { maxKeys: 4 },
  ),
}));

function checkSpans(elements: readonly BsonSpan[], bytes: Uint8Array, depth = 1): void {
  expect(depth).toBeLessThanOrEqual(BSON_LIMITS.depth);
  for (const element of elements) {
    expect(element.offset).toBeGreaterThanOrEqual(0);
    expect(element.valueOffset + element.valueLength).toBe(element.offset + element.length);
    expect(element.offset + element.length).toBeLessThanOrEqual(bytes.length);
    bsonValueText(bytes, element);
    if (element.children) checkSpans(element.children, bytes, depth + 1);
  }
}

describe('MongoDB parsers', () => {
  it('walk any bytes and stay inside them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        guarded('MongoDB', bytes.length, () => {
          checkSpans(walkBson(bytes).value.elements, bytes);
          decodeBson(bytes);
        });
      }),
    );
  });

  it('walk good and damaged documents', () => {
    fc.assert(
      fc.property(anyValue.document, damage, (document, damages) => {
        const good = encodeBson(document as Record<string, unknown>);
        const { value, issues } = walkBson(good);
        expect(issues).toEqual([]);
        expect(value.elements.map((element) => element.name)).toEqual(Object.keys(document as object));
        const bad = damaged(good, damages);
        guarded('MongoDB', bad.length, () => {
          checkSpans(walkBson(bad).value.elements, bad);
          decodeBson(bad);
        });
      }),
    );
  });

  it('read damaged messages of every opcode', () => {
    const opcodes = fc.constantFrom(1, 2001, 2002, 2004, 2005, 2006, 2007, 2010, 2011, 2012, 2013);
    fc.assert(
      fc.property(opcodes, fc.uint8Array({ maxLength: 200 }), (opcode, body) => {
        const bytes = buildMessage(opcode, 1, 0, body);
        guarded('MongoDB', bytes.length, () => {
          const result = parseHeader(bytes);
          if (result.kind === 'header') parseMessage(bytes, result.header);
          expect(['yes', 'no', 'more']).toContain(detectMongo(bytes, body));
        });
      }),
    );
  });

  it('read any connection string', () => {
    const part = fc.constantFrom(
      'mongodb://',
      'mongodb+srv://',
      '@',
      ':',
      '/',
      '?',
      '&',
      '=',
      '%',
      '%2',
      '[',
      ']',
      ',',
      'authSource',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(part, fc.string()), { maxLength: 20 }), (parts) => {
        const text = parts.join('');
        const { value } = guarded('MongoDB', text.length, () => parseMongoUri(text));
        for (const host of value.hosts) expect(host.port).toBeLessThanOrEqual(65_535);
      }),
    );
  });
});

const lengthOf = (parts: readonly Uint8Array[]) => parts.reduce((sum, part) => sum + part.length, 0);

describe('MongoDB machines', () => {
  it('a driver survives any server', () => {
    fc.assert(
      fc.property(fc.nat(2), damage, fc.nat(8), (which, damages, target) => {
        const client = new DriverConnection({
          ...credentials,
          mechanism: MECHANISMS[which],
          speculative: false,
          random: seededRandom('client'),
        });
        client.handleConnected();
        const replies = logins[which].flatMap((event) =>
          event.kind === 'bytes' && event.from === 'server' ? [event.bytes] : [],
        );
        let effects = 0;
        const drain = (): void => {
          for (let effect = client.pollEffect(); effect; effect = client.pollEffect()) {
            if (++effects > 200) throw new Error('no end');
            if (effect.type === 'derive') {
              expect(effect.iterations).toBeLessThanOrEqual(2_000_000);
              client.handleDerived(effect.id, derive({ ...effect, iterations: 1 }));
            }
          }
        };
        guarded('MongoDB', lengthOf(replies), () => {
          drain();
          replies.forEach((reply, index) => {
            client.handleBytes(index === target % replies.length ? damaged(reply, damages) : reply);
            drain();
          });
          client.handleClosed();
          drain();
        });
        expect(client.path.length).toBeLessThan(50);
      }),
    );
  });

  it('mongos survives any client, and forgets it', () => {
    fc.assert(
      fc.property(fc.nat(2), damage, fc.nat(8), fc.boolean(), (which, damages, target, bytewise) => {
        const server = new MongosConnection(lab.service, { remote: '127.0.0.1:1' });
        server.handleConnected();
        const requests = logins[which].flatMap((event) =>
          event.kind === 'bytes' && event.from === 'client' ? [event.bytes] : [],
        );
        let effects = 0;
        guarded('MongoDB', lengthOf(requests), () => {
          requests.forEach((request, index) => {
            const bytes = index === target % requests.length ? damaged(request, damages) : request;
            if (bytewise) for (const byte of bytes) server.handleBytes(Uint8Array.of(byte));
            else server.handleBytes(bytes);
            for (let effect = server.pollEffect(); effect; effect = server.pollEffect()) {
              if (++effects > 200) throw new Error('no end');
              answer(lab, server, effect);
            }
          });
          server.handleClosed();
        });
        expect(lab.service.connections).toBe(0);
        expect(lab.service.users.cachedUsers).toBe(0);
        expect(lab.service.users.fetching).toBe(false);
      }),
    );
  });

  it('mongos answers commands with arguments of any type', () => {
    const names = fc.constantFrom(
      'hello',
      'isMaster',
      'authenticate',
      'saslStart',
      'saslContinue',
      'getnonce',
      'logout',
      'getParameter',
      'buildInfo',
    );
    const argument = fc.constantFrom(
      'mechanism',
      'payload',
      'user',
      'nonce',
      'key',
      'conversationId',
      'saslSupportedMechs',
      'speculativeAuthenticate',
      'options',
      'db',
    );
    const text = fc.constantFrom(
      'SCRAM-SHA-256',
      'MONGODB-CR',
      'admin.app_user',
      '.',
      'n,,n=app_user,r=x',
      '',
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(names, fc.dictionary(argument, fc.oneof(text, anyValue.value))), { maxLength: 5 }),
        (commands) => {
          const server = new MongosConnection(lab.service, { remote: '127.0.0.1:1' });
          server.handleConnected();
          let writes = 0;
          for (const [name, extra] of commands) {
            const request = buildMsg(1, 0, { [name]: 1, ...extra, $db: 'admin' });
            guarded('MongoDB', request.length, () => {
              server.handleBytes(request);
              for (let effect = server.pollEffect(); effect; effect = server.pollEffect()) {
                if (effect.type === 'write') writes++;
                answer(lab, server, effect);
              }
            });
          }
          expect(writes).toBe(commands.length);
          server.handleClosed();
          expect(lab.service.users.cachedUsers).toBe(0);
        },
      ),
    );
  });
});

/** Bytes of so many events of a login, again and again. */
function sizeOf(events: readonly PairEvent[], count: number): number {
  const sizes = events.map((event) => (event.kind === 'bytes' ? event.bytes.length : 0));
  return sizes.reduce((sum, size) => sum + size, 0) * Math.ceil(count / events.length);
}

describe('the MongoDB observer', () => {
  const happening = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('event' as const),
        damage: fc.oneof({ weight: 4, arbitrary: fc.constant<Damage>([]) }, { weight: 1, arbitrary: damage }),
        chunk: fc.integer({ min: 1, max: 300 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('skip' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('gap' as const), length: fc.nat(100_000) }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('noise' as const), bytes: fc.uint8Array({ maxLength: 100 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('close' as const),
        how: fc.constantFrom('fin' as const, 'rst' as const),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('local' as const), fails: fc.boolean() }) },
  );

  it('makes a whole trace of any conversation', () => {
    fc.assert(
      fc.property(
        fc.nat(2),
        fc.boolean(),
        fc.array(happening, { maxLength: 40 }),
        (which, direct, happenings) => {
          const builder = new TraceBuilder('capture', 'mongodb', ENDPOINT, ENDPOINT, true);
          const events = logins[which];
          const trace = guarded('MongoDB', sizeOf(events, happenings.length), () => {
            const observer = new MongoObserver(builder, { direct });
            let next = 0;
            let frame = 0;
            for (const happened of happenings) {
              const mark = { frame: ++frame, seconds: 1, nanos: 0 };
              const event = events[next % events.length];
              switch (happened.kind) {
                case 'event': {
                  next++;
                  if (event.kind === 'open') observer.handleOpen(event.from, mark);
                  else if (event.kind === 'close') observer.handleClose(event.from, 'fin', mark);
                  else {
                    const bytes = damaged(event.bytes, happened.damage);
                    for (let at = 0; at < bytes.length; at += happened.chunk) {
                      observer.handleBytes(event.from, bytes.subarray(at, at + happened.chunk), mark, direct);
                    }
                  }
                  break;
                }
                case 'skip':
                  next++;
                  break;
                case 'gap':
                  observer.handleGap(event.from, happened.length, mark);
                  break;
                case 'noise':
                  observer.handleBytes(event.from, happened.bytes, mark, direct);
                  break;
                case 'close':
                  observer.handleClose(event.from, happened.how, mark);
                  break;
                case 'local': {
                  const error = happened.fails
                    ? { from: 'client' as const, code: 'X', message: 'x' }
                    : undefined;
                  observer.handleLocal({ kind: 'note', message: 'Note', summary: 'x', error }, mark);
                  break;
                }
              }
            }
            observer.finish();
            return builder.finish('t1');
          });
          expect(trace.verdict).not.toBe('');
          expect(trace.steps.length).toBeLessThanOrEqual(TRACE_LIMITS.steps);
          if (trace.outcome === 'failed') expect(trace.error).not.toBeNull();
          if (trace.error !== null) expect(trace.outcome).not.toBe('incomplete');
          JSON.stringify(trace);
          for (const [index, step] of trace.steps.entries()) {
            const data = builder.data[index];
            if (data) expect(data.length).toBeLessThanOrEqual(step.bytes);
          }
        },
      ),
    );
  });

  it('costs nothing once it has settled', () => {
    const builder = new TraceBuilder('capture', 'mongodb', ENDPOINT, ENDPOINT);
    const observer = new MongoObserver(builder);
    const mark = { frame: 1, seconds: 1, nanos: 0 };
    for (const event of logins[2])
      if (event.kind === 'bytes') observer.handleBytes(event.from, event.bytes, mark, false);
    // What an application does first is followed, for it may be refused.
    for (let id = 100; id < 110; id++) {
      observer.handleBytes('client', buildMsg(id, 0, { find: 'items', $db: 'orders' }), mark, false);
      observer.handleBytes('server', buildMsg(id + 1_000, id, { ok: 1 }), mark, false);
    }
    expect(observer.settled).toBe(true);
    const steps = builder.steps.length;
    const ping = buildMsg(50, 0, { ping: 1, $db: 'admin' });
    for (let i = 0; i < 10_000; i++) observer.handleBytes('client', ping, mark, false);
    expect(builder.steps.length).toBe(steps);
  });

  it('ends an endless saslContinue', () => {
    const builder = new TraceBuilder('capture', 'mongodb', ENDPOINT, ENDPOINT);
    const observer = new MongoObserver(builder);
    const mark = { frame: 1, seconds: 1, nanos: 0 };
    for (let id = 1; id < 5_000 && !observer.settled; id++) {
      observer.handleBytes(
        'client',
        buildMsg(id, 0, { saslContinue: 1, conversationId: 1, $db: 'admin' }),
        mark,
        false,
      );
      observer.handleBytes(
        'server',
        buildMsg(id, id, { ok: 1, done: false, conversationId: 1 }),
        mark,
        false,
      );
    }
    expect(observer.settled).toBe(true);
    expect(builder.steps.length).toBeLessThan(1_000);
    expect(BsonView.of(new Uint8Array(0), walkBson(new Uint8Array(0)).value).firstName).toBe('');
  });
});
