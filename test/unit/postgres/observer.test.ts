import { describe, expect, it } from 'vitest';
import { concat, utf8Bytes } from '../../../src/base/bytes';
import { POSTGRES_SEVERITIES } from '../../../src/diagnosis/severities/postgres';
import { fatal } from '../../../src/postgres/messages/error-fields';
import { buildBackend, buildFrontend } from '../../../src/postgres/messages/message-build';
import type { BackendMessage, FrontendMessage } from '../../../src/postgres/messages/message-types';
import { CHUNKS } from './feed';
import { codes, type Happening, OPENED, show, type WatchOptions, watch } from './watch';

const STARTUP: FrontendMessage = {
  name: 'StartupMessage',
  version: { major: 3, minor: 0 },
  parameters: [
    ['user', 'app_user'],
    ['database', 'app'],
  ],
};
const SSL: Happening = { client: { name: 'SSLRequest' } };
const GSS: Happening = { client: { name: 'GSSENCRequest' } };
const START: Happening = { client: STARTUP };
const MD5: Happening = { server: { name: 'AuthenticationMD5Password', salt: Uint8Array.of(1, 2, 3, 4) } };
const CLEAR: Happening = { server: { name: 'AuthenticationCleartextPassword' } };
const PASSWORD: Happening = { client: { name: 'PasswordMessage', password: `md5${'0'.repeat(32)}` } };
const OK: Happening = { server: { name: 'AuthenticationOk' } };
const READY: Happening = { server: { name: 'ReadyForQuery', status: 'I' } };
const SASL: Happening = { server: { name: 'AuthenticationSASL', mechanisms: ['SCRAM-SHA-256'] } };
const PLUS: Happening = {
  server: { name: 'AuthenticationSASL', mechanisms: ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256'] },
};
const INITIAL: Happening = {
  client: { name: 'SASLInitialResponse', mechanism: 'SCRAM-SHA-256', response: utf8Bytes('n,,n=,r=abc') },
};
const error = (code: string, message: string): Happening => ({ server: fatal(code, message) });
const closes = (from: 'client' | 'server', how: 'fin' | 'rst' = 'fin'): Happening => ({ close: from, how });

interface Ending {
  readonly when: string;
  readonly happenings: readonly Happening[];
  readonly options?: WatchOptions;
  readonly outcome: string;
  readonly error: string | null;
  readonly auth?: string;
  readonly code: string;
  readonly findings?: readonly string[];
}

/** Every way a conversation can end, and what a person is told. */
const ENDINGS: readonly Ending[] = [
  {
    when: 'it is ready',
    happenings: [...OPENED, START, MD5, PASSWORD, OK, READY],
    outcome: 'ready',
    error: null,
    auth: 'ok',
    code: 'PG_READY',
    findings: ['PG_MD5'],
  },
  {
    when: 'TCP is refused',
    happenings: [{ open: 'client' }, closes('server', 'rst')],
    outcome: 'failed',
    error: 'server ECONNREFUSED',
    code: 'TCP_REFUSED',
  },
  {
    when: 'TCP is never answered',
    happenings: [{ open: 'client' }, { wait: 3000 }],
    outcome: 'incomplete',
    error: null,
    code: 'TCP_NO_ANSWER',
  },
  {
    when: 'a port check comes by',
    happenings: [...OPENED, closes('client')],
    outcome: 'failed',
    error: null,
    code: 'TCP_PORT_CHECK',
  },
  {
    when: 'SSL is refused and required',
    happenings: [...OPENED, SSL, { server: 'N' }, closes('client')],
    outcome: 'failed',
    error: 'client SSL_REFUSED',
    code: 'PG_TLS_DECLINED',
  },
  {
    when: 'SSL is refused and not required',
    happenings: [...OPENED, SSL, { server: 'N' }, START, OK, READY],
    outcome: 'ready',
    error: null,
    auth: 'ok',
    code: 'PG_READY',
    findings: ['PG_SSL_REFUSED', 'PG_NO_AUTHENTICATION'],
  },
  {
    when: 'SSLRequest is answered with an error',
    happenings: [...OPENED, SSL, { server: 'Ecould not fork\n\0' }, closes('server')],
    outcome: 'failed',
    error: 'server SSL_ERROR_RESPONSE',
    code: 'PG_SSL_ERROR',
    findings: ['PG_SSL_ERROR_RESPONSE'],
  },
  {
    when: 'the server cannot start a process',
    happenings: [...OPENED, START, { server: 'Ecould not fork new process\n\0' }, closes('server')],
    outcome: 'failed',
    error: 'server OLD_ERROR_FORMAT',
    code: 'PG_CANNOT_START_PROCESS',
  },
  {
    when: 'HTTP answers SSLRequest',
    happenings: [...OPENED, SSL, { server: 'HTTP/1.1 400 Bad Request\r\n\r\n' }, closes('server')],
    outcome: 'failed',
    error: 'client NOT_POSTGRES',
    code: 'SERVICE_OTHER_ANSWERED',
    findings: ['PG_NOT_POSTGRES'],
  },
  {
    when: 'MySQL speaks first',
    happenings: [
      ...OPENED,
      { server: Uint8Array.of(0x4a, 0, 0, 0, 10, 0x38, 0x2e, 0x30, 0) },
      closes('client'),
    ],
    outcome: 'failed',
    error: 'client NOT_POSTGRES',
    code: 'SERVICE_OTHER_ANSWERED',
  },
  {
    when: 'the answer never comes',
    happenings: [...OPENED, SSL, { wait: 3000 }, closes('client')],
    outcome: 'failed',
    error: 'server NO_ANSWER',
    code: 'TCP_SERVER_SILENT',
  },
  {
    when: 'the startup packet is never answered',
    happenings: [...OPENED, START, { wait: 3000 }, closes('client')],
    outcome: 'failed',
    error: 'server NO_ANSWER',
    code: 'TCP_SERVER_SILENT',
  },
  {
    when: 'the server closes silently',
    happenings: [...OPENED, START, closes('server')],
    outcome: 'failed',
    error: 'server SERVER_CLOSED',
    code: 'PG_PLAIN_START_CLOSED',
  },
  {
    when: 'the server closes at once',
    happenings: [...OPENED, closes('server')],
    outcome: 'failed',
    error: 'server SERVER_CLOSED',
    code: 'TCP_CLOSED_AT_ONCE',
  },
  {
    when: 'the password is wrong',
    happenings: [...OPENED, START, SASL, INITIAL, error('28P01', 'no')],
    outcome: 'failed',
    error: 'server 28P01',
    auth: 'failed',
    code: 'PG_PASSWORD_REFUSED',
  },
  {
    when: 'no line of pg_hba.conf matches',
    happenings: [
      ...OPENED,
      START,
      error(
        '28000',
        'no pg_hba.conf entry for host "192.0.2.9", user "app_user", database "app", no encryption',
      ),
    ],
    outcome: 'failed',
    error: 'server 28000',
    auth: 'failed',
    code: 'PG_HBA_NO_ENTRY',
  },
  {
    when: 'a line of pg_hba.conf rejects',
    happenings: [...OPENED, START, error('28000', 'pg_hba.conf rejects connection for host')],
    outcome: 'failed',
    error: 'server 28000',
    auth: 'failed',
    code: 'PG_HBA_REJECTS',
  },
  {
    when: 'the role does not exist',
    happenings: [...OPENED, START, OK, error('28000', 'role "app_user" does not exist')],
    outcome: 'failed',
    error: 'server 28000',
    auth: 'ok',
    code: 'PG_ROLE_UNKNOWN',
  },
  {
    when: 'the database does not exist',
    happenings: [...OPENED, START, MD5, PASSWORD, OK, error('3D000', 'database "app" does not exist')],
    outcome: 'failed',
    error: 'server 3D000',
    auth: 'ok',
    code: 'PG_DATABASE_UNKNOWN',
  },
  {
    when: 'there are too many connections',
    happenings: [...OPENED, START, error('53300', 'sorry, too many clients already')],
    outcome: 'failed',
    error: 'server 53300',
    auth: 'unknown',
    code: 'PG_CONNECTION_LIMIT',
  },
  {
    when: 'the server is starting up',
    happenings: [...OPENED, START, error('57P03', 'the database system is starting up')],
    outcome: 'failed',
    error: 'server 57P03',
    auth: 'unknown',
    code: 'PG_STARTING_UP',
  },
  {
    when: 'an unlisted error comes',
    happenings: [...OPENED, START, error('XX000', 'surprise')],
    outcome: 'failed',
    error: 'server XX000',
    code: 'PG_SERVER_ERROR',
  },
  {
    when: 'the client has no password',
    happenings: [...OPENED, START, MD5, closes('client')],
    outcome: 'failed',
    error: 'client AUTH_ABANDONED',
    auth: 'abandoned',
    code: 'PG_PASSWORD_NOT_GIVEN',
  },
  {
    when: 'the client leaves later',
    happenings: [...OPENED, START, MD5, PASSWORD, closes('client', 'rst')],
    outcome: 'failed',
    error: 'client CLIENT_CLOSED',
    code: 'TCP_CLIENT_CANCELLED',
  },
  {
    when: 'a query is cancelled',
    happenings: [
      ...OPENED,
      { client: { name: 'CancelRequest', processId: 1, secretKey: Uint8Array.of(1, 2, 3, 4) } },
      closes('server'),
    ],
    outcome: 'cancel',
    error: null,
    code: 'PG_CANCEL',
  },
  {
    when: 'the startup packet is 3 bytes long',
    happenings: [...OPENED, { client: Uint8Array.of(0, 0, 0, 3) }, closes('server')],
    outcome: 'failed',
    error: 'client BAD_STARTUP_PACKET',
    code: 'PG_BAD_STARTUP',
    findings: ['PG_BAD_STARTUP_PACKET'],
  },
  {
    when: 'the client does not trust the certificate',
    happenings: [
      ...OPENED,
      SSL,
      { server: 'S' },
      { tls: 'ClientHello' },
      { alert: 'unknown_ca', from: 'client' },
      closes('client'),
    ],
    outcome: 'failed',
    error: 'client TLS_UNKNOWN_CA',
    code: 'TLS_CERTIFICATE_UNTRUSTED',
  },
  {
    when: 'the server refuses the client’s certificate after the handshake',
    happenings: [
      ...OPENED,
      SSL,
      { server: 'S' },
      { tls: 'ClientHello' },
      { established: true },
      START,
      { alert: 'certificate_required', from: 'server' },
      closes('server'),
    ],
    outcome: 'failed',
    error: 'server TLS_CERTIFICATE_REQUIRED',
    code: 'TLS_CLIENT_CERTIFICATE_MISSING',
  },
  {
    when: 'TLS ends without a readable alert',
    happenings: [
      ...OPENED,
      SSL,
      { server: 'S' },
      { tls: 'ClientHello' },
      { tls: 'ServerHello', from: 'server' },
      closes('client'),
    ],
    outcome: 'failed',
    error: 'client TLS_CLOSED',
    code: 'TLS_ENDED_BY_CLIENT',
  },
  {
    when: 'an old server gets direct TLS',
    happenings: [...OPENED, { tls: 'ClientHello' }, closes('server')],
    options: { direct: true },
    outcome: 'failed',
    error: 'server TLS_CLOSED',
    code: 'TLS_CLOSED_ON_HELLO',
  },
  {
    when: 'nobody has the keys',
    happenings: [
      ...OPENED,
      SSL,
      { server: 'S' },
      { tls: 'ClientHello' },
      { tls: 'ServerHello', from: 'server' },
      { established: true },
      { sealed: 'client' },
      { sealed: 'server' },
    ],
    options: { keys: false },
    outcome: 'encrypted',
    error: null,
    code: 'PG_ENCRYPTED',
  },
  {
    when: 'nobody has the keys and the server closes early',
    happenings: [
      ...OPENED,
      SSL,
      { server: 'S' },
      { tls: 'ClientHello' },
      { tls: 'ServerHello', from: 'server' },
      { established: true },
      { sealed: 'client' },
      { sealed: 'server' },
      closes('server'),
    ],
    options: { keys: false },
    outcome: 'encrypted',
    error: null,
    code: 'PG_ENCRYPTED',
  },
  {
    when: 'GSSAPI takes over',
    happenings: [...OPENED, GSS, { server: 'G' }, { client: Uint8Array.of(0, 0, 0, 9, 1, 2, 3, 4, 5) }],
    outcome: 'encrypted',
    error: null,
    code: 'PG_GSS_ENCRYPTED',
  },
  {
    when: 'the capture stops',
    happenings: [...OPENED, START, SASL],
    outcome: 'incomplete',
    error: null,
    code: 'CAPTURE_ENDS',
  },
];

describe('PostgresObserver', () => {
  it.each(ENDINGS)('tells what happened when $when', (ending) => {
    for (const chunk of CHUNKS) {
      const trace = watch(ending.happenings, { ...ending.options, chunk });
      expect(trace.diagnosis.code).toBe(ending.code);
      expect(trace.verdict).not.toBe('');
      expect(trace.outcome).toBe(ending.outcome);
      expect(trace.error && `${trace.error.from} ${trace.error.code}`).toBe(ending.error);
      if (ending.auth) expect(trace.auth.outcome).toBe(ending.auth);
      if (ending.findings) expect(codes(trace)).toEqual(ending.findings);
    }
  });

  it('has no finding that nothing gives', () => {
    const seen = new Set<string>(['PG_DOUBLE_LOGIN', 'PG_DIRECT_WITHOUT_ALPN', 'PG_CERTIFICATE_BY_SSLMODE']);
    const stories: readonly (readonly [readonly Happening[], WatchOptions?])[] = [
      ...ENDINGS.map((ending) => [ending.happenings, ending.options] as const),
      [[...OPENED, SSL, { server: 'Sx' }]],
      [
        [
          ...OPENED,
          { client: concat(buildFrontend({ name: 'SSLRequest' }), buildFrontend(STARTUP)) },
          { server: 'N' },
        ],
      ],
      [[...OPENED, START, PLUS]],
      [[...OPENED, START, SASL, INITIAL, OK]],
      [[...OPENED, START, { server: { name: 'AuthenticationSASLFinal', data: utf8Bytes('v=AAAA') } }]],
      [[...OPENED, START, SASL, { server: Uint8Array.of(0x52, 0, 0, 0, 6, 0, 0) }]],
      [[...OPENED, START, { gap: 'server', length: 3 }]],
      [
        [
          ...OPENED,
          { client: buildFrontend({ ...STARTUP, version: { major: 3, minor: 2 } }) },
          { server: { name: 'NegotiateProtocolVersion', version: { major: 3, minor: 0 }, options: [] } },
        ],
      ],
      [
        [
          ...OPENED,
          START,
          {
            server: {
              name: 'NegotiateProtocolVersion',
              version: { major: 2, minor: 0 },
              options: ['_pq_.x'],
            },
          },
        ],
      ],
      [[...OPENED, START, error('28000', 'no pg_hba.conf entry for host "192.0.2.1", user "u"')]],
      [[...OPENED, START, SASL, INITIAL, error('28000', 'SCRAM channel binding check failed')]],
      [[...OPENED, { tls: 'ClientHello' }, { established: true }, GSS], { direct: true }],
      [[...OPENED, { tls: 'ClientHello' }, { established: true }, START, CLEAR, PASSWORD], { direct: true }],
      [[...OPENED, { tls: 'ClientHello' }, { established: true }, START, PLUS, INITIAL], { direct: true }],
      [[...OPENED, START, CLEAR, PASSWORD]],
    ];
    for (const [story, options] of stories) for (const code of codes(watch(story, options))) seen.add(code);
    const mine = [...seen].filter((code) => code.startsWith('PG_'));
    expect(mine.sort()).toEqual(Object.keys(POSTGRES_SEVERITIES).sort());
  });

  it('stops looking once the handshake is over, and records nothing after it', () => {
    const done = show([...OPENED, START, OK, READY]);
    const steps = done.trace.steps.length;
    const mark = { frame: 99, seconds: 0, nanos: 0 };
    done.handleBytes('server', utf8Bytes('anything'), mark, false);
    done.handleGap('server', 5, mark);
    done.handleLocal({ kind: 'note', message: 'x', summary: 'y' }, mark);
    // Of all that follows only the client's first word is looked at.
    expect(done.settled).toBe(false);
    done.handleBytes('client', utf8Bytes('anything'), mark, false);
    expect(done.settled).toBe(true);
    done.handleClose('server', 'rst', mark);
    done.handleGap('client', 5, mark);
    done.handleLocal({ kind: 'note', message: 'x', summary: 'y' }, mark);
    expect(done.trace.steps).toHaveLength(steps);
    expect(show([...OPENED, START, error('28P01', 'no')]).settled).toBe(true);
  });

  it('takes this side at its word when it refuses what ended in ReadyForQuery', () => {
    const done = show([...OPENED, START, OK, READY]);
    const refusal = {
      from: 'client',
      code: 'SCRAM_BAD_SIGNATURE',
      message: 'incorrect server signature',
    } as const;
    const mark = { frame: 99, seconds: 0, nanos: 0 };
    done.handleLocal({ kind: 'note', message: 'Give up', summary: 'x', error: refusal }, mark);
    done.finish();
    expect(done.trace.outcome).toBe('failed');
    expect(done.trace.steps.at(-1)).toMatchObject({ message: 'Give up', clientState: 'CONNECTION_BAD' });
    expect(done.trace.diagnosis?.code).toBe('PG_SERVER_NOT_PROVED');
  });

  it('places every field inside its step and gives each step the frames that carried it', () => {
    const trace = watch([...OPENED, START, SASL, INITIAL, error('28P01', 'no')], { chunk: 5 });
    for (const step of trace.steps) {
      for (const field of step.fields)
        expect((field.offset ?? 0) + (field.length ?? 0)).toBeLessThanOrEqual(step.bytes);
      if (step.layer === 'postgres') expect(step.frames).toHaveLength(Math.ceil(step.bytes / 5));
    }
  });

  it('reads several messages from one segment and one message from several', () => {
    const bytes = concat(
      ...[OK, READY].map((part) => buildBackend((part as { server: BackendMessage }).server)),
    );
    const trace = watch([...OPENED, START, { server: bytes }]);
    const frames = trace.steps
      .filter((step) => step.from === 'server' && step.layer === 'postgres')
      .map((step) => step.frames);
    expect(frames).toEqual([[4], [4]]);
  });

  it('reads answers that were captured before their questions', () => {
    const trace = watch([...OPENED, START, PASSWORD, MD5, OK, READY]);
    expect(trace.outcome).toBe('ready');
    expect(codes(trace)).toEqual(['PG_MD5']);
  });

  it('goes over to TLS after S, back inside with keys, and sees what is there', () => {
    const observer = show([...OPENED, SSL]);
    expect(observer.layer).toBe('plain');
    const trace = watch([
      ...OPENED,
      SSL,
      { server: 'S' },
      { tls: 'ClientHello' },
      { established: true },
      START,
      PLUS,
      INITIAL,
      OK,
      READY,
    ]);
    expect(trace.tls).toMatchObject({ version: 'TLSv1.3', decrypted: true });
    expect(trace.outcome).toBe('ready');
    expect(trace.steps.filter((step) => step.layer === 'postgres').map((step) => step.encrypted)).toEqual([
      false,
      false,
      true,
      true,
      true,
      true,
      true,
    ]);
    expect(codes(trace)).toEqual(['PG_CHANNEL_BINDING_UNUSED', 'PG_SCRAM_UNFINISHED']);
    expect(show([...OPENED, SSL, { server: 'S' }]).layer).toBe('tls');
    expect(show([...OPENED, SSL, { server: 'N' }]).layer).toBe('plain');
    expect(show([], { direct: true }).layer).toBe('tls');
  });

  it('finds -PLUS offered without TLS, and encryption asked for inside TLS', () => {
    expect(codes(watch([...OPENED, START, PLUS]))).toContain('PG_PLUS_WITHOUT_TLS');
    const inside = watch([...OPENED, { tls: 'ClientHello' }, { established: true }, GSS], { direct: true });
    expect(codes(inside)).toContain('PG_NEGOTIATE_INSIDE_TLS');
  });

  it('finds unencrypted bytes behind S and behind SSLRequest', () => {
    const behindAnswer = watch([...OPENED, SSL, { server: 'Sx' }, closes('client')]);
    expect(codes(behindAnswer)).toEqual(['PG_SURPLUS_AFTER_SSL_RESPONSE']);
    expect(behindAnswer.error).toMatchObject({ from: 'client', code: 'SSL_SURPLUS' });
    const early = concat(buildFrontend({ name: 'SSLRequest' }), buildFrontend(STARTUP));
    const behindRequest = watch([...OPENED, { client: early }, { server: 'S' }, closes('server')]);
    expect(codes(behindRequest)).toEqual(['PG_SURPLUS_AFTER_SSL_REQUEST']);
    expect(behindRequest.verdict).toContain('CVE-2021-23214');
  });

  it('finds direct TLS without ALPN', () => {
    const observer = show([...OPENED, { tls: 'ClientHello' }], { direct: true });
    observer.handleTlsFacts({ alpnOffered: ['http/1.1'] });
    observer.finish();
    expect(observer.trace.findings.map((finding) => finding.code)).toContain('PG_DIRECT_WITHOUT_ALPN');
  });

  it('joins a conversation in the middle', () => {
    const trace = watch([
      INITIAL,
      { server: { name: 'AuthenticationSASLFinal', data: utf8Bytes('v=AAAA') } },
      OK,
      READY,
    ]);
    expect(trace.steps.map((step) => step.clientState)).toEqual([
      'CONNECTION_AWAITING_RESPONSE',
      'CONNECTION_AWAITING_RESPONSE',
      'CONNECTION_AUTH_OK',
      'CONNECTION_AUTH_OK',
      'CONNECTION_CHECK_TARGET',
      'CONNECTION_OK',
    ]);
    expect(trace.auth.mechanism).toBe('scram-sha-256');
    expect(trace.outcome).toBe('ready');
  });

  it('does not know the state after a gap, and finds it again', () => {
    const trace = watch([...OPENED, START, { gap: 'server', length: 24 }, OK, READY]);
    expect(codes(trace)).toEqual(['PG_GAP']);
    expect(trace.outcome).toBe('ready');
    const lost = watch([
      ...OPENED,
      START,
      { gap: 'server', length: 24 },
      { server: Uint8Array.of(9, 9, 9) },
      closes('server'),
    ]);
    expect(lost.steps.at(-1)).toMatchObject({
      message: 'FIN',
      clientState: 'unknown',
      serverState: 'unknown',
    });
  });

  it('shows what was cut short', () => {
    const cut = buildBackend(fatal('28P01', 'no')).subarray(0, 9);
    const trace = watch([...OPENED, START, { server: cut }, closes('server')]);
    expect(trace.steps.map((step) => step.message)).toContain('Incomplete message');
    expect(trace.outcome).toBe('failed');
  });

  it('notes a message out of order and goes on', () => {
    const trace = watch([
      ...OPENED,
      START,
      { server: { name: 'AuthenticationSASLFinal', data: utf8Bytes('v=AAAA') } },
      OK,
      READY,
    ]);
    expect(codes(trace)).toContain('PG_OUT_OF_ORDER');
    expect(trace.outcome).toBe('ready');
  });

  it('lets a local error end the attempt, in its own words', () => {
    const observer = show([...OPENED, START]);
    const problem = {
      from: 'client',
      code: 'TIMEOUT',
      message: 'No answer to the startup packet within 5 s.',
    } as const;
    observer.handleLocal(
      { kind: 'timeout', message: 'Time-out', summary: 'waited 5 s', error: problem },
      { frame: 0, seconds: 0, nanos: 0 },
    );
    observer.finish();
    expect(observer.trace.error).toEqual(problem);
    expect(observer.trace.verdict).toBe(problem.message);
    expect(observer.trace.steps.at(-1)).toMatchObject({ from: 'local', clientState: 'CONNECTION_BAD' });
  });

  it('shows a name being looked up before anything crosses the wire', () => {
    const observer = show([]);
    observer.handleLocal(
      { kind: 'resolve', message: 'Resolve name', summary: 'db.example → 192.0.2.1' },
      { frame: 0, seconds: 0, nanos: 0 },
    );
    expect(observer.trace.steps.at(-1)).toMatchObject({
      clientState: 'CONNECTION_NEEDED',
      serverState: 'ServerLoop',
    });
  });
});
