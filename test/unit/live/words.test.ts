import { describe, expect, it } from 'vitest';
import { stateGraphOf } from '../../../src/inspect/graphs';
import { errorWords } from '../../../src/live/errors';
import { stepWords } from '../../../src/live/step-words';

const place = {
  target: 'db.example.test:5432',
  host: 'db.example.test',
  port: 5432,
  product: 'PostgreSQL',
} as const;

describe('step words', () => {
  it.each(['postgres', 'mongodb'] as const)('every state that %s can wait in has words', (protocol) => {
    const waiting = stateGraphOf(protocol).nodes.filter(
      (node) =>
        node.role === 'client' && node.kind !== 'success' && node.kind !== 'failure' && node.id !== 'CLOSED',
    );
    expect(waiting.length).toBeGreaterThan(5);
    for (const { id } of waiting)
      expect(stepWords(protocol, id)).toMatch(new RegExp(`^[a-z].+ \\(${id}\\)$`));
  });

  it('names a state that is new to it', () => {
    expect(stepWords('postgres', 'CONNECTION_NEW')).toBe('in CONNECTION_NEW');
  });
});

describe('error words', () => {
  it.each(['ENOTFOUND', 'ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH', 'CERT_HAS_EXPIRED', 'TLS_PEER_CLOSED'])(
    '%s is a sentence that names the place, and a next step',
    (code) => {
      const words = errorWords(code, 'unused', place);
      expect(words.message).toMatch(/db\.example\.test.*\.$/);
      expect(words.next).toMatch(/\.$/);
      expect(`${words.message}${words.next}`).not.toMatch(/undefined|unused/);
    },
  );

  it('internal_error: of MongoDB, the access list of Atlas comes to mind', () => {
    const code = 'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR';
    expect(errorWords(code, 'unused', { ...place, product: 'MongoDB' }).next).toContain('IP access list');
    expect(errorWords(code, 'unused', place).next).toBe('Look in its log for the reason.');
  });

  it('keeps the text of a code that it does not know', () => {
    expect(errorWords('ESOMETHING', 'it broke', place).message).toContain('it broke');
    expect(errorWords('ERR_SSL_SOMETHING', 'it broke', place).message).toMatch(/TLS handshake.*it broke/);
    expect(errorWords('', 'it broke', place).code).toBe('UNKNOWN');
  });
});
