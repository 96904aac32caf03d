SELECT ARRAY['table', n.nspname, c.relname, 'policy', p.polname],
       jsonb_strip_nulls(jsonb_build_object(
         'command', CASE p.polcmd WHEN 'r' THEN 'select' WHEN 'a' THEN 'insert' WHEN 'w' THEN 'update' WHEN 'd' THEN 'delete' ELSE 'all' END,
         'restrictive', NULLIF(NOT p.polpermissive, false),
         'roles', (SELECT jsonb_agg(COALESCE(r.rolname, 'public') ORDER BY r.rolname) FROM unnest(p.polroles) x LEFT JOIN pg_catalog.pg_roles r ON r.oid = x),
         'using', pg_catalog.pg_get_expr(p.polqual, p.polrelid),
         'check', pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)))
FROM pg_catalog.pg_policy p
JOIN pg_catalog.pg_class c ON c.oid = p.polrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE /*user_schema*/
UNION ALL
SELECT ARRAY['table', n.nspname, c.relname, 'rule', r.rulename],
       jsonb_build_object('body', pg_catalog.pg_get_ruledef(r.oid))
FROM pg_catalog.pg_rewrite r
JOIN pg_catalog.pg_class c ON c.oid = r.ev_class
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE r.rulename <> '_RETURN' AND /*user_schema*/ AND /*own:pg_class:c.oid*/
