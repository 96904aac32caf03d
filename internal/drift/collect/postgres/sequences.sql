-- How sequences step, never where they stand. One that a column owns is told with the column.
SELECT ARRAY['sequence', n.nspname, c.relname],
       jsonb_strip_nulls(jsonb_build_object(
         'type', pg_catalog.format_type(s.seqtypid, NULL), 'increment', s.seqincrement, 'min', s.seqmin, 'max', s.seqmax,
         'cache', NULLIF(s.seqcache, 1), 'cycle', NULLIF(s.seqcycle, false)))
FROM pg_catalog.pg_sequence s
JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relpersistence <> 't' AND /*user_schema*/ AND /*own:pg_class:c.oid*/
  AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
                  AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i'))
