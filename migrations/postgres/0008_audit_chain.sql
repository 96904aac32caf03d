-- +goose Up
-- modify "audit_entries" table
ALTER TABLE "audit_entries" ADD COLUMN "hash" character varying NOT NULL DEFAULT '';
