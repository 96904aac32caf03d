-- +goose Up
-- create "synonyms" table
CREATE TABLE `synonyms` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` text NOT NULL, `version` integer NOT NULL DEFAULT (1), `words` json NOT NULL);
-- create index "synonym_created_at_id" to table: "synonyms"
CREATE INDEX `synonym_created_at_id` ON `synonyms` (`created_at`, `id`);
-- create index "synonym_updated_at_id" to table: "synonyms"
CREATE INDEX `synonym_updated_at_id` ON `synonyms` (`updated_at`, `id`);
