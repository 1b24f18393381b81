/**
 * The configuration parameters of PostgreSQL 18 (`guc_tables.c`), as `pg_settings` tells them. A line names who may set them, their type
 * (with range and unit, or the values of an enumeration; `~` is a space), and then the parameters. Those of the last three groups no
 * client can set, so that their types do not matter here.
 */
const TABLE = `
user bool: array_nulls check_function_bodies debug_pretty_print debug_print_parse debug_print_plan
  debug_print_rewritten default_transaction_deferrable default_transaction_read_only enable_async_append
  enable_bitmapscan enable_distinct_reordering enable_gathermerge enable_group_by_reordering enable_hashagg
  enable_hashjoin enable_incremental_sort enable_indexonlyscan enable_indexscan enable_material
  enable_memoize enable_mergejoin enable_nestloop enable_parallel_append enable_parallel_hash
  enable_partition_pruning enable_partitionwise_aggregate enable_partitionwise_join
  enable_presorted_aggregate enable_self_join_elimination enable_seqscan enable_sort enable_tidscan
  escape_string_warning exit_on_error geqo jit jit_expressions jit_tuple_deforming md5_password_warnings
  parallel_leader_participation quote_all_identifiers row_security standard_conforming_strings
  synchronize_seqscans trace_notify trace_sort transaction_deferrable transaction_read_only
  transform_null_equals vacuum_truncate
user enum auto,force_generic_plan,force_custom_plan: plan_cache_mode
user enum base64,hex: xmlbinary
user enum buffered,immediate: debug_logical_replication_streaming
user enum content,document: xmloption
user enum copy,clone: file_copy_method
user enum debug5,debug4,debug3,debug2,debug1,log,notice,warning,error: client_min_messages
user enum disabled,debug5,debug4,debug3,debug2,debug1,log,notice,warning,error: icu_validation_level
user enum escape,hex: bytea_output
user enum local,remote_write,remote_apply,on,off: synchronous_commit
user enum md5,scram-sha-256: password_encryption
user enum none,cache,snapshot: stats_fetch_consistency
user enum off,on,regress: debug_parallel_query
user enum partition,on,off: constraint_exclusion
user enum pglz: default_toast_compression
user enum postgres,postgres_verbose,sql_standard,iso_8601: IntervalStyle
user enum safe_encoding,on,off: backslash_quote
user enum serializable,repeatable~read,read~committed,read~uncommitted: default_transaction_isolation
  transaction_isolation
user integer -1..1073741823 B: log_parameter_max_length_on_error
user integer -15..3: extra_float_digits
user integer 0..1000: commit_siblings effective_io_concurrency maintenance_io_concurrency
user integer 0..10000: vacuum_cost_page_dirty vacuum_cost_page_hit vacuum_cost_page_miss
user integer 0..1000000000: vacuum_freeze_min_age vacuum_multixact_freeze_min_age
user integer 0..1024: max_parallel_maintenance_workers max_parallel_workers max_parallel_workers_per_gather
user integer 0..16777216 kB: vacuum_buffer_usage_limit
user integer 0..2000000000: vacuum_freeze_table_age vacuum_multixact_freeze_table_age
user integer 0..2100000000: vacuum_failsafe_age vacuum_multixact_failsafe_age
user integer 0..2147483647: geqo_generations geqo_pool_size gin_fuzzy_search_limit tcp_keepalives_count
user integer 0..2147483647 kB: wal_skip_threshold
user integer 0..2147483647 ms: client_connection_check_interval idle_in_transaction_session_timeout
  idle_session_timeout lock_timeout statement_timeout tcp_user_timeout transaction_timeout
  wal_sender_timeout
user integer 0..2147483647 s: tcp_keepalives_idle tcp_keepalives_interval
user integer 0..256 8kB: backend_flush_after
user integer 0..715827882 8kB: min_parallel_index_scan_size min_parallel_table_scan_size
user integer 1..10: geqo_effort
user integer 1..10000: default_statistics_target vacuum_cost_limit
user integer 1..128 8kB: io_combine_limit
user integer 1..2147483647: from_collapse_limit join_collapse_limit scram_iterations
user integer 1..2147483647 8kB: effective_cache_size
user integer 100..1073741823 8kB: temp_buffers
user integer 2..2147483647: geqo_threshold
user integer 64..2147483647 kB: gin_pending_list_limit logical_decoding_work_mem maintenance_work_mem
  work_mem
user real -1..1: seed
user real -1..1.79769e+308: jit_above_cost jit_inline_above_cost jit_optimize_above_cost
user real 0..1: cursor_tuple_fraction geqo_seed vacuum_max_eager_freeze_failure_rate
user real 0..1.79769e+308: cpu_index_tuple_cost cpu_operator_cost cpu_tuple_cost parallel_setup_cost
  parallel_tuple_cost random_page_cost seq_page_cost
user real 0..100 ms: vacuum_cost_delay
user real 0.001..1e+06: recursive_worktable_factor
user real 1..1000: hash_mem_multiplier
user real 1.5..2: geqo_selection_bias
user string: application_name client_encoding createrole_self_grant DateStyle default_table_access_method
  default_tablespace default_text_search_config lc_monetary lc_numeric lc_time local_preload_libraries
  restrict_nonsystem_relation_kind role search_path session_authorization temp_tablespaces TimeZone
  timezone_abbreviations
backend bool: ignore_system_indexes
backend integer 0..2147 s: post_auth_delay
superuser bool: allow_in_place_tablespaces allow_system_table_mods event_triggers ignore_checksum_failure
  jit_dump_bitcode lo_compat_privileges log_duration log_executor_stats log_lock_failures log_lock_waits
  log_parser_stats log_planner_stats log_replication_commands log_statement_stats track_activities
  track_cost_delay_timing track_counts track_io_timing track_wal_io_timing update_process_title
  wal_init_zero wal_recycle zero_damaged_pages
superuser enum auto,regress,on,off: compute_query_id
superuser enum debug5,debug4,debug3,debug2,debug1,info,notice,warning,error,log,fatal,panic:
  log_min_error_statement log_min_messages
superuser enum none,ddl,mod,all: log_statement
superuser enum none,pl,all: track_functions
superuser enum origin,replica,local: session_replication_role
superuser enum pglz,on,off: wal_compression
superuser enum terse,default,verbose: log_error_verbosity
superuser integer -1..1073741823 B: log_parameter_max_length
superuser integer -1..2147483647 kB: log_temp_files temp_file_limit
superuser integer -1..2147483647 ms: log_min_duration_sample log_min_duration_statement
superuser integer 0..0: debug_discard_caches
superuser integer 0..100000: commit_delay
superuser integer 1..2147483647 ms: deadlock_timeout
superuser integer 100..2147483647 kB: max_stack_depth
superuser real 0..1: log_statement_sample_rate log_transaction_sample_rate
superuser string: backtrace_functions dynamic_library_path extension_control_path lc_messages
  session_preload_libraries wal_consistency_checking
superuser-backend bool: jit_debugging_support jit_profiling_support log_disconnections
superuser-backend string: log_connections
sighup: allow_alter_system archive_cleanup_command archive_command archive_library archive_timeout
  authentication_timeout autovacuum autovacuum_analyze_scale_factor autovacuum_analyze_threshold
  autovacuum_max_workers autovacuum_naptime autovacuum_vacuum_cost_delay autovacuum_vacuum_cost_limit
  autovacuum_vacuum_insert_scale_factor autovacuum_vacuum_insert_threshold autovacuum_vacuum_max_threshold
  autovacuum_vacuum_scale_factor autovacuum_vacuum_threshold autovacuum_work_mem bgwriter_delay
  bgwriter_flush_after bgwriter_lru_maxpages bgwriter_lru_multiplier checkpoint_completion_target
  checkpoint_flush_after checkpoint_timeout checkpoint_warning file_extend_method fsync full_page_writes
  gss_accept_delegation hot_standby_feedback idle_replication_slot_timeout io_workers krb_caseins_users
  krb_server_keyfile log_autovacuum_min_duration log_checkpoints log_destination log_directory log_file_mode
  log_filename log_hostname log_line_prefix log_recovery_conflict_waits log_rotation_age log_rotation_size
  log_startup_progress_interval log_timezone log_truncate_on_rotation
  max_parallel_apply_workers_per_subscription max_pred_locks_per_page max_pred_locks_per_relation
  max_slot_wal_keep_size max_standby_archive_delay max_standby_streaming_delay
  max_sync_workers_per_subscription max_wal_size min_wal_size oauth_validator_libraries pre_auth_delay
  primary_conninfo primary_slot_name recovery_end_command recovery_init_sync_method recovery_min_apply_delay
  recovery_prefetch remove_temp_files_after_crash restart_after_crash restore_command send_abort_for_crash
  send_abort_for_kill ssl ssl_ca_file ssl_cert_file ssl_ciphers ssl_crl_dir ssl_crl_file ssl_dh_params_file
  ssl_groups ssl_key_file ssl_max_protocol_version ssl_min_protocol_version ssl_passphrase_command
  ssl_passphrase_command_supports_reload ssl_prefer_server_ciphers ssl_tls13_ciphers summarize_wal
  sync_replication_slots synchronized_standby_slots synchronous_standby_names syslog_facility syslog_ident
  syslog_sequence_numbers syslog_split_messages wal_keep_size wal_receiver_create_temp_slot
  wal_receiver_status_interval wal_receiver_timeout wal_retrieve_retry_interval wal_summary_keep_time
  wal_sync_method wal_writer_delay wal_writer_flush_after
postmaster: archive_mode autovacuum_freeze_max_age autovacuum_multixact_freeze_max_age
  autovacuum_worker_slots bonjour bonjour_name cluster_name commit_timestamp_buffers config_file
  data_directory data_sync_retry debug_io_direct dynamic_shared_memory_type event_source external_pid_file
  hba_file hot_standby huge_page_size huge_pages ident_file ignore_invalid_pages io_max_combine_limit
  io_max_concurrency io_method jit_provider listen_addresses logging_collector
  max_active_replication_origins max_connections max_files_per_process max_locks_per_transaction
  max_logical_replication_workers max_notify_queue_pages max_pred_locks_per_transaction
  max_prepared_transactions max_replication_slots max_wal_senders max_worker_processes
  min_dynamic_shared_memory multixact_member_buffers multixact_offset_buffers notify_buffers port
  recovery_target recovery_target_action recovery_target_inclusive recovery_target_lsn recovery_target_name
  recovery_target_time recovery_target_timeline recovery_target_xid reserved_connections
  serializable_buffers shared_buffers shared_memory_type shared_preload_libraries subtransaction_buffers
  superuser_reserved_connections trace_connection_negotiation track_activity_query_size
  track_commit_timestamp transaction_buffers unix_socket_directories unix_socket_group
  unix_socket_permissions wal_buffers wal_decode_buffer_size wal_level wal_log_hints
internal: block_size data_checksums data_directory_mode debug_assertions huge_pages_status in_hot_standby
  integer_datetimes is_superuser max_function_args max_identifier_length max_index_keys num_os_semaphores
  segment_size server_encoding server_version server_version_num shared_memory_size
  shared_memory_size_in_huge_pages ssl_library wal_block_size wal_segment_size
`;

/** Who may set it, and when (`GucContext`). */
export type ParameterContext =
  | 'user'
  | 'backend'
  | 'superuser'
  | 'superuser-backend'
  | 'sighup'
  | 'postmaster'
  | 'internal';

export interface ParameterRange {
  /** As PostgreSQL prints them. */
  readonly min: string;
  readonly max: string;
  /** `''` for a plain number; else `B`, `kB`, `8kB`, `ms`, `s`. */
  readonly unit: string;
}

/** One parameter of the configuration. */
export interface ParameterInfo {
  /** In PostgreSQL's own spelling: names are compared without case. */
  readonly name: string;
  readonly context: ParameterContext;
  readonly type: 'bool' | 'integer' | 'real' | 'enum' | 'string';
  /** Of numbers. */
  readonly range?: ParameterRange;
  /** Of enumerations. */
  readonly values?: readonly string[];
}

/** Names of before, still taken (`map_old_guc_names`). */
const OLD_NAMES: Readonly<Record<string, string>> = {
  sort_mem: 'work_mem',
  vacuum_mem: 'maintenance_work_mem',
  ssl_ecdh_curve: 'ssl_groups',
};

let parameters: ReadonlyMap<string, ParameterInfo> | undefined;

/** The parameter of this name, whatever its case; undefined when there is none (`find_option`). */
export function findParameter(name: string): ParameterInfo | undefined {
  parameters ??= readTable();
  const key = name.toLowerCase();
  return parameters.get(OLD_NAMES[key] ?? key);
}

/** All of them, in no order. */
export function allParameters(): ParameterInfo[] {
  parameters ??= readTable();
  return [...parameters.values()];
}

function readTable(): Map<string, ParameterInfo> {
  const found = new Map<string, ParameterInfo>();
  for (const line of TABLE.replaceAll('\n  ', ' ').trim().split('\n')) {
    const [group, names] = line.split(': ');
    const [context, type = 'string', range, unit = ''] = group.split(' ');
    const common = { context, type } as Pick<ParameterInfo, 'context' | 'type'>;
    for (const name of names.split(' ')) found.set(name.toLowerCase(), { name, ...common, ...more() });

    function more(): Pick<ParameterInfo, 'range' | 'values'> {
      if (type === 'enum') return { values: range.split(',').map((value) => value.replace('~', ' ')) };
      if (range === undefined) return {};
      const [min, max] = range.split('..');
      return { range: { min, max, unit } };
    }
  }
  return found;
}
