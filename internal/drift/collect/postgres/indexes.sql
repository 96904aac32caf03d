-- Indexes that no constraint owns and no partitioned index has made; the columns carry direction, operator class and collation.
SELECT ARRAY[CASE t.relkind WHEN 'm' THEN 'materialized_view' ELSE 'table' END, n.nspname, t.relname, 'index', i.relname],
       jsonb_strip_nulls(jsonb_build_object(
         'method', am.amname,
         'columns', (SELECT jsonb_agg(pg_catalog.pg_get_indexdef(x.indexrelid, k, false)
                       || COALESCE((SELECT ' COLLATE ' || co.collname FROM pg_catalog.pg_collation co
                            JOIN pg_catalog.pg_attribute ia ON ia.attrelid = x.indexrelid AND ia.attnum = k
                            JOIN pg_catalog.pg_type ty ON ty.oid = ia.atttypid
                            WHERE co.oid = x.indcollation[k-1] AND x.indcollation[k-1] <> ty.typcollation), '')
                       || COALESCE((SELECT ' ' || oc.opcname FROM pg_catalog.pg_opclass oc WHERE oc.oid = x.indclass[k-1] AND NOT oc.opcdefault), '')
                       || CASE WHEN am.amname <> 'btree' THEN '' WHEN x.indoption[k-1] & 1 = 1 THEN ' DESC' ELSE '' END
                       || CASE WHEN am.amname <> 'btree' THEN ''
                               WHEN x.indoption[k-1] & 3 = 1 THEN ' NULLS LAST' WHEN x.indoption[k-1] & 3 = 2 THEN ' NULLS FIRST' ELSE '' END
                       ORDER BY k) FROM generate_series(1, x.indnkeyatts::int) k),
         'include', (SELECT jsonb_agg(pg_catalog.pg_get_indexdef(x.indexrelid, k, false) ORDER BY k)
                       FROM generate_series(x.indnkeyatts + 1, x.indnatts::int) k),
         'unique', NULLIF(x.indisunique, false),
         'nulls_not_distinct', NULLIF(COALESCE((to_jsonb(x) ->> 'indnullsnotdistinct')::boolean, false), false),
         'where', pg_catalog.pg_get_expr(x.indpred, x.indrelid),
         'options', to_jsonb(i.reloptions),
         'invalid', NULLIF(NOT x.indisvalid, false)))
FROM pg_catalog.pg_index x
JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
JOIN pg_catalog.pg_class t ON t.oid = x.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
JOIN pg_catalog.pg_am am ON am.oid = i.relam
WHERE t.relkind IN ('r', 'p', 'm') AND t.relpersistence <> 't' AND NOT i.relispartition
  AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_constraint k WHERE k.conindid = x.indexrelid AND k.contype IN ('p', 'u', 'x'))
  AND /*user_schema*/ AND /*own:pg_class:t.oid*/
