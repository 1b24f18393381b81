import { PASSWORD } from '../accounts';
import type { Combination } from '../combination';

/** Values that no option takes, and options that go together with others only. Nothing is sent. */
const BAD = [
  'sslmode=bogus',
  'sslmode=REQUIRE',
  'sslnegotiation=bogus',
  'gssencmode=bogus',
  'channel_binding=bogus',
  'channel_binding=Require',
  'require_auth=bogus',
  'require_auth=md5,md5',
  'require_auth=md5,!password',
  'require_auth=!md5,password',
  "require_auth='md5, password'",
  'require_auth=!',
  'min_protocol_version=4.0',
  'max_protocol_version=3.1',
  'max_protocol_version=2.0',
  'ssl_min_protocol_version=TLSv2',
  'ssl_max_protocol_version=bogus',
  'ssl_min_protocol_version=TLSv1.3 ssl_max_protocol_version=TLSv1.2',
  'target_session_attrs=bogus',
  'load_balance_hosts=bogus',
  'sslcertmode=bogus',
  'sslsni=bogus',
  'connect_timeout=bogus',
  'connect_timeout=99999999999',
  "connect_timeout=' 3 '",
  'connect_timeout=-3',
  'port=bogus',
  'port=0',
  'port=70000',
  'port=1,2,3',
  'hostaddr=127.0.0.1,127.0.0.1,127.0.0.1',
  'hostaddr=bogus',
  'no_such_option=1',
  'sslmode',
  "options='-c bogus",
  'sslcertmode=require sslmode=disable',
  'sslrootcert=system sslmode=prefer',
  'servicefile=bogus',
  'keepalives=bogus',
  'keepalives_idle=bogus',
  'tcp_user_timeout=bogus',
  'client_encoding=no_such_encoding',
  'replication=bogus',
  'requiressl=1',
  'requiressl=0',
  'service=no_such_service',
  'sslcompression=1',
  'scram_client_key=bogus',
] as const;

/** Parameters that go into the startup packet. */
const PARAMETERS = [
  "options='-c search_path=public'",
  "options='-c no_such_parameter=1'",
  "options='--statement-timeout=bogus'",
  "application_name=''",
  "application_name='with space'",
  'client_encoding=LATIN1',
  'client_encoding=SQL_ASCII',
  'replication=true',
  'replication=database',
  'replication=false',
  'fallback_application_name=other',
] as const;

export function valuesTable(): Combination[] {
  const login = `user=host_scram password=${PASSWORD}`;
  return [...BAD, ...PARAMETERS].flatMap((options): Combination[] =>
    (['disable', 'prefer'] as const).map((mode) => ({
      name: `on18: sslmode=${mode}, ${options}`,
      servers: ['on18'],
      options: `sslmode=${mode} ${login} ${options}`,
    })),
  );
}
