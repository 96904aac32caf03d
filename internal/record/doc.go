// Package record is the one path that every record takes into and out of the store: create, read, list, change, delete and
// move between states. Each write is authorise → check → one transaction {load, decide, write, audit, feed}. What a field
// means and which rules hold is said by a Noun, which a domain package declares; how a record looks outside is the business
// of package handlers.
package record
