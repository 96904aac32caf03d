-- +goose NO TRANSACTION
-- +goose Up
-- disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- create "new_issue_states" table
CREATE TABLE `new_issue_states` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `site` text NOT NULL, `issue_id` text NOT NULL, `key` text NOT NULL DEFAULT (''), `source_id` integer NOT NULL, `state` json NOT NULL, `record_kind` text NOT NULL DEFAULT (''), `record_id` integer NOT NULL DEFAULT (0), `written` json NULL, `events` json NOT NULL, `efforts` json NOT NULL, `parts` json NOT NULL, `ours` bool NOT NULL DEFAULT (false), `history` json NOT NULL, `link` text NOT NULL DEFAULT (''), `revision` integer NOT NULL DEFAULT (1), `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL);
-- copy rows from old table "issue_states" to new temporary table "new_issue_states"
INSERT INTO `new_issue_states` (`id`, `site`, `issue_id`, `key`, `source_id`, `state`, `record_kind`, `record_id`, `written`, `events`, `efforts`, `history`, `link`, `revision`, `created_at`, `updated_at`) SELECT `id`, `site`, `issue_id`, `key`, `source_id`, `state`, `record_kind`, `record_id`, `written`, `events`, `efforts`, `history`, `link`, `revision`, `created_at`, `updated_at` FROM `issue_states`;
-- drop "issue_states" table after copying rows
DROP TABLE `issue_states`;
-- rename temporary table "new_issue_states" to "issue_states"
ALTER TABLE `new_issue_states` RENAME TO `issue_states`;
-- create index "issuestate_site_issue_id" to table: "issue_states"
CREATE UNIQUE INDEX `issuestate_site_issue_id` ON `issue_states` (`site`, `issue_id`);
-- create index "issuestate_record_kind_record_id" to table: "issue_states"
CREATE INDEX `issuestate_record_kind_record_id` ON `issue_states` (`record_kind`, `record_id`);
-- create index "issuestate_key" to table: "issue_states"
CREATE INDEX `issuestate_key` ON `issue_states` (`key`);
-- create "new_sources" table
CREATE TABLE `new_sources` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` text NOT NULL, `version` integer NOT NULL DEFAULT (1), `name` text NOT NULL, `product` text NOT NULL, `site` text NOT NULL DEFAULT (''), `auth_kind` text NOT NULL, `auth_header` text NOT NULL DEFAULT (''), `auth_query` text NOT NULL DEFAULT (''), `secrets` json NOT NULL, `cidrs` json NOT NULL, `rate` integer NOT NULL DEFAULT (0), `mode` text NOT NULL DEFAULT ('live'), `bot_accounts` json NOT NULL, `rules` json NOT NULL, `rules_version` integer NOT NULL DEFAULT (1), `projects` json NOT NULL, `alerts` json NOT NULL, `api_kind` text NOT NULL DEFAULT ('none'), `api_base` text NOT NULL DEFAULT (''), `api_cloud_id` text NOT NULL DEFAULT (''), `api_email` text NOT NULL DEFAULT (''), `api_token` text NOT NULL DEFAULT (''), `api_links` bool NOT NULL DEFAULT (true), `api_refetch` bool NOT NULL DEFAULT (false), `api_project` text NOT NULL DEFAULT (''), `api_issue_type` text NOT NULL DEFAULT (''), `api_state` text NOT NULL DEFAULT (''), `api_checked_at` datetime NULL, `api_account` text NOT NULL DEFAULT (''), `api_zone` text NOT NULL DEFAULT (''), `hook_id` integer NOT NULL DEFAULT (0), `hook_jql` text NOT NULL DEFAULT (''), `hook_events` json NOT NULL, `hook_expires_at` datetime NULL, `watermark` datetime NULL, `reconciled_at` datetime NULL, `service_id` integer NULL, `environment_id` integer NULL, CONSTRAINT `sources_services_service` FOREIGN KEY (`service_id`) REFERENCES `services` (`id`) ON DELETE NO ACTION, CONSTRAINT `sources_environments_environment` FOREIGN KEY (`environment_id`) REFERENCES `environments` (`id`) ON DELETE NO ACTION, CONSTRAINT `api_kind_words` CHECK ("api_kind" IN ('none', 'cloud_token', 'cloud_scoped_token', 'data_center_token')), CONSTRAINT `auth_kind_words` CHECK ("auth_kind" IN ('hmac', 'bearer', 'header', 'none')), CONSTRAINT `mode_words` CHECK ("mode" IN ('live', 'dry_run', 'paused')), CONSTRAINT `product_words` CHECK ("product" IN ('jira_cloud', 'jira_data_center', 'jira_automation', 'custom', 'alertmanager')));
-- copy rows from old table "sources" to new temporary table "new_sources"
INSERT INTO `new_sources` (`id`, `created_at`, `updated_at`, `created_by`, `version`, `name`, `product`, `site`, `auth_kind`, `auth_header`, `auth_query`, `secrets`, `cidrs`, `rate`, `mode`, `bot_accounts`, `rules`, `rules_version`, `projects`, `alerts`, `service_id`, `environment_id`) SELECT `id`, `created_at`, `updated_at`, `created_by`, `version`, `name`, `product`, `site`, `auth_kind`, `auth_header`, `auth_query`, `secrets`, `cidrs`, `rate`, `mode`, `bot_accounts`, `rules`, `rules_version`, `projects`, `alerts`, `service_id`, `environment_id` FROM `sources`;
-- drop "sources" table after copying rows
DROP TABLE `sources`;
-- rename temporary table "new_sources" to "sources"
ALTER TABLE `new_sources` RENAME TO `sources`;
-- create index "source_created_at_id" to table: "sources"
CREATE INDEX `source_created_at_id` ON `sources` (`created_at`, `id`);
-- create index "source_updated_at_id" to table: "sources"
CREATE INDEX `source_updated_at_id` ON `sources` (`updated_at`, `id`);
-- create "jobs" table
CREATE TABLE `jobs` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` text NOT NULL, `version` integer NOT NULL DEFAULT (1), `kind` text NOT NULL, `dedupe_key` text NOT NULL, `issue` text NOT NULL DEFAULT (''), `target_kind` text NOT NULL DEFAULT (''), `target_id` integer NOT NULL DEFAULT (0), `wanted` json NULL, `pushed_hash` text NOT NULL DEFAULT (''), `progress` json NULL, `writes` json NOT NULL, `state` text NOT NULL DEFAULT ('waiting'), `error` text NOT NULL DEFAULT (''), `attempts` integer NOT NULL DEFAULT (0), `round` integer NOT NULL DEFAULT (1), `next_attempt_at` datetime NOT NULL, `lease_until` datetime NULL, `lease_by` text NOT NULL DEFAULT (''), `settled_at` datetime NULL, `source_id` integer NOT NULL, CONSTRAINT `jobs_sources_jobs` FOREIGN KEY (`source_id`) REFERENCES `sources` (`id`) ON DELETE CASCADE, CONSTRAINT `kind_words` CHECK ("kind" IN ('link', 'create', 'comment', 'fetch', 'backfill', 'reconcile', 'webhook', 'erase')), CONSTRAINT `state_words` CHECK ("state" IN ('waiting', 'working', 'done', 'failed', 'suspended')));
-- create index "job_created_at_id" to table: "jobs"
CREATE INDEX `job_created_at_id` ON `jobs` (`created_at`, `id`);
-- create index "job_updated_at_id" to table: "jobs"
CREATE INDEX `job_updated_at_id` ON `jobs` (`updated_at`, `id`);
-- create index "job_source_id_dedupe_key" to table: "jobs"
CREATE UNIQUE INDEX `job_source_id_dedupe_key` ON `jobs` (`source_id`, `dedupe_key`);
-- create index "job_state_next_attempt_at_id" to table: "jobs"
CREATE INDEX `job_state_next_attempt_at_id` ON `jobs` (`state`, `next_attempt_at`, `id`);
-- create index "job_target_kind_target_id" to table: "jobs"
CREATE INDEX `job_target_kind_target_id` ON `jobs` (`target_kind`, `target_id`);
-- enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;
