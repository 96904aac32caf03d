-- Extensions, schemas, extended statistics as objects, publications.
SELECT ARRAY['extension', 'public', e.extname], jsonb_build_object('version', e.extversion, 'schema', n.nspname)
FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
UNION ALL
SELECT ARRAY['schema', 'public', n.nspname], '{}'::jsonb
FROM pg_catalog.pg_namespace n WHERE n.nspname <> 'public' AND /*user_schema*/ AND /*own:pg_namespace:n.oid*/
UNION ALL
SELECT ARRAY['extended_statistics', n.nspname, s.stxname],
       jsonb_build_object('definition', pg_catalog.regexp_replace(pg_catalog.pg_get_statisticsobjdef(s.oid), '^CREATE STATISTICS \S+ ', ''))
FROM pg_catalog.pg_statistic_ext s JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace
WHERE /*user_schema*/
UNION ALL
SELECT ARRAY['publication', 'public', p.pubname],
       jsonb_strip_nulls(jsonb_build_object('all_tables', NULLIF(p.puballtables, false), 'insert', p.pubinsert, 'update', p.pubupdate, 'delete', p.pubdelete,
         'tables', (SELECT jsonb_agg(r.prrelid::regclass::text ORDER BY r.prrelid::regclass::text) FROM pg_catalog.pg_publication_rel r WHERE r.prpubid = p.oid)))
FROM pg_catalog.pg_publication p
