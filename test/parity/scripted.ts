import { createServer, type Socket } from 'node:net';
import { concat, utf8Bytes } from '../../src/base/bytes';

/** A server that answers from a list: what no PostgreSQL says on purpose, but what a client may meet. */
interface Script {
  /** Answer to SSLRequest; default `N`. `close` closes instead. */
  readonly ssl?: Uint8Array | 'close';
  /** Answer to the StartupMessage, then to each message that follows; afterwards the connection is closed. */
  readonly answers?: readonly Uint8Array[];
  /** Says nothing and stays. */
  readonly silent?: boolean;
  /** Waits before each answer, milliseconds. */
  readonly delay?: number;
  /** Closes without a word. */
  readonly deaf?: boolean;
}

function int32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value);
  return bytes;
}

function message(type: string, ...body: Uint8Array[]): Uint8Array {
  const payload = concat(...body);
  return concat(utf8Bytes(type), int32(payload.length + 4), payload);
}

/** A message whose length word lies. */
function lying(type: string, length: number, ...body: Uint8Array[]): Uint8Array {
  return concat(utf8Bytes(type), int32(length), ...body);
}

const strings = (...texts: string[]) => utf8Bytes(texts.map((text) => `${text}\0`).join(''));
const error = (code: string, type = 'E', severity = 'FATAL') =>
  message(type, strings(`S${severity}`, `V${severity}`, `C${code}`, 'Mscripted', ''));
const auth = (code: number, ...body: Uint8Array[]) => message('R', int32(code), ...body);
const status = (name: string, value: string) => message('S', strings(name, value));
const key = (length: number) => message('K', int32(4711), new Uint8Array(length).fill(7));
const negotiate = (version: number, ...options: string[]) =>
  message('v', int32(version), int32(options.length), strings(...options));
const OK = auth(0);
const READY = message('Z', utf8Bytes('I'));
const STATUS = concat(status('server_version', '18.4'), status('in_hot_standby', 'off'));
const SESSION = concat(STATUS, key(4), READY);

const HTTP = utf8Bytes('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
const V3_0 = 0x30000;

const SCRIPTS = {
  'closes without a word': { deaf: true },
  'closes after SSLRequest': { ssl: 'close', answers: [concat(OK, SESSION)] },
  'N, then closes': { answers: [] },
  'error to SSLRequest': { ssl: error('53300'), answers: [concat(OK, SESSION)] },
  'old error to SSLRequest': { ssl: utf8Bytes('Esomething is wrong\n\0'), answers: [concat(OK, SESSION)] },
  'HTTP server': { ssl: HTTP, answers: [HTTP] },
  'something else to SSLRequest': { ssl: utf8Bytes('X'), answers: [concat(OK, SESSION)] },
  'bytes after S': { ssl: concat(utf8Bytes('S'), OK), answers: [concat(OK, SESSION)] },
  'bytes after N': { ssl: concat(utf8Bytes('N'), OK, SESSION), answers: [] },
  'S, then closes': { ssl: utf8Bytes('S'), answers: [] },
  trust: { answers: [concat(OK, SESSION)] },
  'error before authentication': { answers: [error('28000')] },
  'too many connections': { answers: [error('53300')] },
  'starting up': { answers: [error('57P03')] },
  'shutting down': { answers: [error('57P01')] },
  'unknown database early': { answers: [error('3D000')] },
  'error without a code': { answers: [message('E', strings('SFATAL', 'Mscripted', ''))] },
  'error in the old format': { answers: [utf8Bytes('EFATAL:  scripted\n\0')] },
  'half an error': { answers: [error('28000').subarray(0, 12)] },
  'error longer than allowed': { answers: [lying('E', 40_000, strings('SFATAL', ''))] },
  'error shorter than allowed': { answers: [lying('E', 5, utf8Bytes('x'))] },
  'notice before authentication': { answers: [concat(error('01000', 'N', 'WARNING'), OK, SESSION)] },
  'parameter before authentication': { answers: [concat(STATUS, OK, SESSION)] },
  'ready before authentication': { answers: [READY] },
  'request longer than allowed': { answers: [lying('R', 3_000, int32(0))] },
  'request shorter than allowed': { answers: [lying('R', 6, new Uint8Array(2))] },
  'half a request': { answers: [auth(5, new Uint8Array(4)).subarray(0, 7)] },
  'md5 without salt': { answers: [auth(5)] },
  'Kerberos 4': { answers: [auth(1)] },
  'Kerberos 5': { answers: [auth(2)] },
  crypt: { answers: [auth(4, new Uint8Array(2))] },
  GSSAPI: { answers: [auth(7)] },
  'GSSAPI continued': { answers: [auth(8, new Uint8Array(4))] },
  SSPI: { answers: [auth(9)] },
  'unknown request': { answers: [auth(99)] },
  'SASL without mechanisms': { answers: [auth(10, strings(''))] },
  'SASL, unknown mechanism': { answers: [auth(10, strings('SCRAM-SHA-512', ''))] },
  'SASL, unknown and known': { answers: [auth(10, strings('SCRAM-SHA-512', 'SCRAM-SHA-256', ''))] },
  'SASL, PLUS without TLS': { answers: [auth(10, strings('SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256', ''))] },
  'SASL, list not ended': { answers: [auth(10, utf8Bytes('SCRAM-SHA-256'))] },
  'SASL twice': {
    answers: [auth(10, strings('SCRAM-SHA-256', '')), auth(10, strings('SCRAM-SHA-256', ''))],
  },
  'SASL continued first': { answers: [auth(11, utf8Bytes('r=x,s=YQ==,i=4096'))] },
  'SASL final first': { answers: [auth(12, utf8Bytes('v=YQ=='))] },
  'SCRAM, Ok too early': { answers: [auth(10, strings('SCRAM-SHA-256', '')), concat(OK, SESSION)] },
  'SCRAM, another nonce': {
    answers: [auth(10, strings('SCRAM-SHA-256', '')), auth(11, utf8Bytes('r=xxxxxxxxxxxx,s=YQ==,i=4096'))],
  },
  'SCRAM, nonsense': { answers: [auth(10, strings('SCRAM-SHA-256', '')), auth(11, utf8Bytes('nonsense'))] },
  'SCRAM, error instead': { answers: [auth(10, strings('SCRAM-SHA-256', '')), error('28P01')] },
  'password twice': { answers: [auth(3), auth(3), concat(OK, SESSION)] },
  'password, then md5': { answers: [auth(3), auth(5, new Uint8Array(4)), concat(OK, SESSION)] },
  'password, then error': { answers: [auth(3), error('28P01')] },
  'password, then closes': { answers: [auth(3)] },
  'Ok twice': { answers: [concat(OK, OK, SESSION)] },
  'Ok, then closes': { answers: [OK] },
  'Ok, then error': { answers: [concat(OK, error('42501'))] },
  'Ok, then unknown object': { answers: [concat(OK, error('42704'))] },
  'Ok, then cannot connect now': { answers: [concat(OK, error('57P03'))] },
  'Ok, then notice': { answers: [concat(OK, error('01000', 'N', 'WARNING'), SESSION)] },
  'Ok, then an unknown message': { answers: [concat(OK, message('!', int32(0)), SESSION)] },
  'Ok, then rows': { answers: [concat(OK, message('D', new Uint8Array(2)), SESSION)] },
  'Ok, then notification': {
    answers: [concat(OK, message('A', int32(1), strings('channel', '')), SESSION)],
  },
  'Ok, then negotiation': { answers: [concat(OK, negotiate(V3_0), SESSION)] },
  'Ok, message too long': { answers: [concat(OK, lying('S', 40_000, strings('a', 'b')))] },
  'Ok, message too short': { answers: [concat(OK, lying('S', 3, strings('a', 'b')))] },
  'ready without a key': { answers: [concat(OK, STATUS, READY)] },
  'ready without parameters': { answers: [concat(OK, key(4), READY)] },
  'key of no bytes': { answers: [concat(OK, STATUS, key(0), READY)] },
  'key of 3 bytes': { answers: [concat(OK, STATUS, key(3), READY)] },
  'key of 32 bytes': { answers: [concat(OK, STATUS, key(32), READY)] },
  'key of 300 bytes': { answers: [concat(OK, STATUS, key(300), READY)] },
  'parameter without a value': { answers: [concat(OK, message('S', utf8Bytes('name\0')), SESSION)] },
  'parameter with more': { answers: [concat(OK, message('S', strings('a', 'b', 'c')), SESSION)] },
  'ready with more': { answers: [concat(OK, STATUS, key(4), message('Z', utf8Bytes('II')))] },
  'negotiates 3.0': { answers: [concat(negotiate(V3_0), OK, SESSION)] },
  'negotiates 3.0 twice': { answers: [concat(negotiate(V3_0), negotiate(V3_0), OK, SESSION)] },
  'negotiates 3.1': { answers: [concat(negotiate(V3_0 + 1), OK, SESSION)] },
  'negotiates 3.2': { answers: [concat(negotiate(V3_0 + 2), OK, SESSION)] },
  'negotiates 3.9999': { answers: [concat(negotiate(V3_0 + 9999), OK, SESSION)] },
  'negotiates 2.0': { answers: [concat(negotiate(0x20000), OK, SESSION)] },
  'negotiates 4.0': { answers: [concat(negotiate(0x40000), OK, SESSION)] },
  'negotiates an option': { answers: [concat(negotiate(V3_0, '_pq_.asked'), OK, SESSION)] },
  'negotiates a plain option': { answers: [concat(negotiate(V3_0, 'application_name'), OK, SESSION)] },
  'negotiates fewer options than it says': {
    answers: [concat(message('v', int32(V3_0), int32(3), strings('_pq_.a')), OK, SESSION)],
  },
  'negotiation too long': { answers: [lying('v', 3_000, int32(V3_0), int32(0))] },
  'negotiation too short': { answers: [lying('v', 6, new Uint8Array(2))] },
  slow: { delay: 1_200, answers: [concat(OK, SESSION)] },
  silent: { silent: true },
} as const satisfies Record<string, Script>;

export type ScriptName = keyof typeof SCRIPTS;
export const SCRIPT_NAMES = Object.keys(SCRIPTS) as ScriptName[];

export function isScript(name: string): name is ScriptName {
  return name in SCRIPTS;
}

export interface ScriptedServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts a server that follows a script for every connection, on 127.0.0.1 and a free port. */
export function startScripted(name: ScriptName): Promise<ScriptedServer> {
  const script: Script = SCRIPTS[name];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    follow(script, socket);
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve({
        port: (server.address() as { port: number }).port,
        stop: () => {
          for (const socket of sockets) socket.destroy();
          return new Promise((done) => server.close(() => done()));
        },
      });
    });
  });
}

/** What psql asks once it is connected. */
const QUERY = 0x51;
const QUERY_DONE = concat(message('C', strings('SELECT 0')), READY);

function follow(script: Script, socket: Socket): void {
  if (script.deaf) {
    // Late enough for the client to have said its first word: else it is chance whether it says it.
    setTimeout(() => socket.end(), 30);
    socket.resume();
    return;
  }
  let answered = 0;
  let ready = false;
  const answerTo = (bytes: Buffer) => {
    if (script.silent) return;
    if (bytes.length === 8 && bytes.readInt32BE(4) === 80877103) {
      const answer = script.ssl ?? utf8Bytes('N');
      if (answer === 'close') socket.end();
      else socket.write(answer);
      // After S the client begins TLS, and nobody is there to answer it.
      return;
    }
    if (ready) {
      if (bytes[0] === QUERY) socket.write(QUERY_DONE);
      return;
    }
    const answer = script.answers?.[answered++];
    if (answer) socket.write(answer);
    ready = answer !== undefined && Buffer.from(answer).includes(Buffer.from(READY));
    if (!ready && answered >= (script.answers?.length ?? 0)) setTimeout(() => socket.end(), 20);
  };
  socket.on('data', (bytes: Buffer) => {
    // What psql asks once it is connected is not part of the handshake.
    if (script.delay && !ready) setTimeout(answerTo, script.delay, bytes);
    else answerTo(bytes);
  });
}
