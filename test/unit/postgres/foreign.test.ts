/** Other services that answer a client of PostgreSQL, as findings name them. */
import { describe, expect, it } from 'vitest';
import { type Happening, OPENED, watch } from './watch';

const SSL: Happening = { client: { name: 'SSLRequest' } };

describe('what answers SSLRequest and is not PostgreSQL', () => {
  it.each([
    ['HTTP/1.1 400 Bad Request\r\n\r\n', 'an HTTP server'],
    ['RFB 003.008\n', 'a VNC server'],
    ['-WRONGPASS no\r\n', 'a Redis server'],
    ['220 mail.example ESMTP\r\n', 'a mail server (SMTP)'],
    ['what is this?\r\n', 'another service'],
  ])('%j is named %s', (server, name) => {
    const trace = watch([...OPENED, SSL, { server }, { close: 'server' }]);
    const finding = trace.findings.find(({ code }) => code === 'PG_NOT_POSTGRES');
    expect(finding?.message).toContain(`not PostgreSQL: ${name}.`);
  });
});
