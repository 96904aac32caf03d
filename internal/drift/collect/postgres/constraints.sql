-- Keys, foreign keys, checks and exclusions that are not inherited from a partitioned table.
SELECT ARRAY['table', n.nspname, c.relname,
             CASE k.contype WHEN 'f' THEN 'foreign_key' WHEN 'c' THEN 'check' WHEN 'x' THEN 'exclusion' ELSE 'key' END, k.conname],
       jsonb_strip_nulls(jsonb_build_object(
         'definition', pg_catalog.regexp_replace(pg_catalog.pg_get_constraintdef(k.oid), ' NOT VALID$', ''),
         'not_validated', NULLIF(NOT k.convalidated, false)))
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype IN ('p', 'u', 'f', 'c', 'x') AND k.conparentid = 0 AND k.conislocal AND c.relpersistence <> 't'
  AND NOT (c.relispartition AND k.coninhcount > 0) AND /*user_schema*/ AND /*own:pg_class:c.oid*/
