// Package ent is the store's typed access to the database. All of it but the schema folder is generated; the schema
// says what each field means.
package ent

//go:generate go tool ent generate --feature sql/execquery,sql/modifier,sql/upsert,sql/versioned-migration,sql/lock --template ./template ./schema
