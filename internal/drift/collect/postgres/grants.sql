-- Rights given to somebody other than the owner, on tables, columns, schemas and functions.
SELECT ARRAY[g.kind, g.nspname, g.name] || g.below || ARRAY['grant', CASE WHEN g.grantee = 0 THEN 'public' ELSE pg_catalog.pg_get_userbyid(g.grantee) END],
       jsonb_agg(g.right ORDER BY g.right)
FROM (
  SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized_view' WHEN 'S' THEN 'sequence' ELSE 'table' END AS kind,
         n.nspname, c.relname AS name, ARRAY[]::text[] AS below, x.grantee, lower(x.privilege_type) || CASE WHEN x.is_grantable THEN ' with grant option' ELSE '' END AS right
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) x
  WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S') AND NOT c.relispartition AND x.grantee <> c.relowner AND /*user_schema*/ AND /*own:pg_class:c.oid*/
  UNION ALL
  SELECT 'table', n.nspname, c.relname, ARRAY['column', a.attname::text], x.grantee, lower(x.privilege_type) || CASE WHEN x.is_grantable THEN ' with grant option' ELSE '' END
  FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  CROSS JOIN LATERAL pg_catalog.aclexplode(a.attacl) x
  WHERE a.attnum > 0 AND NOT a.attisdropped AND x.grantee <> c.relowner AND /*user_schema*/ AND /*own:pg_class:c.oid*/
  UNION ALL
  SELECT 'schema', 'public', n.nspname, ARRAY[]::text[], x.grantee, lower(x.privilege_type) || CASE WHEN x.is_grantable THEN ' with grant option' ELSE '' END
  FROM pg_catalog.pg_namespace n CROSS JOIN LATERAL pg_catalog.aclexplode(n.nspacl) x
  WHERE x.grantee <> n.nspowner AND /*user_schema*/
  UNION ALL
  SELECT CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END, n.nspname,
         p.proname || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')', ARRAY[]::text[], x.grantee, lower(x.privilege_type)
  FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  CROSS JOIN LATERAL pg_catalog.aclexplode(p.proacl) x
  WHERE x.grantee <> p.proowner AND x.grantee <> 0 AND /*user_schema*/ AND /*own:pg_proc:p.oid*/
) g
GROUP BY g.kind, g.nspname, g.name, g.below, g.grantee
