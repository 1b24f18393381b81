import { describe, expect, it } from 'vitest';
import { UndecidedTls } from '../../../src/inspect/undecided';

describe('TLS that may be ours', () => {
  it('is told with what settles it, in the editor and on the command line', () => {
    const tls = new UndecidedTls();
    tls.add('10.0.0.7:10255');
    expect(tls.notes()).toEqual([
      '1 TLS connection to 10.0.0.7:10255 may be PostgreSQL or MongoDB: give the TLS keys, or say which, in the editor with "Decode Port as…", on the command line with --decode-as 10255=postgres or 10255=mongodb.',
    ]);
  });

  it('names the servers with the most connections, and counts the others', () => {
    const tls = new UndecidedTls();
    for (let port = 1; port <= 7; port++) for (let each = 0; each < port; each++) tls.add(`[::1]:${port}`);
    const notes = tls.notes();
    expect(notes[0]).toMatch(/^7 TLS connections to \[::1\]:7 may be .*--decode-as 7=postgres/);
    expect(notes).toHaveLength(6);
    expect(notes[5]).toBe('3 more TLS connections to other servers may be PostgreSQL or MongoDB.');
  });
});
