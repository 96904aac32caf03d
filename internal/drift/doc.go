// Package drift holds the facts of an environment as snapshots and tells how two environments differ: the canonical form
// of a snapshot, the difference of two, its words and its order for people, what a team chose to ignore, and since when a
// path differs. Everything here is a pure function: no clock, no database, no HTTP. Reading a live environment is the
// business of package collect; storing snapshots and turning drift into assumptions is left to the callers.
//
// # Paths
//
// A snapshot maps a path to a JSON value, one path per object:
//
//	path    = pair *( "/" pair ) [ "/" name ]
//	pair    = kind "/" name
//	kind    = a lower-case word: table, column, index, view, function, setting, package, …
//	name    = the object's own name; "%" is written "%25" and "/" is written "%2F"
//
// An object that belongs to another one continues its path: table/sessions/index/sessions_user_last_seen. Objects outside
// the default schema carry its name and a dot: table/billing.invoices; a dot that is part of a name is written "%2E".
// Packages are package/<ecosystem>/<name>, and there the name keeps its slashes: package/npm/@babel/core. A kind that is
// not known is welcome: such a path is compared like any other and only its words are plainer.
//
// # Reserved values
//
// {"incomparable": "reason"} stands for an object that could not be read; it is reported as such, and covers what lies
// below its path. At a path of one kind and no name, as in trigger, it stands for every object of that kind.
package drift
