/**
 * What is known of SQL functions. Whatever is on none of these lists is unknown, and a query that calls it is never
 * batched: a user's function may do anything.
 */
export const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/).filter((w) => w !== ''))

/** Functions whose answer changes from call to call, or that change something. */
export const volatileFunctions = words(`
  random setseed random_normal nextval setval currval lastval uuid uuidv4 uuidv7 gen_random_uuid gen_random_bytes
  uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4 clock_timestamp timeofday pg_sleep pg_sleep_for pg_sleep_until
  txid_current txid_current_if_assigned pg_current_xact_id pg_current_xact_id_if_assigned set_config pg_notify
  pg_advisory_lock pg_advisory_lock_shared pg_advisory_unlock pg_advisory_unlock_all pg_advisory_unlock_shared
  pg_advisory_xact_lock pg_advisory_xact_lock_shared pg_try_advisory_lock pg_try_advisory_lock_shared
  pg_try_advisory_xact_lock pg_try_advisory_xact_lock_shared pg_cancel_backend pg_terminate_backend pg_reload_conf
  dblink dblink_exec dblink_open dblink_fetch query query_table postgres_query postgres_execute
  lo_creat lo_create lo_from_bytea lo_get lo_import lo_export lo_unlink lo_put query_to_xml table_to_xml
  pg_read_file pg_read_binary_file pg_ls_dir pg_stat_file
  array_shuffle array_sample list_shuffle write_log tablesample
`)

/** Functions that make one value of many rows. */
export const aggregateFunctions = words(`
  count sum avg min max any_value arbitrary first last bool_and bool_or every bit_and bit_or bit_xor
  string_agg array_agg json_agg jsonb_agg json_object_agg jsonb_object_agg group_concat listagg list
  stddev stddev_pop stddev_samp variance var_pop var_samp covar_pop covar_samp corr regr_slope regr_intercept regr_r2
  regr_count regr_avgx regr_avgy regr_sxx regr_syy regr_sxy percentile_cont percentile_disc mode median quantile
  quantile_cont quantile_disc approx_count_distinct approx_quantile mad skewness skewness_pop kurtosis kurtosis_pop
  entropy histogram arg_min arg_max argmin argmax min_by max_by max_n min_n product geomean geometric_mean fsum
  kahan_sum sumkahan
  favg count_star count_if countif sum_no_overflow bitstring_agg
`)

/** Functions that answer several rows. */
export const setFunctions = words(`
  unnest generate_series generate_subscripts range regexp_matches regexp_split_to_table string_to_table
  json_array_elements json_array_elements_text jsonb_array_elements jsonb_array_elements_text json_each json_each_text
  jsonb_each jsonb_each_text json_object_keys jsonb_object_keys json_to_recordset jsonb_to_recordset
  json_populate_recordset
`)

/** Functions that list DuckDB's catalogue. */
export const catalogueFunctions = words(`
  duckdb_tables duckdb_columns duckdb_views duckdb_schemas duckdb_indexes duckdb_constraints duckdb_sequences
  duckdb_functions duckdb_settings duckdb_types duckdb_databases duckdb_extensions pragma_table_info
  pragma_database_size pragma_storage_info pragma_show
`)

/** DuckDB's readers of files; what they read is a resource of its own. */
export const fileFunctions = words(`
  read_csv read_csv_auto sniff_csv read_parquet parquet_scan parquet_metadata parquet_schema parquet_file_metadata
  read_json read_json_auto read_json_objects read_json_objects_auto read_ndjson read_ndjson_auto read_ndjson_objects
  read_text read_blob read_xlsx st_read glob
`)

/** Pure and stable functions of one row, PostgreSQL's and DuckDB's. */
export const plainFunctions = words(`
  abs ceil ceiling floor round trunc sign sqrt cbrt exp ln log log2 log10 pow power mod div gcd lcm factorial pi degrees
  radians sin cos tan cot asin acos atan atan2 sinh cosh tanh asinh acosh atanh erf erfc gamma lgamma isnan isinf
  isfinite
  greatest least coalesce nullif ifnull nvl if iff num_nulls num_nonnulls width_bucket scale trim_scale min_scale even
  add subtract multiply divide fdiv fmod xor bit_count nextafter signbit hash md5 sha1 sha256 sha224 sha384 sha512 crc32
  length char_length character_length octet_length bit_length strlen lower upper lcase ucase initcap trim btrim
  ltrim rtrim
  lpad rpad left right substr substring substring_grapheme overlay position strpos instr replace translate reverse
  repeat
  concat concat_ws format printf chr ascii ord unicode split_part string_to_array array_to_string string_split str_split
  split string_split_regex regexp_replace regexp_match regexp_like regexp_count regexp_instr regexp_substr
  regexp_split_to_array regexp_extract regexp_extract_all regexp_full_match regexp_escape starts_with ends_with prefix
  suffix contains like_escape quote_ident quote_literal quote_nullable to_hex hex unhex encode decode to_base64
  from_base64 base64 bin unbin ascii levenshtein editdist3 damerau_levenshtein jaccard jaro_similarity
  jaro_winkler_similarity hamming mismatches strip_accents nfc_normalize normalize is_normalized bar url_encode
  url_decode
  now current_date current_time current_timestamp localtime localtimestamp transaction_timestamp statement_timestamp
  today
  get_current_timestamp get_current_time current_user session_user user current_schema current_schemas current_database
  current_catalog current_setting version timezone age extract date_part datepart date_trunc datetrunc date_bin
  time_bucket date_add date_sub datesub date_diff datediff dateadd make_date make_time make_timestamp make_timestamptz
  make_interval to_timestamp to_date to_char to_number to_days to_hours to_minutes to_seconds to_milliseconds
  to_microseconds to_months to_weeks to_years justify_days justify_hours justify_interval strftime strptime try_strptime
  epoch epoch_ms epoch_us epoch_ns year month day hour minute second millisecond microsecond nanosecond quarter week
  weekday weekofyear yearweek dayofweek isodow dayofmonth dayofyear isoyear decade century millennium era julian dayname
  monthname last_day overlaps
  array_length array_position array_positions array_append array_prepend array_cat array_remove array_replace array_dims
  array_ndims array_lower array_upper cardinality array_fill array_contains array_has array_has_any array_has_all
  array_distinct array_unique array_sort array_reverse_sort array_slice array_to_json array_value list_value
  list_contains
  list_has list_has_any list_has_all list_concat list_cat list_append list_prepend list_extract list_element
  list_distinct
  list_unique list_sort list_reverse_sort list_reverse list_sum list_avg list_min list_max list_count list_any_value
  list_first list_last list_median list_mode list_product list_position list_indexof list_slice list_aggregate list_aggr
  list_zip list_resize list_select list_where list_intersect list_cosine_similarity list_distance list_dot_product
  len flatten array_extract struct_pack struct_extract struct_insert row map map_keys map_values map_entries map_extract
  element_at map_from_entries union_extract union_tag union_value
  json json_extract json_extract_string json_extract_path json_extract_path_text jsonb_extract_path
  jsonb_extract_path_text json_value json_query json_exists json_array_length jsonb_array_length json_type json_typeof
  jsonb_typeof json_valid json_keys json_contains json_structure json_array json_object json_build_object
  json_build_array
  jsonb_build_object jsonb_build_array json_merge_patch json_quote json_pretty jsonb_pretty json_strip_nulls
  jsonb_strip_nulls jsonb_set jsonb_insert to_json to_jsonb row_to_json array_to_json jsonb_path_exists
  jsonb_path_query_array
  jsonb_path_query_first cast try_cast typeof pg_typeof
  haversine st_distance
  row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value fill
`)

export const isKnown = (name: string): boolean =>
  plainFunctions.has(name) ||
  aggregateFunctions.has(name) ||
  setFunctions.has(name) ||
  fileFunctions.has(name) ||
  catalogueFunctions.has(name) ||
  volatileFunctions.has(name)
