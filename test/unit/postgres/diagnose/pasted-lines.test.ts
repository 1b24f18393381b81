/** Lines to paste hold names as they are, quoted as pg_hba.conf and SQL want it. */
import { describe, expect, it } from 'vitest';
import { OPENED, watch } from '../watch';
import { error, startup } from './parts';

const ENTRY = 'no pg_hba.conf entry for host "2001:db8::7", user "x", database "y", SSL off';

describe('lines to paste', () => {
  it.each(['$&', "$'`$1", 'a "b"', 'all', 'app-user', 'häns'])('user %j', (user) => {
    const trace = watch([...OPENED, startup({ user, database: user }), error('28000', ENTRY)]);
    const name =
      /^[A-Za-z_][\w$.-]*$/.test(user) && user !== 'all' ? user : `"${user.replaceAll('"', '""')}"`;
    const line = `host  ${name}  ${name}  2001:db8::7/128  scram-sha-256`;
    expect(trace.diagnosis.next.map(({ snippet }) => snippet)).toContain(line);
    expect(trace.findings.find(({ code }) => code === 'PG_NO_HBA_ENTRY')?.message).toContain(line);
    const unknown = watch([...OPENED, startup({ user }), error('28000', 'role does not exist')]);
    const sql = unknown.diagnosis.next.find(({ snippet }) => snippet?.startsWith('CREATE ROLE'))?.snippet;
    expect(sql).toBe(`CREATE ROLE "${user.replaceAll('"', '""')}" LOGIN;`);
  });
});
