-- Columns of tables; those of partitions are their parent's. The sequence behind a serial column has a made-up name.
SELECT ARRAY['table', n.nspname, c.relname, 'column', a.attname],
       jsonb_strip_nulls(jsonb_build_object(
         'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
         'nullable', NULLIF(NOT a.attnotnull, false),
         'default', CASE WHEN a.attgenerated = '' THEN
             CASE WHEN own.seqincrement IS NOT NULL AND pg_catalog.pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%' THEN 'next value of its own sequence'
                  ELSE pg_catalog.pg_get_expr(d.adbin, d.adrelid) END END,
         'generated', CASE WHEN a.attgenerated <> '' THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) END,
         'identity', CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END,
         'collation', (SELECT co.collname FROM pg_catalog.pg_collation co JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
                       WHERE co.oid = a.attcollation AND a.attcollation <> t.typcollation),
         'sequence_increment', own.seqincrement,
         'sequence_cache', NULLIF(own.seqcache, 1),
         'sequence_cycle', NULLIF(own.seqcycle, false),
         'sequence_type', CASE WHEN own.seqtypid <> a.atttypid THEN pg_catalog.format_type(own.seqtypid, NULL) END,
         'comment', pg_catalog.col_description(c.oid, a.attnum)))
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN LATERAL (
  SELECT q.seqincrement, q.seqcache, q.seqcycle, q.seqtypid
  FROM pg_catalog.pg_depend dep JOIN pg_catalog.pg_sequence q ON q.seqrelid = dep.objid
  WHERE dep.classid = 'pg_catalog.pg_class'::regclass AND dep.refclassid = 'pg_catalog.pg_class'::regclass
    AND dep.refobjid = c.oid AND dep.refobjsubid = a.attnum AND dep.deptype IN ('a', 'i') LIMIT 1) own ON true
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'f') AND NOT c.relispartition
  AND c.relpersistence <> 't' AND /*user_schema*/ AND /*own:pg_class:c.oid*/
