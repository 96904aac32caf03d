-- Settings that are not at their default, but for those that name a place on the host; and what a database is made with.
SELECT ARRAY['setting', 'public', s.name], to_jsonb(CASE WHEN s.unit IS NULL OR s.setting !~ '^-?[0-9.]+$' THEN s.setting ELSE s.setting || ' ' || s.unit END)
FROM pg_catalog.pg_settings s
WHERE s.source NOT IN ('default', 'client', 'session', 'override')
  AND s.name NOT IN ('data_directory', 'config_file', 'hba_file', 'ident_file', 'external_pid_file', 'unix_socket_directories',
    'port', 'listen_addresses', 'cluster_name', 'application_name', 'log_directory', 'log_filename', 'stats_temp_directory',
    'event_source', 'syslog_ident', 'in_hot_standby', 'transaction_read_only', 'transaction_isolation')
UNION ALL
SELECT ARRAY['role_setting', 'public', COALESCE(r.rolname, 'every role') || CASE WHEN s.setdatabase = 0 THEN '' ELSE ' in this database' END || ': ' || split_part(c, '=', 1)],
       to_jsonb(substr(c, strpos(c, '=') + 1))
FROM pg_catalog.pg_db_role_setting s
LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
CROSS JOIN LATERAL unnest(s.setconfig) c
WHERE s.setdatabase = 0 OR s.setdatabase = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
UNION ALL
SELECT ARRAY['server', 'public', 'version'], to_jsonb(current_setting('server_version'))
UNION ALL
SELECT ARRAY['database', 'public', f.name], to_jsonb(f.value)
FROM pg_catalog.pg_database d
CROSS JOIN LATERAL (VALUES ('encoding', pg_catalog.pg_encoding_to_char(d.encoding)::text), ('collation', d.datcollate::text), ('character_type', d.datctype::text),
  ('locale_provider', COALESCE(to_jsonb(d) ->> 'datlocprovider', 'c')), ('locale', COALESCE(to_jsonb(d) ->> 'daticulocale', to_jsonb(d) ->> 'datlocale', ''))) AS f(name, value)
WHERE d.datname = current_database()
