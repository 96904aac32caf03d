-- prosqlbody came with version 14; through jsonb it is simply absent before.
SELECT ARRAY[CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END, n.nspname,
             p.proname || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')'],
       jsonb_strip_nulls(jsonb_build_object(
         'returns', pg_catalog.pg_get_function_result(p.oid),
         'language', l.lanname,
         'body', CASE WHEN p.prokind = 'a' THEN (SELECT pg_catalog.concat_ws(' ', a.aggtransfn, a.aggfinalfn, a.aggtranstype::regtype, a.agginitval)
                                                FROM pg_catalog.pg_aggregate a WHERE a.aggfnoid = p.oid)
                      WHEN to_jsonb(p) ->> 'prosqlbody' IS NOT NULL THEN pg_catalog.pg_get_functiondef(p.oid)
                      ELSE COALESCE(p.probin, '') || p.prosrc END,
         'arguments', NULLIF(pg_catalog.pg_get_function_arguments(p.oid), ''),
         'volatility', CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END,
         'strict', NULLIF(p.proisstrict, false),
         'security_definer', NULLIF(p.prosecdef, false),
         'leakproof', NULLIF(p.proleakproof, false),
         'parallel', CASE p.proparallel WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted' END,
         'settings', to_jsonb(p.proconfig)))
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language l ON l.oid = p.prolang
WHERE /*user_schema*/ AND /*own:pg_proc:p.oid*/
