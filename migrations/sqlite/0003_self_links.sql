-- +goose Up
-- drop index "environments_parity_target_id_key" from table: "environments"
DROP INDEX `environments_parity_target_id_key`;
-- drop index "lessons_supersedes_id_key" from table: "lessons"
DROP INDEX `lessons_supersedes_id_key`;
