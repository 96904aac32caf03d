-- +goose NO TRANSACTION
-- +goose Up
-- disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- create "new_runbooks" table
CREATE TABLE `new_runbooks` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` text NOT NULL, `version` integer NOT NULL DEFAULT (1), `tags` json NOT NULL, `visibility` text NOT NULL DEFAULT ('internal'), `team` text NOT NULL DEFAULT (''), `sample` bool NOT NULL DEFAULT (false), `title` text NOT NULL, `url` text NOT NULL, `areas` json NOT NULL, `alert_names` json NOT NULL, `reviewed_at` datetime NULL, `review_every_days` integer NULL, `review_due_at` datetime NULL, `link_status` text NOT NULL DEFAULT ('unchecked'), `link_checked_at` datetime NULL, `link_detail` text NOT NULL DEFAULT (''), `link_final_url` text NOT NULL DEFAULT (''), `link_failures` integer NOT NULL DEFAULT (0), `link_failing_since` datetime NULL, `link_next_check_at` datetime NULL, `match_rules` json NOT NULL, `body` text NOT NULL DEFAULT (''), `content_hash` text NOT NULL DEFAULT (''), `content_changed_at` datetime NULL, `import_key` text NULL, `service_id` integer NULL, CONSTRAINT `runbooks_services_service` FOREIGN KEY (`service_id`) REFERENCES `services` (`id`) ON DELETE NO ACTION, CONSTRAINT `link_status_words` CHECK ("link_status" IN ('unchecked', 'ok', 'broken', 'refused')), CONSTRAINT `visibility_words` CHECK ("visibility" IN ('internal', 'restricted')));
-- copy rows from old table "runbooks" to new temporary table "new_runbooks"
INSERT INTO `new_runbooks` (`id`, `created_at`, `updated_at`, `created_by`, `version`, `tags`, `visibility`, `team`, `sample`, `title`, `url`, `areas`, `alert_names`, `reviewed_at`, `review_every_days`, `review_due_at`, `link_status`, `link_checked_at`, `service_id`) SELECT `id`, `created_at`, `updated_at`, `created_by`, `version`, `tags`, `visibility`, `team`, `sample`, `title`, `url`, `areas`, `alert_names`, `reviewed_at`, `review_every_days`, `review_due_at`, `link_status`, `link_checked_at`, `service_id` FROM `runbooks`;
-- drop "runbooks" table after copying rows
DROP TABLE `runbooks`;
-- rename temporary table "new_runbooks" to "runbooks"
ALTER TABLE `new_runbooks` RENAME TO `runbooks`;
-- create index "runbooks_import_key_key" to table: "runbooks"
CREATE UNIQUE INDEX `runbooks_import_key_key` ON `runbooks` (`import_key`);
-- create index "runbook_created_at_id" to table: "runbooks"
CREATE INDEX `runbook_created_at_id` ON `runbooks` (`created_at`, `id`);
-- create index "runbook_updated_at_id" to table: "runbooks"
CREATE INDEX `runbook_updated_at_id` ON `runbooks` (`updated_at`, `id`);
-- create index "runbook_link_next_check_at" to table: "runbooks"
CREATE INDEX `runbook_link_next_check_at` ON `runbooks` (`link_next_check_at`);
-- create "embeds" table
CREATE TABLE `embeds` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` text NOT NULL, `version` integer NOT NULL DEFAULT (1), `target_kind` text NOT NULL DEFAULT (''), `target_id` integer NOT NULL DEFAULT (0), `query` text NOT NULL DEFAULT (''), `fields` json NOT NULL, `allowed_origins` json NOT NULL, `team` text NOT NULL DEFAULT (''), `expires_at` datetime NOT NULL, `revoked_at` datetime NULL, `note` text NOT NULL DEFAULT (''));
-- create index "embed_created_at_id" to table: "embeds"
CREATE INDEX `embed_created_at_id` ON `embeds` (`created_at`, `id`);
-- create index "embed_updated_at_id" to table: "embeds"
CREATE INDEX `embed_updated_at_id` ON `embeds` (`updated_at`, `id`);
-- create index "embed_target_kind_target_id" to table: "embeds"
CREATE INDEX `embed_target_kind_target_id` ON `embeds` (`target_kind`, `target_id`);
-- create "runbook_feedback" table
CREATE TABLE `runbook_feedback` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `verdict` text NOT NULL, `used_for_kind` text NOT NULL DEFAULT (''), `used_for_id` integer NOT NULL DEFAULT (0), `note` text NOT NULL DEFAULT (''), `created_at` datetime NOT NULL, `created_by` text NOT NULL, `runbook_id` integer NOT NULL, CONSTRAINT `runbook_feedback_runbooks_feedback` FOREIGN KEY (`runbook_id`) REFERENCES `runbooks` (`id`) ON DELETE CASCADE, CONSTRAINT `verdict_words` CHECK ("verdict" IN ('used', 'helped', 'did_not_help', 'outdated')));
-- create index "runbookfeedback_runbook_id_id" to table: "runbook_feedback"
CREATE INDEX `runbookfeedback_runbook_id_id` ON `runbook_feedback` (`runbook_id`, `id`);
-- enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;
