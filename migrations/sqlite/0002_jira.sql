-- +goose Up
-- create "deliveries" table
CREATE TABLE `deliveries` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` text NOT NULL, `version` integer NOT NULL DEFAULT (1), `dedupe_key` text NOT NULL, `raw` blob NULL, `encoding` text NOT NULL DEFAULT (''), `size` integer NOT NULL, `sha256` text NOT NULL, `headers` json NOT NULL, `url` text NOT NULL DEFAULT (''), `key_id` text NOT NULL DEFAULT (''), `raw_gone` bool NOT NULL DEFAULT (false), `event` text NOT NULL DEFAULT (''), `lane` text NOT NULL DEFAULT (''), `issue_id` text NOT NULL DEFAULT (''), `issue_key` text NOT NULL DEFAULT (''), `status` text NOT NULL DEFAULT ('received'), `reason` text NOT NULL DEFAULT (''), `error` text NOT NULL DEFAULT (''), `effects` json NOT NULL, `attempts` integer NOT NULL DEFAULT (0), `panics` integer NOT NULL DEFAULT (0), `next_attempt_at` datetime NOT NULL, `lease_until` datetime NULL, `lease_by` text NOT NULL DEFAULT (''), `seen` integer NOT NULL DEFAULT (1), `last_seen_at` datetime NOT NULL, `max_retry` integer NOT NULL DEFAULT (0), `settled_at` datetime NULL, `source_id` integer NOT NULL, CONSTRAINT `deliveries_sources_deliveries` FOREIGN KEY (`source_id`) REFERENCES `sources` (`id`) ON DELETE CASCADE, CONSTRAINT `status_words` CHECK ("status" IN ('received', 'processing', 'applied', 'noop', 'ignored', 'quarantined', 'dead')));
-- create index "delivery_created_at_id" to table: "deliveries"
CREATE INDEX `delivery_created_at_id` ON `deliveries` (`created_at`, `id`);
-- create index "delivery_updated_at_id" to table: "deliveries"
CREATE INDEX `delivery_updated_at_id` ON `deliveries` (`updated_at`, `id`);
-- create index "delivery_source_id_dedupe_key" to table: "deliveries"
CREATE UNIQUE INDEX `delivery_source_id_dedupe_key` ON `deliveries` (`source_id`, `dedupe_key`);
-- create index "delivery_status_next_attempt_at_id" to table: "deliveries"
CREATE INDEX `delivery_status_next_attempt_at_id` ON `deliveries` (`status`, `next_attempt_at`, `id`);
-- create index "delivery_lane_status" to table: "deliveries"
CREATE INDEX `delivery_lane_status` ON `deliveries` (`lane`, `status`);
-- create index "delivery_issue_key" to table: "deliveries"
CREATE INDEX `delivery_issue_key` ON `deliveries` (`issue_key`);
-- create "issue_states" table
CREATE TABLE `issue_states` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `site` text NOT NULL, `issue_id` text NOT NULL, `key` text NOT NULL DEFAULT (''), `source_id` integer NOT NULL, `state` json NOT NULL, `record_kind` text NOT NULL DEFAULT (''), `record_id` integer NOT NULL DEFAULT (0), `written` json NULL, `events` json NOT NULL, `efforts` json NOT NULL, `history` json NOT NULL, `link` text NOT NULL DEFAULT (''), `revision` integer NOT NULL DEFAULT (1), `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL);
-- create index "issuestate_site_issue_id" to table: "issue_states"
CREATE UNIQUE INDEX `issuestate_site_issue_id` ON `issue_states` (`site`, `issue_id`);
-- create index "issuestate_record_kind_record_id" to table: "issue_states"
CREATE INDEX `issuestate_record_kind_record_id` ON `issue_states` (`record_kind`, `record_id`);
-- create index "issuestate_key" to table: "issue_states"
CREATE INDEX `issuestate_key` ON `issue_states` (`key`);
-- create "site_states" table
CREATE TABLE `site_states` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `site` text NOT NULL, `kind` text NOT NULL, `object_id` text NOT NULL, `state` json NOT NULL, `attempt_id` integer NOT NULL DEFAULT (0), `updated_at` datetime NOT NULL, CONSTRAINT `kind_words` CHECK ("kind" IN ('version', 'project')));
-- create index "sitestate_site_kind_object_id" to table: "site_states"
CREATE UNIQUE INDEX `sitestate_site_kind_object_id` ON `site_states` (`site`, `kind`, `object_id`);
-- create "sources" table
CREATE TABLE `sources` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` text NOT NULL, `version` integer NOT NULL DEFAULT (1), `name` text NOT NULL, `product` text NOT NULL, `site` text NOT NULL DEFAULT (''), `auth_kind` text NOT NULL, `auth_header` text NOT NULL DEFAULT (''), `auth_query` text NOT NULL DEFAULT (''), `secrets` json NOT NULL, `cidrs` json NOT NULL, `rate` integer NOT NULL DEFAULT (0), `mode` text NOT NULL DEFAULT ('live'), `bot_accounts` json NOT NULL, `rules` json NOT NULL, `rules_version` integer NOT NULL DEFAULT (1), `projects` json NOT NULL, `service_id` integer NULL, `environment_id` integer NULL, CONSTRAINT `sources_services_service` FOREIGN KEY (`service_id`) REFERENCES `services` (`id`) ON DELETE NO ACTION, CONSTRAINT `sources_environments_environment` FOREIGN KEY (`environment_id`) REFERENCES `environments` (`id`) ON DELETE NO ACTION, CONSTRAINT `auth_kind_words` CHECK ("auth_kind" IN ('hmac', 'bearer', 'header', 'none')), CONSTRAINT `mode_words` CHECK ("mode" IN ('live', 'dry_run', 'paused')), CONSTRAINT `product_words` CHECK ("product" IN ('jira_cloud', 'jira_data_center', 'jira_automation', 'custom')));
-- create index "source_created_at_id" to table: "sources"
CREATE INDEX `source_created_at_id` ON `sources` (`created_at`, `id`);
-- create index "source_updated_at_id" to table: "sources"
CREATE INDEX `source_updated_at_id` ON `sources` (`updated_at`, `id`);
