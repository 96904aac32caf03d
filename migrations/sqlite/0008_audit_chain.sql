-- +goose NO TRANSACTION
-- +goose Up
-- disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- create "new_audit_entries" table
CREATE TABLE `new_audit_entries` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `at` datetime NOT NULL, `actor` text NOT NULL, `token_id` integer NULL, `action` text NOT NULL, `target_kind` text NOT NULL, `target_id` integer NOT NULL, `changes` json NOT NULL, `reason` text NOT NULL DEFAULT (''), `request_id` text NOT NULL DEFAULT (''), `hash` text NOT NULL DEFAULT (''));
-- copy rows from old table "audit_entries" to new temporary table "new_audit_entries"
INSERT INTO `new_audit_entries` (`id`, `at`, `actor`, `token_id`, `action`, `target_kind`, `target_id`, `changes`, `reason`, `request_id`) SELECT `id`, `at`, `actor`, `token_id`, `action`, `target_kind`, `target_id`, `changes`, `reason`, `request_id` FROM `audit_entries`;
-- drop "audit_entries" table after copying rows
DROP TABLE `audit_entries`;
-- rename temporary table "new_audit_entries" to "audit_entries"
ALTER TABLE `new_audit_entries` RENAME TO `audit_entries`;
-- create index "auditentry_target_kind_target_id_id" to table: "audit_entries"
CREATE INDEX `auditentry_target_kind_target_id_id` ON `audit_entries` (`target_kind`, `target_id`, `id`);
-- enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;
