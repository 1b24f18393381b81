/** Connections that failed in real life, recorded: each comes out as what is known to be true about it. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { CaptureReader } from '../../../../src/capture/reader';
import type { CauseCode } from '../../../../src/diagnosis/catalogue';
import { Inspector } from '../../../../src/inspect/inspector';
import { KeyLog } from '../../../../src/tls/keylog';
import type { Trace } from '../../../../src/trace/model';

const folder = path.join(__dirname, '../../../cases/mongodb');

/** The causes of a recording's connections in order, and words that the verdict must have. */
const RECORDINGS: readonly (readonly [file: string, causes: readonly CauseCode[], words?: RegExp])[] = [
  ['accepted-and-closed.pcap', ['TCP_CLOSED_AT_ONCE']],
  ['api-version-refused.pcap', ['MONGO_API_VERSION'], /apiVersion/],
  ['atlas-no-sni.pcap', ['MONGO_ATLAS_NO_SNI'], /no SNI name sent.*not by an IP address/],
  ['authenticated-not-authorized.pcap', ['MONGO_UNAUTHORIZED'], /find on orders\.items/],
  ['certificate-required-tls13.pcap', ['TLS_CLIENT_CERTIFICATE_MISSING']],
  ['certificate-without-san.pcap', ['TLS_CERTIFICATE_WITHOUT_SAN']],
  ['client-certificate-wanted-tls12.pcap', ['TLS_CLIENT_CERTIFICATE_MISSING']],
  ['client-left-server-alert-late.pcap', ['TLS_CERTIFICATE_WRONG_NAME']],
  ['client-refuses-ca-tls12.pcap', ['TLS_CERTIFICATE_REFUSED']],
  ['client-refuses-certificate-tls13.pcap', ['TLS_CERTIFICATE_REFUSED']],
  ['code-18-unsupported-mechanism.pcap', ['MONGO_MECHANISM_NOT_ENABLED'], /Remove authMechanism/],
  ['external-user-with-scram.pcap', ['MONGO_EXTERNAL_USER_WITH_SCRAM'], /authMechanism/],
  ['gap-in-login.pcap', ['MONGO_IN_USE'], /missing from the capture/],
  ['hello-unanswered.pcap', ['TCP_SERVER_SILENT'], /2\.5 s/],
  ['http-answer.pcap', ['SERVICE_OTHER_ANSWERED'], /HTTP/],
  ['http-request.pcap', ['SERVICE_OTHER_CLIENT'], /HTTP/],
  ['http-server-inside-tls.pcapng', ['SERVICE_OTHER_ANSWERED'], /HTTP.*inside TLS/],
  ['idle-timeout-of-a-proxy.pcap', ['MONGO_IDLE_CLOSED'], /idle for 4 s.*maxIdleTimeMS/],
  ['late-capture-server-ends.pcap', ['CAPTURE_STARTS_LATE', 'MONGO_IDLE_CLOSED', 'TCP_REFUSED']],
  ['load-balanced-without-service-id.pcap', ['MONGO_NO_SERVICE_ID'], /loadBalanced=true/],
  ['member-names-unknown-here.pcap', ['MONGO_MEMBER_NAMES'], /svc\.cluster\.local.*directConnection=true/],
  ['member-not-initiated.pcap', ['MONGO_NOT_INITIATED'], /never initiated/],
  ['monitor-says-goodbye.pcapng', ['MONGO_ONLY_HELLO'], /the client left/],
  ['no-authentication-commands.pcapng', ['MONGO_NO_LOGIN_COMMANDS'], /no authentication commands/],
  ['oidc-refused.pcap', ['MONGO_OIDC_REFUSED'], /access token/],
  ['op-query-removed.pcap', ['MONGO_OP_QUERY_REMOVED'], /too old .*nodejs 2\.2\.36/],
  ['proxy-v1-header.pcap', ['SERVICE_PROXY_HEADER']],
  ['proxy-v2-header-closed.pcap', ['SERVICE_PROXY_HEADER']],
  ['refused-on-ipv6-localhost.pcap', ['TCP_REFUSED'], /127\.0\.0\.1 instead of localhost/],
  ['server-flight-lost.pcap', ['TCP_LARGE_PACKETS_LOST']],
  ['shutting-down.pcap', ['MONGO_SHUTTING_DOWN'], /quiesce mode/],
  ['silent-server.pcapng', ['TCP_SERVER_SILENT'], /0\.7 s/],
  ['syn-unanswered.pcap', ['TCP_NO_ANSWER']],
  [
    'tls-refusals-on-another-port.pcapng',
    ['MONGO_READY', 'TLS_CERTIFICATE_REFUSED', 'TLS_CERTIFICATE_REFUSED'],
  ],
  ['tls-to-plain-server.pcapng', ['TLS_SERVER_SILENT'], /net\.tls\.mode/],
  ['wire-version-too-old.pcap', ['MONGO_WIRE_VERSION_TOO_OLD'], /server 3\.6.*needs 8/],
];

function tracesOf(file: string): Trace[] {
  const keys = path.join(folder, file.replace(/\.pcap(ng)?$/, '.keys'));
  const keyLog = new KeyLog();
  if (existsSync(keys)) keyLog.add(readFileSync(keys));
  const inspector = new Inspector({ keyLog });
  const reader = new CaptureReader(inspector);
  reader.push(readFileSync(path.join(folder, file)));
  reader.finish();
  return inspector.finish();
}

describe('a recorded connection', () => {
  const recordings = RECORDINGS.map(([file, causes, words]) => ({ file, causes, words }));
  it.each(recordings)('$file: $causes', ({ file, causes, words }) => {
    const traces = tracesOf(file);
    expect(traces.map(({ diagnosis }) => diagnosis.code)).toEqual(causes);
    if (words) expect(traces[0].verdict).toMatch(words);
  });
});
