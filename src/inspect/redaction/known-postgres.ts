/** Words that PostgreSQL's protocol, its server and its clients fix: they stay in a redacted capture. Any other is replaced. */

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(/\s+/).filter((word) => word !== ''));
}

/** Parameters of a StartupMessage and of ParameterStatus: those of the protocol, and settings that clients send. */
export const PARAMETERS = words(`
  user database options replication application_name client_encoding DateStyle datestyle TimeZone timezone extra_float_digits
  search_path statement_timeout lock_timeout idle_in_transaction_session_timeout idle_session_timeout bytea_output client_min_messages
  geqo IntervalStyle intervalstyle integer_datetimes is_superuser server_encoding server_version session_authorization
  standard_conforming_strings in_hot_standby default_transaction_read_only scram_iterations default_transaction_isolation
  row_security work_mem jit role fallback_application_name tcp_keepalives_idle target_session_attrs read_only
  _pq_.command_tag_format _pq_.protocol_managed_params _pq_.wait_for_lsn _pq_. log_statement synchronous_commit DateStyle lc_messages`);

/** Values that parameters have, and that name nobody. */
export const PARAMETER_VALUES: ReadonlySet<string> = new Set([
  ...words(`on off true false yes no database 0 1 2 3 postgres postgres_verbose sql_standard iso_8601 hex escape
    UTF8 utf8 UTF-8 utf-8 UNICODE unicode SQL_ASCII LATIN1 LATIN2 LATIN9 WIN1250 WIN1251 WIN1252 EUC_JP EUC_KR EUC_CN SJIS BIG5 GBK
    KOI8R ISO_8859_5 auto UTC GMT Etc/UTC ISO MDY DMY YMD debug log notice warning error fatal panic read-write`),
  'ISO, MDY',
  'ISO, DMY',
  'ISO, YMD',
  'read committed',
  'repeatable read',
  'serializable',
]);

/** `server_version`: numbers, and what they are a version of before its release. */
export const VERSION = /^\d{1,3}(\.\d{1,3}){0,3}(devel|(alpha|beta|rc)\d{1,2})?$/;

export const SASL_MECHANISMS = words(
  'SCRAM-SHA-256 SCRAM-SHA-256-PLUS SCRAM-SHA-1 SCRAM-SHA-1-PLUS OAUTHBEARER PLAIN GSSAPI',
);

/** The severities of `elog.c`, and as they are translated. */
export const SEVERITIES =
  words(`DEBUG DEBUG1 DEBUG2 DEBUG3 DEBUG4 DEBUG5 INFO NOTICE WARNING ERROR LOG FATAL PANIC
  HINWEIS WARNUNG FEHLER PANIK ATTENTION ERREUR AVISO ADVERTENCIA PÁNICO`);

/** Source files and functions that report errors before a session is ready. */
export const FILES =
  words(`auth.c auth-scram.c auth-sasl.c auth-oauth.c crypt.c hba.c be-secure.c be-secure-openssl.c be-secure-gssapi.c
  pqcomm.c pqformat.c backend_startup.c postmaster.c postinit.c miscinit.c guc.c guc_funcs.c variable.c postgres.c proc.c procarray.c
  elog.c walsender.c scansup.c timeout.c mcxt.c ipci.c lock.c acl.c user.c dbcommands.c superuser.c launch_backend.c fork_process.c
  procsignal.c backend_random.c catcache.c scan.l gram.y parse_relation.c fd.c xlog.c xlogrecovery.c aclchk.c namespace.c`);
export const ROUTINES =
  words(`auth_failed ClientAuthentication CheckPasswordAuth CheckMD5Auth CheckPWChallengeAuth CheckSCRAMAuth
  CheckSASLAuth recv_password_packet sendAuthRequest scram_exchange read_client_first_message read_client_final_message
  read_attr_value read_any_attr scram_get_mechanisms verify_client_proof verify_final_nonce InitializeSessionUserId
  InitializeSessionUserIdStandalone InitPostgres CheckMyDatabase PerformAuthentication ProcessStartupPacket
  ProcessSSLStartup processCancelRequest ProcessCancelRequestPacket BackendInitialize BackendStartup report_fork_failure_to_client
  canAcceptConnections SocketBackend ProcessClientReadInterrupt ProcessInterrupts die HandleStartupProcInterrupts quickdie
  InitProcess InitAuxiliaryProcess ProcArrayAdd set_config_option set_config_with_handle set_config_option_ext
  parse_and_validate_value find_option call_string_check_hook call_bool_check_hook call_enum_check_hook call_int_check_hook
  process_postgres_switches process_startup_options pq_getmessage pq_getbyte pq_recvbuf pq_getmsgstring pq_getmsgint pq_copymsgbytes
  pq_getmsgend pq_getmsgbytes be_tls_open_server secure_open_gssapi secure_open_server SendNegotiateProtocolVersion
  check_client_encoding check_session_authorization check_role assignable_custom_variable_name valid_custom_variable_name
  InitWalSender exec_replication_command forbidden_in_wal_sender aclcheck_error truncate_identifier errfinish
  CheckRADIUSAuth CheckLDAPAuth CheckPAMAuth ident_inet auth_peer pg_GSS_recvauth CheckCertAuth set_authn_id check_usermap
  authident ReserveBackendSlots superuser_arg PostgresMain BackendRun StartupPacketTimeoutHandler pg_fe_sendauth`);
