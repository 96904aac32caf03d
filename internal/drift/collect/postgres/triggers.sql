SELECT ARRAY[CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END, n.nspname, c.relname, 'trigger', t.tgname],
       jsonb_strip_nulls(jsonb_build_object(
         'timing', CASE WHEN t.tgtype & 2 = 2 THEN 'before' WHEN t.tgtype & 64 = 64 THEN 'instead of' ELSE 'after' END,
         'events', pg_catalog.concat_ws(' or ', CASE WHEN t.tgtype & 4 = 4 THEN 'insert' END, CASE WHEN t.tgtype & 16 = 16 THEN 'update' END,
                     CASE WHEN t.tgtype & 8 = 8 THEN 'delete' END, CASE WHEN t.tgtype & 32 = 32 THEN 'truncate' END),
         'for_each', CASE WHEN t.tgtype & 1 = 1 THEN 'row' ELSE 'statement' END,
         'function', t.tgfoid::regproc::text,
         'state', CASE t.tgenabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica only' WHEN 'A' THEN 'always' ELSE 'enabled' END,
         'body', pg_catalog.pg_get_triggerdef(t.oid, false)))
FROM pg_catalog.pg_trigger t
JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND NOT c.relispartition AND /*user_schema*/ AND /*own:pg_class:c.oid*/
UNION ALL
SELECT ARRAY['event_trigger', 'public', e.evtname],
       jsonb_strip_nulls(jsonb_build_object('events', e.evtevent, 'function', e.evtfoid::regproc::text, 'tags', to_jsonb(e.evttags),
         'state', CASE e.evtenabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica only' WHEN 'A' THEN 'always' ELSE 'enabled' END))
FROM pg_catalog.pg_event_trigger e
