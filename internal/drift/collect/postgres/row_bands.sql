-- The planner's estimate of rows; partitioned tables get the sum of their leaves. -1 is a table never analysed.
SELECT ARRAY['table', n.nspname, c.relname, 'row_band'],
       to_jsonb(CASE WHEN c.relkind = 'p'
         THEN (SELECT CASE WHEN bool_or(l.reltuples < 0) THEN -1 ELSE sum(l.reltuples) END
               FROM pg_catalog.pg_partition_tree(c.oid) pt JOIN pg_catalog.pg_class l ON l.oid = pt.relid WHERE pt.isleaf)
         ELSE c.reltuples END)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't' AND /*user_schema*/ AND /*own:pg_class:c.oid*/
