SELECT ARRAY[CASE c.relkind WHEN 'm' THEN 'materialized_view' ELSE 'view' END, n.nspname, c.relname],
       jsonb_strip_nulls(jsonb_build_object(
         'body', pg_catalog.pg_get_viewdef(c.oid),
         'columns', (SELECT jsonb_agg(a.attname || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum)
                     FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
         'options', to_jsonb(c.reloptions),
         'comment', pg_catalog.obj_description(c.oid, 'pg_class')))
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('v', 'm') AND c.relpersistence <> 't' AND /*user_schema*/ AND /*own:pg_class:c.oid*/
