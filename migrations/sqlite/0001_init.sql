-- +goose Up
-- create "actions" table
CREATE TABLE `actions` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` text NOT NULL, `version` integer NOT NULL DEFAULT (1), `tags` json NOT NULL, `visibility` text NOT NULL DEFAULT ('internal'), `team` text NOT NULL DEFAULT (''), `sample` bool NOT NULL DEFAULT (false), `title` text NOT NULL, `done_criterion` text NOT NULL, `owner` text NOT NULL, `due_on` datetime NULL, `priority` text NULL, `kind` text NULL, `status` text NOT NULL DEFAULT ('open'), `finding_id` integer NULL, `lesson_id` integer NULL, `review_id` integer NULL, CONSTRAINT `actions_findings_finding` FOREIGN KEY (`finding_id`) REFERENCES `findings` (`id`) ON DELETE NO ACTION, CONSTRAINT `actions_lessons_lesson` FOREIGN KEY (`lesson_id`) REFERENCES `lessons` (`id`) ON DELETE NO ACTION, CONSTRAINT `actions_reviews_review` FOREIGN KEY (`review_id`) REFERENCES `reviews` (`id`) ON DELETE NO ACTION, CONSTRAINT `kind_words` CHECK ("kind" IN ('prevent', 'detect', 'mitigate', 'process')), CONSTRAINT `priority_words` CHECK ("priority" IN ('p1', 'p2', 'p3', 'p4')), CONSTRAINT `status_words` CHECK ("status" IN ('open', 'in_progress', 'done', 'verified', 'ineffective', 'wont_do')), CONSTRAINT `visibility_words` CHECK ("visibility" IN ('internal', 'restricted')));
-- create index "action_created_at_id" to table: "actions"
CREATE INDEX `action_created_at_id` ON `actions` (`created_at`, `id`);
-- create index "action_updated_at_id" to table: "actions"
CREATE INDEX `action_updated_at_id` ON `actions` (`updated_at`, `id`);
-- create index "action_finding_id" to table: "actions"
CREATE INDEX `action_finding_id` ON `actions` (`finding_id`);
-- create index "action_lesson_id" to table: "actions"
CREATE INDEX `action_lesson_id` ON `actions` (`lesson_id`);
-- create index "action_review_id" to table: "actions"
CREATE INDEX `action_review_id` ON `actions` (`review_id`);
-- create index "action_status_due_on" to table: "actions"
CREATE INDEX `action_status_due_on` ON `actions` (`status`, `due_on`);
-- create "assumptions" table
CREATE TABLE `assumptions` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` text NOT NULL, `version` integer NOT NULL DEFAULT (1), `tags` json NOT NULL, `visibility` text NOT NULL DEFAULT ('internal'), `team` text NOT NULL DEFAULT (''), `sample` bool NOT NULL DEFAULT (false), `statement` text NOT NULL, `importance` text NOT NULL, `category` text NULL, `falsified_if` text NOT NULL DEFAULT (''), `valid_for_days` integer NULL, `owner` text NOT NULL DEFAULT (''), `areas` json NOT NULL, `origin` text NOT NULL DEFAULT ('manual'), `drift_path` text NOT NULL DEFAULT (''), `evidence_status` text NOT NULL DEFAULT ('unverified'), `evidence_reason` text NOT NULL DEFAULT ('no_evidence'), `verified_until` datetime NULL, `area_changed_at` datetime NULL, `retired_at` datetime NULL, `attempt_id` integer NULL, `upgrade_id` integer NULL, `environment_id` integer NULL, CONSTRAINT `assumptions_attempts_attempt` FOREIGN KEY (`attempt_id`) REFERENCES `attempts` (`id`) ON DELETE NO ACTION, CONSTRAINT `assumptions_upgrades_upgrade` FOREIGN KEY (`upgrade_id`) REFERENCES `upgrades` (`id`) ON DELETE NO ACTION, CONSTRAINT `assumptions_environments_environment` FOREIGN KEY (`environment_id`) REFERENCES `environments` (`id`) ON DELETE NO ACTION, CONSTRAINT `category_words` CHECK ("category" IN ('environment_parity', 'data', 'capacity', 'behavior', 'dependency', 'process')), CONSTRAINT `evidence_reason_words` CHECK ("evidence_reason" IN ('no_evidence', 'evidence_wrong_environment', 'evidence_supports', 'evidence_contradicts', 'evidence_conflicts', 'evidence_too_old', 'area_changed', 'retired')), CONSTRAINT `evidence_status_words` CHECK ("evidence_status" IN ('unverified', 'verified', 'expired', 'falsified', 'disputed', 'retired')), CONSTRAINT `importance_words` CHECK ("importance" IN ('blocking', 'major', 'minor')), CONSTRAINT `origin_words` CHECK ("origin" IN ('manual', 'drift', 'premortem', 'lesson')), CONSTRAINT `visibility_words` CHECK ("visibility" IN ('internal', 'restricted')));
-- create index "assumption_created_at_id" to table: "assumptions"
CREATE INDEX `assumption_created_at_id` ON `assumptions` (`created_at`, `id`);
-- create index "assumption_updated_at_id" to table: "assumptions"
CREATE INDEX `assumption_updated_at_id` ON `assumptions` (`updated_at`, `id`);
-- create index "assumption_attempt_id" to table: "assumptions"
CREATE INDEX `assumption_attempt_id` ON `assumptions` (`attempt_id`);
-- create index "assumption_upgrade_id" to table: "assumptions"
CREATE INDEX `assumption_upgrade_id` ON `assumptions` (`upgrade_id`);
-- create index "assumption_environment_id" to table: "assumptions"
CREATE INDEX `assumption_environment_id` ON `assumptions` (`environment_id`);
-- create index "assumption_evidence_status" to table: "assumptions"
CREATE INDEX `assumption_evidence_status` ON `assumptions` (`evidence_status`);
-- create "attempts" table
CREATE TABLE `attempts` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` text NOT NULL, `version` integer NOT NULL DEFAULT (1), `tags` json NOT NULL, `visibility` text NOT NULL DEFAULT ('internal'), `team` text NOT NULL DEFAULT (''), `sample` bool NOT NULL DEFAULT (false), `number` integer NOT NULL, `strategy` text NOT NULL DEFAULT (''), `window_start` datetime NULL, `window_end` datetime NULL, `watch_until` datetime NULL, `release_ref` text NOT NULL DEFAULT (''), `released_at` datetime NULL, `changed_areas` json NOT NULL, `users_affected` integer NULL, `outcome_summary` text NOT NULL DEFAULT (''), `started_at` datetime NULL, `ended_at` datetime NULL, `status` text NOT NULL DEFAULT ('planned'), `upgrade_id` integer NOT NULL, `environment_id` integer NOT NULL, CONSTRAINT `attempts_upgrades_upgrade` FOREIGN KEY (`upgrade_id`) REFERENCES `upgrades` (`id`) ON DELETE NO ACTION, CONSTRAINT `attempts_environments_environment` FOREIGN KEY (`environment_id`) REFERENCES `environments` (`id`) ON DELETE NO ACTION, CONSTRAINT `status_words` CHECK ("status" IN ('planned', 'ready', 'in_progress', 'watching', 'succeeded', 'rolled_back', 'fixed_forward', 'aborted', 'cancelled')), CONSTRAINT `visibility_words` CHECK ("visibility" IN ('internal', 'restricted')));
-- create index "attempt_created_at_id" to table: "attempts"
CREATE INDEX `attempt_created_at_id` ON `attempts` (`created_at`, `id`);
-- create index "attempt_updated_at_id" to table: "attempts"
CREATE INDEX `attempt_updated_at_id` ON `attempts` (`updated_at`, `id`);
-- create index "attempt_upgrade_id_number" to table: "attempts"
CREATE UNIQUE INDEX `attempt_upgrade_id_number` ON `attempts` (`upgrade_id`, `number`);
-- create index "attempt_status" to table: "attempts"
CREATE INDEX `attempt_status` ON `attempts` (`status`);
-- create index "attempt_environment_id" to table: "attempts"
CREATE INDEX `attempt_environment_id` ON `attempts` (`environment_id`);
-- create "audit_entries" table
CREATE TABLE `audit_entries` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `at` datetime NOT NULL, `actor` text NOT NULL, `token_id` integer NULL, `action` text NOT NULL, `target_kind` text NOT NULL, `target_id` integer NOT NULL, `changes` json NOT NULL, `reason` text NOT NULL DEFAULT (''), `request_id` text NOT NULL DEFAULT (''));
-- create index "auditentry_target_kind_target_id_id" to table: "audit_entries"
CREATE INDEX `auditentry_target_kind_target_id_id` ON `audit_entries` (`target_kind`, `target_id`, `id`);
-- create "changes" table
CREATE TABLE `changes` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `txid` integer NULL DEFAULT (0), `kind` text NOT NULL, `record_id` integer NOT NULL, `op` text NOT NULL, `at` datetime NOT NULL, CONSTRAINT `op_words` CHECK ("op" IN ('create', 'update', 'delete', 'transition')));
-- create index "change_txid_id" to table: "changes"
CREATE INDEX `change_txid_id` ON `changes` (`txid`, `id`);
-- create index "change_kind_record_id" to table: "changes"
CREATE INDEX `change_kind_record_id` ON `changes` (`kind`, `record_id`);
-- create "decisions" table
CREATE TABLE `decisions` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` text NOT NULL, `version` integer NOT NULL DEFAULT (1), `tags` json NOT NULL, `visibility` text NOT NULL DEFAULT ('internal'), `team` text NOT NULL DEFAULT (''), `sample` bool NOT NULL DEFAULT (false), `kind` text NOT NULL, `question` text NOT NULL, `options` json NOT NULL, `chosen` text NOT NULL, `rationale` text NOT NULL, `dissent` text NOT NULL DEFAULT (''), `decided_by` text NOT NULL, `decided_at` datetime NOT NULL, `expires_at` datetime NULL, `brief_hash` text NOT NULL DEFAULT (''), `accepted_by` text NOT NULL DEFAULT (''), `status` text NOT NULL DEFAULT ('proposed'), `attempt_id` integer NULL, `assumption_id` integer NULL, CONSTRAINT `decisions_attempts_attempt` FOREIGN KEY (`attempt_id`) REFERENCES `attempts` (`id`) ON DELETE NO ACTION, CONSTRAINT `decisions_assumptions_assumption` FOREIGN KEY (`assumption_id`) REFERENCES `assumptions` (`id`) ON DELETE NO ACTION, CONSTRAINT `kind_words` CHECK ("kind" IN ('go_no_go', 'rollback_or_patch', 'waiver', 'risk_acceptance', 'other')), CONSTRAINT `status_words` CHECK ("status" IN ('proposed', 'accepted', 'superseded', 'expired')), CONSTRAINT `visibility_words` CHECK ("visibility" IN ('internal', 'restricted')));
-- create index "decision_created_at_id" to table: "decisions"
CREATE INDEX `decision_created_at_id` ON `decisions` (`created_at`, `id`);
-- create index "decision_updated_at_id" to table: "decisions"
CREATE INDEX `decision_updated_at_id` ON `decisions` (`updated_at`, `id`);
-- create index "decision_attempt_id" to table: "decisions"
CREATE INDEX `decision_attempt_id` ON `decisions` (`attempt_id`);
-- create index "decision_assumption_id" to table: "decisions"
CREATE INDEX `decision_assumption_id` ON `decisions` (`assumption_id`);
-- create "effort_entries" table
CREATE TABLE `effort_entries` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` text NOT NULL, `version` integer NOT NULL DEFAULT (1), `hours` real NOT NULL, `role` text NOT NULL, `phase` text NOT NULL, `note` text NOT NULL DEFAULT (''), `spent_at` datetime NOT NULL, `sample` bool NOT NULL DEFAULT (false), `upgrade_id` integer NULL, `attempt_id` integer NULL, `reverses_id` integer NULL, CONSTRAINT `effort_entries_upgrades_upgrade` FOREIGN KEY (`upgrade_id`) REFERENCES `upgrades` (`id`) ON DELETE NO ACTION, CONSTRAINT `effort_entries_attempts_attempt` FOREIGN KEY (`attempt_id`) REFERENCES `attempts` (`id`) ON DELETE NO ACTION, CONSTRAINT `effort_entries_effort_entries_reverses` FOREIGN KEY (`reverses_id`) REFERENCES `effort_entries` (`id`) ON DELETE NO ACTION, CONSTRAINT `phase_words` CHECK ("phase" IN ('prepare', 'test', 'deploy', 'respond', 'repair')));
-- create index "effort_entries_reverses_id_key" to table: "effort_entries"
CREATE UNIQUE INDEX `effort_entries_reverses_id_key` ON `effort_entries` (`reverses_id`);
-- create index "effortentry_created_at_id" to table: "effort_entries"
CREATE INDEX `effortentry_created_at_id` ON `effort_entries` (`created_at`, `id`);
-- create index "effortentry_updated_at_id" to table: "effort_entries"
CREATE INDEX `effortentry_updated_at_id` ON `effort_entries` (`updated_at`, `id`);
-- create index "effortentry_upgrade_id" to table: "effort_entries"
CREATE INDEX `effortentry_upgrade_id` ON `effort_entries` (`upgrade_id`);
-- create index "effortentry_attempt_id" to table: "effort_entries"
CREATE INDEX `effortentry_attempt_id` ON `effort_entries` (`attempt_id`);
-- create "environments" table
CREATE TABLE `environments` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` text NOT NULL, `version` integer NOT NULL DEFAULT (1), `name` text NOT NULL, `kind` text NOT NULL, `parity_target_id` integer NULL, CONSTRAINT `environments_environments_parity_target` FOREIGN KEY (`parity_target_id`) REFERENCES `environments` (`id`) ON DELETE NO ACTION, CONSTRAINT `kind_words` CHECK ("kind" IN ('development', 'test', 'staging', 'production')));
-- create index "environments_name_key" to table: "environments"
CREATE UNIQUE INDEX `environments_name_key` ON `environments` (`name`);
-- create index "environments_parity_target_id_key" to table: "environments"
CREATE UNIQUE INDEX `environments_parity_target_id_key` ON `environments` (`parity_target_id`);
-- create index "environment_created_at_id" to table: "environments"
CREATE INDEX `environment_created_at_id` ON `environments` (`created_at`, `id`);
-- create index "environment_updated_at_id" to table: "environments"
CREATE INDEX `environment_updated_at_id` ON `environments` (`updated_at`, `id`);
-- create "events" table
CREATE TABLE `events` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` text NOT NULL, `version` integer NOT NULL DEFAULT (1), `occurred_at` datetime NOT NULL, `kind` text NOT NULL, `text` text NOT NULL, `source` text NOT NULL DEFAULT (''), `acted_on` bool NOT NULL DEFAULT (false), `external_key` text NOT NULL DEFAULT (''), `attempt_id` integer NULL, `incident_id` integer NULL, `finding_id` integer NULL, `supersedes_id` integer NULL, CONSTRAINT `events_attempts_attempt` FOREIGN KEY (`attempt_id`) REFERENCES `attempts` (`id`) ON DELETE NO ACTION, CONSTRAINT `events_incidents_incident` FOREIGN KEY (`incident_id`) REFERENCES `incidents` (`id`) ON DELETE NO ACTION, CONSTRAINT `events_findings_finding` FOREIGN KEY (`finding_id`) REFERENCES `findings` (`id`) ON DELETE NO ACTION, CONSTRAINT `events_events_supersedes` FOREIGN KEY (`supersedes_id`) REFERENCES `events` (`id`) ON DELETE NO ACTION, CONSTRAINT `kind_words` CHECK ("kind" IN ('signal', 'interpretation', 'decision', 'action', 'communication')));
-- create index "events_supersedes_id_key" to table: "events"
CREATE UNIQUE INDEX `events_supersedes_id_key` ON `events` (`supersedes_id`);
-- create index "event_created_at_id" to table: "events"
CREATE INDEX `event_created_at_id` ON `events` (`created_at`, `id`);
-- create index "event_updated_at_id" to table: "events"
CREATE INDEX `event_updated_at_id` ON `events` (`updated_at`, `id`);
-- create index "event_attempt_id_occurred_at" to table: "events"
CREATE INDEX `event_attempt_id_occurred_at` ON `events` (`attempt_id`, `occurred_at`);
-- create index "event_incident_id_occurred_at" to table: "events"
CREATE INDEX `event_incident_id_occurred_at` ON `events` (`incident_id`, `occurred_at`);
-- create index "event_finding_id_occurred_at" to table: "events"
CREATE INDEX `event_finding_id_occurred_at` ON `events` (`finding_id`, `occurred_at`);
-- create "evidence" table
CREATE TABLE `evidence` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` text NOT NULL, `version` integer NOT NULL DEFAULT (1), `result` text NOT NULL, `observed_at` datetime NOT NULL, `summary` text NOT NULL, `method` text NOT NULL DEFAULT (''), `url` text NOT NULL DEFAULT (''), `withdrawn_at` datetime NULL, `withdrawn_by` text NOT NULL DEFAULT (''), `withdrawn_reason` text NOT NULL DEFAULT (''), `assumption_id` integer NOT NULL, `environment_id` integer NOT NULL, CONSTRAINT `evidence_assumptions_assumption` FOREIGN KEY (`assumption_id`) REFERENCES `assumptions` (`id`) ON DELETE NO ACTION, CONSTRAINT `evidence_environments_environment` FOREIGN KEY (`environment_id`) REFERENCES `environments` (`id`) ON DELETE NO ACTION, CONSTRAINT `result_words` CHECK ("result" IN ('supports', 'contradicts', 'inconclusive')));
-- create index "evidence_created_at_id" to table: "evidence"
CREATE INDEX `evidence_created_at_id` ON `evidence` (`created_at`, `id`);
-- create index "evidence_updated_at_id" to table: "evidence"
CREATE INDEX `evidence_updated_at_id` ON `evidence` (`updated_at`, `id`);
-- create index "evidence_assumption_id_observed_at" to table: "evidence"
CREATE INDEX `evidence_assumption_id_observed_at` ON `evidence` (`assumption_id`, `observed_at`);
-- create "findings" table
CREATE TABLE `findings` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` text NOT NULL, `version` integer NOT NULL DEFAULT (1), `tags` json NOT NULL, `visibility` text NOT NULL DEFAULT ('internal'), `team` text NOT NULL DEFAULT (''), `sample` bool NOT NULL DEFAULT (false), `title` text NOT NULL, `component` text NOT NULL DEFAULT (''), `observed` text NOT NULL DEFAULT (''), `expected` text NOT NULL DEFAULT (''), `severity` text NOT NULL, `priority` text NULL, `detected_by` text NULL, `detected_at` datetime NULL, `attribution` text NOT NULL DEFAULT ('undetermined'), `attribution_basis` text NULL, `workaround` text NOT NULL DEFAULT (''), `status` text NOT NULL DEFAULT ('reported'), `attempt_id` integer NULL, `incident_id` integer NULL, `service_id` integer NULL, `environment_id` integer NULL, CONSTRAINT `findings_attempts_attempt` FOREIGN KEY (`attempt_id`) REFERENCES `attempts` (`id`) ON DELETE NO ACTION, CONSTRAINT `findings_incidents_incident` FOREIGN KEY (`incident_id`) REFERENCES `incidents` (`id`) ON DELETE NO ACTION, CONSTRAINT `findings_services_service` FOREIGN KEY (`service_id`) REFERENCES `services` (`id`) ON DELETE NO ACTION, CONSTRAINT `findings_environments_environment` FOREIGN KEY (`environment_id`) REFERENCES `environments` (`id`) ON DELETE NO ACTION, CONSTRAINT `attribution_basis_words` CHECK ("attribution_basis" IN ('reproduced_on_old_version', 'bisect', 'drift', 'judgement')), CONSTRAINT `attribution_words` CHECK ("attribution" IN ('caused_by_change', 'exposed_by_change', 'pre_existing', 'unrelated', 'undetermined')), CONSTRAINT `detected_by_words` CHECK ("detected_by" IN ('qa', 'monitoring', 'user', 'support', 'engineer')), CONSTRAINT `priority_words` CHECK ("priority" IN ('p1', 'p2', 'p3', 'p4')), CONSTRAINT `severity_words` CHECK ("severity" IN ('critical', 'high', 'medium', 'low')), CONSTRAINT `status_words` CHECK ("status" IN ('reported', 'triaged', 'confirmed', 'resolved', 'verified', 'duplicate', 'not_reproducible', 'accepted')), CONSTRAINT `visibility_words` CHECK ("visibility" IN ('internal', 'restricted')));
-- create index "finding_created_at_id" to table: "findings"
CREATE INDEX `finding_created_at_id` ON `findings` (`created_at`, `id`);
-- create index "finding_updated_at_id" to table: "findings"
CREATE INDEX `finding_updated_at_id` ON `findings` (`updated_at`, `id`);
-- create index "finding_attempt_id" to table: "findings"
CREATE INDEX `finding_attempt_id` ON `findings` (`attempt_id`);
-- create index "finding_incident_id" to table: "findings"
CREATE INDEX `finding_incident_id` ON `findings` (`incident_id`);
-- create index "finding_service_id_component" to table: "findings"
CREATE INDEX `finding_service_id_component` ON `findings` (`service_id`, `component`);
-- create index "finding_status" to table: "findings"
CREATE INDEX `finding_status` ON `findings` (`status`);
-- create index "finding_attribution" to table: "findings"
CREATE INDEX `finding_attribution` ON `findings` (`attribution`);
-- create "gate_evaluations" table
CREATE TABLE `gate_evaluations` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `decision` text NOT NULL, `brief_hash` text NOT NULL, `verdict` blob NOT NULL, `brief` blob NOT NULL, `at` datetime NOT NULL, `asked_by` text NOT NULL, `attempt_id` integer NOT NULL, CONSTRAINT `gate_evaluations_attempts_attempt` FOREIGN KEY (`attempt_id`) REFERENCES `attempts` (`id`) ON DELETE NO ACTION, CONSTRAINT `decision_words` CHECK ("decision" IN ('pass', 'fail', 'pass_with_waiver')));
-- create index "gateevaluation_attempt_id_at" to table: "gate_evaluations"
CREATE INDEX `gateevaluation_attempt_id_at` ON `gate_evaluations` (`attempt_id`, `at`);
-- create "idempotency_keys" table
CREATE TABLE `idempotency_keys` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `principal` text NOT NULL, `key` text NOT NULL, `fingerprint` text NOT NULL, `state` text NOT NULL DEFAULT ('running'), `status` integer NOT NULL DEFAULT (0), `headers` json NOT NULL, `body` blob NULL, `location` text NOT NULL DEFAULT (''), `created_at` datetime NOT NULL, `lease_until` datetime NOT NULL, `expires_at` datetime NOT NULL, CONSTRAINT `state_words` CHECK ("state" IN ('running', 'committed', 'answered')));
-- create index "idempotencykey_principal_key" to table: "idempotency_keys"
CREATE UNIQUE INDEX `idempotencykey_principal_key` ON `idempotency_keys` (`principal`, `key`);
-- create index "idempotencykey_expires_at" to table: "idempotency_keys"
CREATE INDEX `idempotencykey_expires_at` ON `idempotency_keys` (`expires_at`);
-- create "incidents" table
CREATE TABLE `incidents` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` text NOT NULL, `version` integer NOT NULL DEFAULT (1), `tags` json NOT NULL, `visibility` text NOT NULL DEFAULT ('internal'), `team` text NOT NULL DEFAULT (''), `sample` bool NOT NULL DEFAULT (false), `title` text NOT NULL, `severity` text NOT NULL, `priority` text NULL, `attempt_relation` text NULL, `impact` text NOT NULL DEFAULT (''), `impact_start` datetime NULL, `impact_end` datetime NULL, `detected_at` datetime NULL, `detected_by` text NULL, `near_miss` bool NOT NULL DEFAULT (false), `status` text NOT NULL DEFAULT ('open'), `service_id` integer NULL, `attempt_id` integer NULL, CONSTRAINT `incidents_services_service` FOREIGN KEY (`service_id`) REFERENCES `services` (`id`) ON DELETE NO ACTION, CONSTRAINT `incidents_attempts_attempt` FOREIGN KEY (`attempt_id`) REFERENCES `attempts` (`id`) ON DELETE NO ACTION, CONSTRAINT `attempt_relation_words` CHECK ("attempt_relation" IN ('triggered_by', 'coincident')), CONSTRAINT `detected_by_words` CHECK ("detected_by" IN ('qa', 'monitoring', 'user', 'support', 'engineer')), CONSTRAINT `priority_words` CHECK ("priority" IN ('p1', 'p2', 'p3', 'p4')), CONSTRAINT `severity_words` CHECK ("severity" IN ('critical', 'high', 'medium', 'low')), CONSTRAINT `status_words` CHECK ("status" IN ('open', 'mitigated', 'resolved', 'closed')), CONSTRAINT `visibility_words` CHECK ("visibility" IN ('internal', 'restricted')));
-- create index "incident_created_at_id" to table: "incidents"
CREATE INDEX `incident_created_at_id` ON `incidents` (`created_at`, `id`);
-- create index "incident_updated_at_id" to table: "incidents"
CREATE INDEX `incident_updated_at_id` ON `incidents` (`updated_at`, `id`);
-- create index "incident_attempt_id" to table: "incidents"
CREATE INDEX `incident_attempt_id` ON `incidents` (`attempt_id`);
-- create index "incident_service_id" to table: "incidents"
CREATE INDEX `incident_service_id` ON `incidents` (`service_id`);
-- create index "incident_status" to table: "incidents"
CREATE INDEX `incident_status` ON `incidents` (`status`);
-- create "lessons" table
CREATE TABLE `lessons` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` text NOT NULL, `version` integer NOT NULL DEFAULT (1), `tags` json NOT NULL, `visibility` text NOT NULL DEFAULT ('internal'), `team` text NOT NULL DEFAULT (''), `sample` bool NOT NULL DEFAULT (false), `title` text NOT NULL, `when` text NOT NULL, `then` text NOT NULL, `because` text NOT NULL DEFAULT (''), `check` text NOT NULL DEFAULT (''), `success_criterion` text NOT NULL DEFAULT (''), `applies_to` json NOT NULL, `review_by` datetime NULL, `status` text NOT NULL DEFAULT ('draft'), `supersedes_id` integer NULL, CONSTRAINT `lessons_lessons_supersedes` FOREIGN KEY (`supersedes_id`) REFERENCES `lessons` (`id`) ON DELETE NO ACTION, CONSTRAINT `status_words` CHECK ("status" IN ('draft', 'active', 'superseded', 'retired')), CONSTRAINT `visibility_words` CHECK ("visibility" IN ('internal', 'restricted')));
-- create index "lessons_supersedes_id_key" to table: "lessons"
CREATE UNIQUE INDEX `lessons_supersedes_id_key` ON `lessons` (`supersedes_id`);
-- create index "lesson_created_at_id" to table: "lessons"
CREATE INDEX `lesson_created_at_id` ON `lessons` (`created_at`, `id`);
-- create index "lesson_updated_at_id" to table: "lessons"
CREATE INDEX `lesson_updated_at_id` ON `lessons` (`updated_at`, `id`);
-- create index "lesson_status" to table: "lessons"
CREATE INDEX `lesson_status` ON `lessons` (`status`);
-- create "lesson_applications" table
CREATE TABLE `lesson_applications` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` text NOT NULL, `version` integer NOT NULL DEFAULT (1), `response` text NULL, `reason` text NOT NULL DEFAULT (''), `outcome` text NULL, `answered_at` datetime NULL, `answered_by` text NOT NULL DEFAULT (''), `assessed_at` datetime NULL, `status` text NOT NULL DEFAULT ('surfaced'), `lesson_id` integer NOT NULL, `attempt_id` integer NOT NULL, CONSTRAINT `lesson_applications_lessons_lesson` FOREIGN KEY (`lesson_id`) REFERENCES `lessons` (`id`) ON DELETE NO ACTION, CONSTRAINT `lesson_applications_attempts_attempt` FOREIGN KEY (`attempt_id`) REFERENCES `attempts` (`id`) ON DELETE NO ACTION, CONSTRAINT `outcome_words` CHECK ("outcome" IN ('prevented', 'no_effect', 'recurred', 'unknown')), CONSTRAINT `response_words` CHECK ("response" IN ('applied', 'skipped', 'not_applicable')), CONSTRAINT `status_words` CHECK ("status" IN ('surfaced', 'answered', 'assessed')));
-- create index "lessonapplication_created_at_id" to table: "lesson_applications"
CREATE INDEX `lessonapplication_created_at_id` ON `lesson_applications` (`created_at`, `id`);
-- create index "lessonapplication_updated_at_id" to table: "lesson_applications"
CREATE INDEX `lessonapplication_updated_at_id` ON `lesson_applications` (`updated_at`, `id`);
-- create index "lessonapplication_attempt_id_lesson_id" to table: "lesson_applications"
CREATE UNIQUE INDEX `lessonapplication_attempt_id_lesson_id` ON `lesson_applications` (`attempt_id`, `lesson_id`);
-- create index "lessonapplication_lesson_id" to table: "lesson_applications"
CREATE INDEX `lessonapplication_lesson_id` ON `lesson_applications` (`lesson_id`);
-- create "lesson_scopes" table
CREATE TABLE `lesson_scopes` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `dimension` text NOT NULL, `value` text NOT NULL, `lesson_id` integer NOT NULL, CONSTRAINT `lesson_scopes_lessons_lesson` FOREIGN KEY (`lesson_id`) REFERENCES `lessons` (`id`) ON DELETE CASCADE);
-- create index "lessonscope_dimension_value" to table: "lesson_scopes"
CREATE INDEX `lessonscope_dimension_value` ON `lesson_scopes` (`dimension`, `value`);
-- create index "lessonscope_lesson_id" to table: "lesson_scopes"
CREATE INDEX `lessonscope_lesson_id` ON `lesson_scopes` (`lesson_id`);
-- create "readings" table
CREATE TABLE `readings` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `revision` integer NOT NULL, `value` real NOT NULL, `at` datetime NOT NULL, `created_at` datetime NOT NULL, `created_by` text NOT NULL, `tripwire_id` integer NOT NULL, CONSTRAINT `readings_tripwires_tripwire` FOREIGN KEY (`tripwire_id`) REFERENCES `tripwires` (`id`) ON DELETE NO ACTION);
-- create index "reading_tripwire_id_at" to table: "readings"
CREATE INDEX `reading_tripwire_id_at` ON `readings` (`tripwire_id`, `at`);
-- create "record_references" table
CREATE TABLE `record_references` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` text NOT NULL, `version` integer NOT NULL DEFAULT (1), `target_kind` text NOT NULL, `target_id` integer NOT NULL, `kind` text NOT NULL, `url` text NOT NULL DEFAULT (''), `external_key` text NOT NULL DEFAULT (''), `title` text NOT NULL DEFAULT (''), `role` text NOT NULL DEFAULT (''), CONSTRAINT `kind_words` CHECK ("kind" IN ('jira', 'runbook', 'wiki', 'pull_request', 'dashboard', 'deploy', 'other')));
-- create index "recordreference_created_at_id" to table: "record_references"
CREATE INDEX `recordreference_created_at_id` ON `record_references` (`created_at`, `id`);
-- create index "recordreference_updated_at_id" to table: "record_references"
CREATE INDEX `recordreference_updated_at_id` ON `record_references` (`updated_at`, `id`);
-- create index "recordreference_target_kind_target_id" to table: "record_references"
CREATE INDEX `recordreference_target_kind_target_id` ON `record_references` (`target_kind`, `target_id`);
-- create index "recordreference_external_key" to table: "record_references"
CREATE INDEX `recordreference_external_key` ON `record_references` (`external_key`);
-- create "recurrences" table
CREATE TABLE `recurrences` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` text NOT NULL, `version` integer NOT NULL DEFAULT (1), `from_kind` text NOT NULL, `from_id` integer NOT NULL, `to_kind` text NOT NULL, `to_id` integer NOT NULL, `kind` text NOT NULL, `explanation` text NOT NULL DEFAULT (''), `status` text NOT NULL DEFAULT ('suggested'), CONSTRAINT `kind_words` CHECK ("kind" IN ('same_cause', 'same_symptom', 'regression')), CONSTRAINT `status_words` CHECK ("status" IN ('suggested', 'confirmed', 'rejected')));
-- create index "recurrence_created_at_id" to table: "recurrences"
CREATE INDEX `recurrence_created_at_id` ON `recurrences` (`created_at`, `id`);
-- create index "recurrence_updated_at_id" to table: "recurrences"
CREATE INDEX `recurrence_updated_at_id` ON `recurrences` (`updated_at`, `id`);
-- create index "recurrence_from_kind_from_id_to_kind_to_id" to table: "recurrences"
CREATE UNIQUE INDEX `recurrence_from_kind_from_id_to_kind_to_id` ON `recurrences` (`from_kind`, `from_id`, `to_kind`, `to_id`);
-- create index "recurrence_to_kind_to_id" to table: "recurrences"
CREATE INDEX `recurrence_to_kind_to_id` ON `recurrences` (`to_kind`, `to_id`);
-- create "reviews" table
CREATE TABLE `reviews` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` text NOT NULL, `version` integer NOT NULL DEFAULT (1), `tags` json NOT NULL, `visibility` text NOT NULL DEFAULT ('internal'), `team` text NOT NULL DEFAULT (''), `sample` bool NOT NULL DEFAULT (false), `title` text NOT NULL, `summary` text NOT NULL DEFAULT (''), `impact` text NOT NULL DEFAULT (''), `went_well` text NOT NULL DEFAULT (''), `went_poorly` text NOT NULL DEFAULT (''), `lucky` text NOT NULL DEFAULT (''), `body` text NOT NULL DEFAULT (''), `contributing_factors` json NOT NULL, `participants` json NOT NULL, `amendments` json NOT NULL, `published_at` datetime NULL, `import_key` text NULL, `status` text NOT NULL DEFAULT ('draft'), CONSTRAINT `status_words` CHECK ("status" IN ('draft', 'in_review', 'published')), CONSTRAINT `visibility_words` CHECK ("visibility" IN ('internal', 'restricted')));
-- create index "reviews_import_key_key" to table: "reviews"
CREATE UNIQUE INDEX `reviews_import_key_key` ON `reviews` (`import_key`);
-- create index "review_created_at_id" to table: "reviews"
CREATE INDEX `review_created_at_id` ON `reviews` (`created_at`, `id`);
-- create index "review_updated_at_id" to table: "reviews"
CREATE INDEX `review_updated_at_id` ON `reviews` (`updated_at`, `id`);
-- create "runbooks" table
CREATE TABLE `runbooks` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` text NOT NULL, `version` integer NOT NULL DEFAULT (1), `tags` json NOT NULL, `visibility` text NOT NULL DEFAULT ('internal'), `team` text NOT NULL DEFAULT (''), `sample` bool NOT NULL DEFAULT (false), `title` text NOT NULL, `url` text NOT NULL, `areas` json NOT NULL, `alert_names` json NOT NULL, `reviewed_at` datetime NULL, `review_every_days` integer NULL, `review_due_at` datetime NULL, `link_status` text NOT NULL DEFAULT ('unchecked'), `link_checked_at` datetime NULL, `service_id` integer NULL, CONSTRAINT `runbooks_services_service` FOREIGN KEY (`service_id`) REFERENCES `services` (`id`) ON DELETE NO ACTION, CONSTRAINT `link_status_words` CHECK ("link_status" IN ('unchecked', 'ok', 'broken', 'refused')), CONSTRAINT `visibility_words` CHECK ("visibility" IN ('internal', 'restricted')));
-- create index "runbook_created_at_id" to table: "runbooks"
CREATE INDEX `runbook_created_at_id` ON `runbooks` (`created_at`, `id`);
-- create index "runbook_updated_at_id" to table: "runbooks"
CREATE INDEX `runbook_updated_at_id` ON `runbooks` (`updated_at`, `id`);
-- create "services" table
CREATE TABLE `services` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` text NOT NULL, `version` integer NOT NULL DEFAULT (1), `name` text NOT NULL, `slug` text NOT NULL, `tier` text NOT NULL DEFAULT (''), `owner_team` text NOT NULL DEFAULT (''), `description` text NOT NULL DEFAULT (''), `catalog_ref` text NOT NULL DEFAULT (''));
-- create index "services_slug_key" to table: "services"
CREATE UNIQUE INDEX `services_slug_key` ON `services` (`slug`);
-- create index "service_created_at_id" to table: "services"
CREATE INDEX `service_created_at_id` ON `services` (`created_at`, `id`);
-- create index "service_updated_at_id" to table: "services"
CREATE INDEX `service_updated_at_id` ON `services` (`updated_at`, `id`);
-- create "settings" table
CREATE TABLE `settings` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `name` text NOT NULL, `value` blob NOT NULL, `updated_at` datetime NOT NULL);
-- create index "settings_name_key" to table: "settings"
CREATE UNIQUE INDEX `settings_name_key` ON `settings` (`name`);
-- create "snapshots" table
CREATE TABLE `snapshots` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` text NOT NULL, `version` integer NOT NULL DEFAULT (1), `kind` text NOT NULL, `captured_at` datetime NOT NULL, `last_seen_at` datetime NOT NULL, `tool` text NOT NULL DEFAULT (''), `content_hash` text NOT NULL, `item_count` integer NOT NULL, `environment_id` integer NOT NULL, CONSTRAINT `snapshots_environments_environment` FOREIGN KEY (`environment_id`) REFERENCES `environments` (`id`) ON DELETE NO ACTION, CONSTRAINT `kind_words` CHECK ("kind" IN ('schema', 'settings', 'packages', 'custom')));
-- create index "snapshot_created_at_id" to table: "snapshots"
CREATE INDEX `snapshot_created_at_id` ON `snapshots` (`created_at`, `id`);
-- create index "snapshot_updated_at_id" to table: "snapshots"
CREATE INDEX `snapshot_updated_at_id` ON `snapshots` (`updated_at`, `id`);
-- create index "snapshot_environment_id_kind_id" to table: "snapshots"
CREATE INDEX `snapshot_environment_id_kind_id` ON `snapshots` (`environment_id`, `kind`, `id`);
-- create "snapshot_items" table
CREATE TABLE `snapshot_items` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `environment_id` integer NOT NULL, `kind` text NOT NULL, `path` text NOT NULL, `value` blob NOT NULL, `since_snapshot_id` integer NOT NULL, `until_snapshot_id` integer NULL, CONSTRAINT `kind_words` CHECK ("kind" IN ('schema', 'settings', 'packages', 'custom')));
-- create index "snapshotitem_environment_id_kind_path_since_snapshot_id" to table: "snapshot_items"
CREATE INDEX `snapshotitem_environment_id_kind_path_since_snapshot_id` ON `snapshot_items` (`environment_id`, `kind`, `path`, `since_snapshot_id`);
-- create index "snapshotitem_environment_id_kind_until_snapshot_id" to table: "snapshot_items"
CREATE INDEX `snapshotitem_environment_id_kind_until_snapshot_id` ON `snapshot_items` (`environment_id`, `kind`, `until_snapshot_id`);
-- create "tokens" table
CREATE TABLE `tokens` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` text NOT NULL, `version` integer NOT NULL DEFAULT (1), `name` text NOT NULL, `key` text NOT NULL, `secret_hash` text NOT NULL, `scopes` json NOT NULL, `team` text NOT NULL DEFAULT (''), `expires_at` datetime NULL, `revoked_at` datetime NULL, `last_used_at` datetime NULL);
-- create index "tokens_key_key" to table: "tokens"
CREATE UNIQUE INDEX `tokens_key_key` ON `tokens` (`key`);
-- create index "token_created_at_id" to table: "tokens"
CREATE INDEX `token_created_at_id` ON `tokens` (`created_at`, `id`);
-- create index "token_updated_at_id" to table: "tokens"
CREATE INDEX `token_updated_at_id` ON `tokens` (`updated_at`, `id`);
-- create "transitions" table
CREATE TABLE `transitions` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `target_kind` text NOT NULL, `target_id` integer NOT NULL, `from_state` text NOT NULL, `to_state` text NOT NULL, `reason` text NOT NULL DEFAULT (''), `at` datetime NOT NULL, `created_at` datetime NOT NULL, `created_by` text NOT NULL);
-- create index "transition_target_kind_target_id_at" to table: "transitions"
CREATE INDEX `transition_target_kind_target_id_at` ON `transitions` (`target_kind`, `target_id`, `at`);
-- create "tripwires" table
CREATE TABLE `tripwires` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` text NOT NULL, `version` integer NOT NULL DEFAULT (1), `signal` text NOT NULL, `comparator` text NOT NULL, `threshold` real NOT NULL, `for_minutes` integer NOT NULL DEFAULT (0), `deadline` datetime NULL, `then` text NOT NULL, `agreed_by` text NOT NULL, `revision` integer NOT NULL DEFAULT (1), `earlier_terms` json NOT NULL, `armed_at` datetime NULL, `tripped_at` datetime NULL, `status` text NOT NULL DEFAULT ('draft'), `attempt_id` integer NOT NULL, CONSTRAINT `tripwires_attempts_attempt` FOREIGN KEY (`attempt_id`) REFERENCES `attempts` (`id`) ON DELETE NO ACTION, CONSTRAINT `comparator_words` CHECK ("comparator" IN ('gt', 'gte', 'lt', 'lte')), CONSTRAINT `status_words` CHECK ("status" IN ('draft', 'armed', 'tripped', 'cleared', 'expired')), CONSTRAINT `then_words` CHECK ("then" IN ('rollback', 'pause', 'page')));
-- create index "tripwire_created_at_id" to table: "tripwires"
CREATE INDEX `tripwire_created_at_id` ON `tripwires` (`created_at`, `id`);
-- create index "tripwire_updated_at_id" to table: "tripwires"
CREATE INDEX `tripwire_updated_at_id` ON `tripwires` (`updated_at`, `id`);
-- create index "tripwire_attempt_id" to table: "tripwires"
CREATE INDEX `tripwire_attempt_id` ON `tripwires` (`attempt_id`);
-- create "upgrades" table
CREATE TABLE `upgrades` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` text NOT NULL, `version` integer NOT NULL DEFAULT (1), `tags` json NOT NULL, `visibility` text NOT NULL DEFAULT ('internal'), `team` text NOT NULL DEFAULT (''), `sample` bool NOT NULL DEFAULT (false), `title` text NOT NULL, `kind` text NOT NULL, `from_version` text NOT NULL DEFAULT (''), `to_version` text NOT NULL DEFAULT (''), `goal` text NOT NULL DEFAULT (''), `status` text NOT NULL DEFAULT ('proposed'), `service_id` integer NOT NULL, CONSTRAINT `upgrades_services_service` FOREIGN KEY (`service_id`) REFERENCES `services` (`id`) ON DELETE NO ACTION, CONSTRAINT `kind_words` CHECK ("kind" IN ('framework', 'runtime', 'database', 'dependency', 'infrastructure', 'migration', 'configuration', 'other')), CONSTRAINT `status_words` CHECK ("status" IN ('proposed', 'active', 'completed', 'abandoned')), CONSTRAINT `visibility_words` CHECK ("visibility" IN ('internal', 'restricted')));
-- create index "upgrade_created_at_id" to table: "upgrades"
CREATE INDEX `upgrade_created_at_id` ON `upgrades` (`created_at`, `id`);
-- create index "upgrade_updated_at_id" to table: "upgrades"
CREATE INDEX `upgrade_updated_at_id` ON `upgrades` (`updated_at`, `id`);
-- create index "upgrade_service_id_kind" to table: "upgrades"
CREATE INDEX `upgrade_service_id_kind` ON `upgrades` (`service_id`, `kind`);
-- create "finding_assumptions" table
CREATE TABLE `finding_assumptions` (`finding_id` integer NOT NULL, `assumption_id` integer NOT NULL, PRIMARY KEY (`finding_id`, `assumption_id`), CONSTRAINT `finding_assumptions_finding_id` FOREIGN KEY (`finding_id`) REFERENCES `findings` (`id`) ON DELETE CASCADE, CONSTRAINT `finding_assumptions_assumption_id` FOREIGN KEY (`assumption_id`) REFERENCES `assumptions` (`id`) ON DELETE CASCADE);
-- create "lesson_findings" table
CREATE TABLE `lesson_findings` (`lesson_id` integer NOT NULL, `finding_id` integer NOT NULL, PRIMARY KEY (`lesson_id`, `finding_id`), CONSTRAINT `lesson_findings_lesson_id` FOREIGN KEY (`lesson_id`) REFERENCES `lessons` (`id`) ON DELETE CASCADE, CONSTRAINT `lesson_findings_finding_id` FOREIGN KEY (`finding_id`) REFERENCES `findings` (`id`) ON DELETE CASCADE);
-- create "lesson_assumptions" table
CREATE TABLE `lesson_assumptions` (`lesson_id` integer NOT NULL, `assumption_id` integer NOT NULL, PRIMARY KEY (`lesson_id`, `assumption_id`), CONSTRAINT `lesson_assumptions_lesson_id` FOREIGN KEY (`lesson_id`) REFERENCES `lessons` (`id`) ON DELETE CASCADE, CONSTRAINT `lesson_assumptions_assumption_id` FOREIGN KEY (`assumption_id`) REFERENCES `assumptions` (`id`) ON DELETE CASCADE);
-- create "lesson_incidents" table
CREATE TABLE `lesson_incidents` (`lesson_id` integer NOT NULL, `incident_id` integer NOT NULL, PRIMARY KEY (`lesson_id`, `incident_id`), CONSTRAINT `lesson_incidents_lesson_id` FOREIGN KEY (`lesson_id`) REFERENCES `lessons` (`id`) ON DELETE CASCADE, CONSTRAINT `lesson_incidents_incident_id` FOREIGN KEY (`incident_id`) REFERENCES `incidents` (`id`) ON DELETE CASCADE);
-- create "review_attempts" table
CREATE TABLE `review_attempts` (`review_id` integer NOT NULL, `attempt_id` integer NOT NULL, PRIMARY KEY (`review_id`, `attempt_id`), CONSTRAINT `review_attempts_review_id` FOREIGN KEY (`review_id`) REFERENCES `reviews` (`id`) ON DELETE CASCADE, CONSTRAINT `review_attempts_attempt_id` FOREIGN KEY (`attempt_id`) REFERENCES `attempts` (`id`) ON DELETE CASCADE);
-- create "review_incidents" table
CREATE TABLE `review_incidents` (`review_id` integer NOT NULL, `incident_id` integer NOT NULL, PRIMARY KEY (`review_id`, `incident_id`), CONSTRAINT `review_incidents_review_id` FOREIGN KEY (`review_id`) REFERENCES `reviews` (`id`) ON DELETE CASCADE, CONSTRAINT `review_incidents_incident_id` FOREIGN KEY (`incident_id`) REFERENCES `incidents` (`id`) ON DELETE CASCADE);
