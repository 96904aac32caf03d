// Package jira is the pure half of the Jira integration and its outbound client: it checks that a delivery is authentic, decodes
// what Jira, its Data Center edition or one of its automation rules sent, orders events, merges them into what is known of an
// issue, and decides by rules what an issue is to us. Decisions have no clock and no database; keeping deliveries, records and
// comments is left to the caller, as is the HTTP route.
//
// The shapes are coded to what is really sent, which differs from the documents: comment events carry six fields and no labels,
// ids are strings or numbers, events arrive twice and out of order. Decoding therefore never rejects a body for a field of an
// unexpected type; it leaves the field absent and notes a warning.
package jira
