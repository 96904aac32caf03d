-- Tables and foreign tables; partitions are told as part of their parent.
SELECT ARRAY['table', n.nspname, c.relname],
       jsonb_strip_nulls(jsonb_build_object(
         'kind', CASE c.relkind WHEN 'p' THEN 'partitioned' WHEN 'f' THEN 'foreign' ELSE 'table' END,
         'unlogged', NULLIF(c.relpersistence = 'u', false),
         'access_method', (SELECT amname FROM pg_catalog.pg_am WHERE oid = c.relam AND amname <> 'heap'),
         'options', to_jsonb(c.reloptions),
         'row_security', CASE WHEN c.relforcerowsecurity THEN 'forced' WHEN c.relrowsecurity THEN 'enabled' END,
         'partition_by', pg_catalog.pg_get_partkeydef(c.oid),
         'inherits', (SELECT jsonb_agg(i.inhparent::regclass::text ORDER BY i.inhseqno) FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid),
         'replica_identity', CASE c.relreplident WHEN 'n' THEN 'nothing' WHEN 'f' THEN 'full' WHEN 'i' THEN 'index' END,
         'comment', pg_catalog.obj_description(c.oid, 'pg_class')))
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f') AND NOT c.relispartition AND c.relpersistence <> 't' AND /*user_schema*/ AND /*own:pg_class:c.oid*/
UNION ALL
SELECT ARRAY['table', pn.nspname, p.relname, 'partition', n.nspname || '.' || c.relname],
       jsonb_strip_nulls(jsonb_build_object(
         'bound', pg_catalog.pg_get_expr(c.relpartbound, c.oid),
         'partition_by', pg_catalog.pg_get_partkeydef(c.oid),
         'unlogged', NULLIF(c.relpersistence = 'u', false),
         'options', to_jsonb(c.reloptions)))
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_inherits i ON i.inhrelid = c.oid
JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
WHERE c.relkind IN ('r', 'p', 'f') AND c.relispartition AND /*user_schema*/
