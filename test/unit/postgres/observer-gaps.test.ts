/** What is concluded, and what is not, where the capture lacks a part of the conversation. */
import { describe, expect, it } from 'vitest';
import { errorFields, fatal } from '../../../src/postgres/messages/error-fields';
import { codes, type Happening, OPENED, type WatchOptions, watch } from './watch';

const SSL: Happening = { client: { name: 'SSLRequest' } };
const START: Happening = {
  client: {
    name: 'StartupMessage',
    version: { major: 3, minor: 0 },
    parameters: [
      ['user', 'app_user'],
      ['database', 'app'],
    ],
  },
};
const MD5: Happening = { server: { name: 'AuthenticationMD5Password', salt: Uint8Array.of(1, 2, 3, 4) } };
const READY: Happening = { server: { name: 'ReadyForQuery', status: 'I' } };
const QUERY: Happening = { client: { name: 'Query', sql: 'select pg_sleep(9)' } };
const gap = (from: 'client' | 'server', length = 40): Happening => ({ gap: from, length });
const closes = (from: 'client' | 'server'): Happening => ({ close: from });
const error = (code: string, message: string): Happening => ({ server: fatal(code, message) });
const CANCELLED: Happening = {
  server: {
    name: 'ErrorResponse',
    fields: errorFields('ERROR', '57014', 'canceling statement due to user request'),
  },
};

interface Untold {
  readonly when: string;
  readonly happenings: readonly Happening[];
  readonly options?: WatchOptions;
  readonly code: string;
}

/** Without the missing part each of these would be a failure with a name. */
const UNTOLD: readonly Untold[] = [
  {
    when: 'the startup packet was cut and the client closed',
    happenings: [...OPENED, gap('client'), closes('client')],
    code: 'CAPTURE_BYTES_MISSING',
  },
  {
    when: 'what followed N was cut',
    happenings: [...OPENED, SSL, { server: 'N' }, gap('client'), closes('client')],
    code: 'CAPTURE_BYTES_MISSING',
  },
  {
    when: 'the answer to an authentication request was cut',
    happenings: [...OPENED, START, MD5, gap('client'), gap('server'), closes('client')],
    code: 'CAPTURE_BYTES_MISSING',
  },
  {
    when: 'the server’s last words were cut',
    happenings: [...OPENED, START, gap('server'), closes('server')],
    code: 'CAPTURE_BYTES_MISSING',
  },
  {
    when: 'the capture ends behind a gap',
    happenings: [...OPENED, START, gap('server')],
    code: 'CAPTURE_BYTES_MISSING',
  },
  {
    when: 'only the client was captured',
    happenings: [{ open: 'client' }, START, gap('server'), closes('client')],
    code: 'CAPTURE_ONE_DIRECTION',
  },
  {
    when: 'only the client was captured, and TLS began with the first byte',
    happenings: [{ open: 'client' }, { tls: 'ClientHello' }, closes('client')],
    options: { direct: true },
    code: 'CAPTURE_ONE_DIRECTION',
  },
  {
    when: 'only the server was captured',
    happenings: [{ open: 'server' }, gap('client'), MD5, gap('client'), closes('server')],
    code: 'CAPTURE_ONE_DIRECTION',
  },
  {
    when: 'the capture begins in the middle',
    happenings: [QUERY, closes('server')],
    code: 'PG_SESSION_OPEN',
  },
  {
    when: 'an error behind a gap does not end a session that is open',
    happenings: [...OPENED, START, gap('server'), QUERY, CANCELLED, closes('client')],
    code: 'CAPTURE_BYTES_MISSING',
  },
  {
    when: 'a zero behind a gap is from inside of a message',
    happenings: [...OPENED, gap('client'), { client: Uint8Array.of(0, 0, 0, 3) }, closes('server')],
    code: 'CAPTURE_BYTES_MISSING',
  },
];

describe('PostgresObserver, with a part missing', () => {
  it.each(UNTOLD)('concludes nothing from silence when $when', ({ happenings, options, code }) => {
    const trace = watch(happenings, options);
    expect(trace.diagnosis.code).toBe(code);
    expect(trace).toMatchObject({ outcome: 'incomplete', error: null });
    expect(trace.auth.outcome).toBe('unknown');
  });

  it('knows that a session was open when an error is followed by ReadyForQuery', () => {
    const trace = watch([...OPENED, START, gap('server'), QUERY, CANCELLED, READY]);
    expect(trace).toMatchObject({ outcome: 'ready', error: null });
    const error = trace.steps.find(({ message }) => message === 'ErrorResponse');
    expect(error).toMatchObject({ clientState: 'unknown', serverState: 'unknown' });
  });

  it('says what a server refused with a FATAL error all the same', () => {
    const trace = watch([...OPENED, START, gap('server'), error('53300', 'sorry, too many clients already')]);
    expect(trace).toMatchObject({ outcome: 'failed', error: { code: '53300' } });
  });

  it('takes a name that was not seen from the error, or says that it was not seen', () => {
    const message =
      'no pg_hba.conf entry for host "192.0.2.9", user "app_user", database "app", no encryption';
    const named = watch([...OPENED, gap('client'), error('28000', message)]);
    expect(named.verdict).toContain('No pg_hba.conf entry matches user "app_user", database "app"');
    const line = named.findings.find(({ code }) => code === 'PG_NO_HBA_ENTRY');
    expect(line?.message).toMatch(/host {2}app {2}app_user {2}192\.0\.2\.9\/32/);
    const translated = watch([...OPENED, gap('client'), error('28P01', 'Passwort-Authentifizierung')]);
    expect(translated.verdict).toContain('rejected the password of the user.');
    const nowhere = watch([...OPENED, gap('client'), error('3D000', 'Datenbank existiert nicht')]);
    expect(nowhere.verdict).toMatch(/^The database does not exist/);
  });

  it('takes no early end of TLS for a refused login when records are missing', () => {
    const story = (...more: Happening[]) =>
      watch(
        [
          ...OPENED,
          SSL,
          { server: 'S' },
          { tls: 'ClientHello' },
          { tls: 'ServerHello', from: 'server' },
          { established: true },
          { sealed: 'client' },
          { sealed: 'server' },
          ...more,
          closes('server'),
        ],
        { keys: false },
      );
    expect(story().verdict).toContain('as it does after a refused login');
    expect(story(gap('server')).verdict).not.toContain('after a refused login');
    expect(codes(story(gap('server')))).toContain('PG_GAP');
  });
});
