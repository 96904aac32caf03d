-- +goose NO TRANSACTION
-- +goose Up
-- disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- create "new_readings" table
CREATE TABLE `new_readings` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `revision` integer NOT NULL, `value` real NOT NULL, `at` datetime NOT NULL, `created_at` datetime NOT NULL, `created_by` text NOT NULL, `source_key` text NULL, `tripwire_id` integer NOT NULL, CONSTRAINT `readings_tripwires_tripwire` FOREIGN KEY (`tripwire_id`) REFERENCES `tripwires` (`id`) ON DELETE NO ACTION);
-- copy rows from old table "readings" to new temporary table "new_readings"
INSERT INTO `new_readings` (`id`, `revision`, `value`, `at`, `created_at`, `created_by`, `tripwire_id`) SELECT `id`, `revision`, `value`, `at`, `created_at`, `created_by`, `tripwire_id` FROM `readings`;
-- drop "readings" table after copying rows
DROP TABLE `readings`;
-- rename temporary table "new_readings" to "readings"
ALTER TABLE `new_readings` RENAME TO `readings`;
-- create index "reading_tripwire_id_at" to table: "readings"
CREATE INDEX `reading_tripwire_id_at` ON `readings` (`tripwire_id`, `at`);
-- create index "reading_tripwire_id_source_key" to table: "readings"
CREATE UNIQUE INDEX `reading_tripwire_id_source_key` ON `readings` (`tripwire_id`, `source_key`);
-- create "new_sources" table
CREATE TABLE `new_sources` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` text NOT NULL, `version` integer NOT NULL DEFAULT (1), `name` text NOT NULL, `product` text NOT NULL, `site` text NOT NULL DEFAULT (''), `auth_kind` text NOT NULL, `auth_header` text NOT NULL DEFAULT (''), `auth_query` text NOT NULL DEFAULT (''), `secrets` json NOT NULL, `cidrs` json NOT NULL, `rate` integer NOT NULL DEFAULT (0), `mode` text NOT NULL DEFAULT ('live'), `bot_accounts` json NOT NULL, `rules` json NOT NULL, `rules_version` integer NOT NULL DEFAULT (1), `projects` json NOT NULL, `alerts` json NOT NULL, `service_id` integer NULL, `environment_id` integer NULL, CONSTRAINT `sources_services_service` FOREIGN KEY (`service_id`) REFERENCES `services` (`id`) ON DELETE NO ACTION, CONSTRAINT `sources_environments_environment` FOREIGN KEY (`environment_id`) REFERENCES `environments` (`id`) ON DELETE NO ACTION, CONSTRAINT `auth_kind_words` CHECK ("auth_kind" IN ('hmac', 'bearer', 'header', 'none')), CONSTRAINT `mode_words` CHECK ("mode" IN ('live', 'dry_run', 'paused')), CONSTRAINT `product_words` CHECK ("product" IN ('jira_cloud', 'jira_data_center', 'jira_automation', 'custom', 'alertmanager')));
-- copy rows from old table "sources" to new temporary table "new_sources"
INSERT INTO `new_sources` (`id`, `created_at`, `updated_at`, `created_by`, `version`, `name`, `product`, `site`, `auth_kind`, `auth_header`, `auth_query`, `secrets`, `cidrs`, `rate`, `mode`, `bot_accounts`, `rules`, `rules_version`, `projects`, `service_id`, `environment_id`, `alerts`) SELECT `id`, `created_at`, `updated_at`, `created_by`, `version`, `name`, `product`, `site`, `auth_kind`, `auth_header`, `auth_query`, `secrets`, `cidrs`, `rate`, `mode`, `bot_accounts`, `rules`, `rules_version`, `projects`, `service_id`, `environment_id`, '[]' FROM `sources`;
-- drop "sources" table after copying rows
DROP TABLE `sources`;
-- rename temporary table "new_sources" to "sources"
ALTER TABLE `new_sources` RENAME TO `sources`;
-- create index "source_created_at_id" to table: "sources"
CREATE INDEX `source_created_at_id` ON `sources` (`created_at`, `id`);
-- create index "source_updated_at_id" to table: "sources"
CREATE INDEX `source_updated_at_id` ON `sources` (`updated_at`, `id`);
-- create "drift_ignores" table
CREATE TABLE `drift_ignores` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` text NOT NULL, `version` integer NOT NULL DEFAULT (1), `kind` text NULL, `pattern` text NOT NULL, `reason` text NOT NULL, `expires_at` datetime NULL, `environment_id` integer NOT NULL, CONSTRAINT `drift_ignores_environments_environment` FOREIGN KEY (`environment_id`) REFERENCES `environments` (`id`) ON DELETE NO ACTION, CONSTRAINT `kind_words` CHECK ("kind" IN ('schema', 'settings', 'packages', 'custom')));
-- create index "driftignore_created_at_id" to table: "drift_ignores"
CREATE INDEX `driftignore_created_at_id` ON `drift_ignores` (`created_at`, `id`);
-- create index "driftignore_updated_at_id" to table: "drift_ignores"
CREATE INDEX `driftignore_updated_at_id` ON `drift_ignores` (`updated_at`, `id`);
-- create index "driftignore_environment_id" to table: "drift_ignores"
CREATE INDEX `driftignore_environment_id` ON `drift_ignores` (`environment_id`);
-- enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;
