import { describe, expect, it } from 'vitest';
import { libpqNameMatches } from '../../../src/tls/host-name';

const names = (dns: string[], ip: string[] = [], commonName: string | null = null) => ({
  dns,
  ip,
  commonName,
});

/** As `pq_verify_peer_name_matches_certificate` of libpq 15 and later decides. */
describe('the names that libpq takes', () => {
  it.each([
    ['db.example.com', names(['db.example.com'])],
    ['DB.Example.COM', names(['db.example.com'])],
    ['db.example.com', names(['other', 'db.example.com'])],
    ['db.example.com', names(['*.example.com'])],
    ['db.example.com', names([], [], 'db.example.com')],
    ['db.example.com', names([], [], '*.example.com')],
    // An iPAddress is no name of the kind of a DNS name: the common name counts.
    ['db.example.com', names([], ['192.0.2.1'], 'db.example.com')],
    ['192.0.2.1', names([], ['192.0.2.1'])],
    ['192.0.2.1', names(['192.0.2.1'])],
    // The common name counts for an address even beside a dNSName.
    ['192.0.2.1', names(['db.example.com'], [], '192.0.2.1')],
    ['2001:db8::1', names([], ['2001:0db8:0:0:0:0:0:1'])],
    ['2001:DB8:0::1', names([], ['2001:db8::1'])],
    ['::ffff:192.0.2.1', names([], ['::ffff:c000:201'])],
  ])('%s: %j', (host, certificate) => {
    expect(libpqNameMatches(host, /^[\d.]+$|:/.test(host), certificate)).toBe(true);
  });

  it.each([
    ['db.example.com', names(['example.com'])],
    ['db.example.com', names(['*.com'])],
    ['a.db.example.com', names(['*.example.com'])],
    ['example.com', names(['*.example.com'])],
    ['db.example.com', names(['d*.example.com'])],
    ['db.example.com', names(['*'])],
    ['db.example.com', names(['*.'])],
    ['db.example.com', names(['db.*.com'])],
    ['db.example.com', names(['db.example.com\0.evil.example'])],
    ['db.example.com', names(['db.example.com.'])],
    ['db.example.com.', names(['db.example.com'])],
    // With a dNSName the common name does not count.
    ['db.example.com', names(['other.example.com'], [], 'db.example.com')],
    ['192.0.2.1', names([], ['192.0.2.2'], '192.0.2.1')],
    ['192.0.2.1', names(['db.example.com'], [])],
    ['db.example.com', names([], [], null)],
    ['2001:db8::1', names([], ['2001:db8::2'])],
  ])('not %s: %j', (host, certificate) => {
    expect(libpqNameMatches(host, /^[\d.]+$|:/.test(host), certificate)).toBe(false);
  });
});
