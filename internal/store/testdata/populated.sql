INSERT INTO services (id, created_at, updated_at, created_by, name, slug) VALUES
  (1, '2026-01-01 00:00:00+00:00', '2026-01-01 00:00:00+00:00', 'test', 'Shop', 'shop'),
  (2, '2026-01-01 00:00:00+00:00', '2026-01-01 00:00:00+00:00', 'test', 'Billing', 'billing');
INSERT INTO environments (id, created_at, updated_at, created_by, name, kind) VALUES
  (1, '2026-01-01 00:00:00+00:00', '2026-01-01 00:00:00+00:00', 'test', 'PROD', 'production'),
  (2, '2026-01-01 00:00:00+00:00', '2026-01-01 00:00:00+00:00', 'test', 'DEV', 'development');
UPDATE environments SET parity_target_id = 1 WHERE id = 2;
INSERT INTO upgrades (id, created_at, updated_at, created_by, tags, title, kind, service_id) VALUES
  (1, '2026-01-01 00:00:00+00:00', '2026-01-01 00:00:00+00:00', 'test', '["core"]', 'Framework 2 to 3', 'framework', 1);
INSERT INTO attempts (id, created_at, updated_at, created_by, tags, number, changed_areas, upgrade_id, environment_id) VALUES
  (1, '2026-01-01 00:00:00+00:00', '2026-01-01 00:00:00+00:00', 'test', '[]', 1, '["sessions"]', 1, 1),
  (2, '2026-01-01 00:00:00+00:00', '2026-01-01 00:00:00+00:00', 'test', '[]', 2, '[]', 1, 1);
INSERT INTO incidents (id, created_at, updated_at, created_by, tags, title, severity) VALUES
  (1, '2026-01-01 00:00:00+00:00', '2026-01-01 00:00:00+00:00', 'test', '[]', 'Users are logged out', 'critical');
INSERT INTO findings (id, created_at, updated_at, created_by, tags, title, severity, attempt_id, incident_id, service_id) VALUES
  (1, '2026-01-01 00:00:00+00:00', '2026-01-01 00:00:00+00:00', 'test', '[]', 'Sessions expire early', 'critical', 1, 1, 1),
  (2, '2026-01-01 00:00:00+00:00', '2026-01-01 00:00:00+00:00', 'test', '[]', 'A button is grey', 'low', 2, NULL, 1);
INSERT INTO assumptions (id, created_at, updated_at, created_by, tags, statement, importance, areas, attempt_id) VALUES
  (1, '2026-01-01 00:00:00+00:00', '2026-01-01 00:00:00+00:00', 'test', '[]', 'PROD and DEV behave alike', 'blocking', '[]', 1);
INSERT INTO finding_assumptions (finding_id, assumption_id) VALUES (1, 1), (2, 1);
INSERT INTO evidence (id, created_at, updated_at, created_by, result, observed_at, summary, assumption_id, environment_id) VALUES
  (1, '2026-01-01 00:00:00+00:00', '2026-01-01 00:00:00+00:00', 'test', 'contradicts', '2026-01-01 00:00:00+00:00', 'an index differs', 1, 1);
