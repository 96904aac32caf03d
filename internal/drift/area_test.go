package drift

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestMatchArea(t *testing.T) {
	for name, tc := range map[string]struct {
		path, area string
		want       Match
	}{
		"the table itself":                          {"table/sessions", "sessions", MatchName},
		"what belongs to the table":                 {"table/sessions/index/sessions_user_last_seen", "sessions", MatchName},
		"the table with its kind":                   {"table/sessions/column/user_id", "table:sessions", MatchName},
		"the table as a path":                       {"table/sessions/column/user_id", "table/sessions", MatchName},
		"the path with a colon":                     {"table/sessions/index/i", "table:sessions/index/i", MatchName},
		"a column within its table":                 {"table/sessions/column/user_id", "sessions.user_id", MatchName},
		"a column within its table, with kind":      {"table/sessions/column/user_id", "column:sessions.user_id", MatchName},
		"a column of another table":                 {"table/users/column/user_id", "sessions.user_id", MatchNone},
		"the index by its own name":                 {"table/sessions/index/sessions_user_last_seen", "sessions_user_last_seen", MatchName},
		"another case":                              {"table/Sessions", " SESSIONS ", MatchName},
		"the default schema written out":            {"table/sessions", "public.sessions", MatchName},
		"a table of another schema by its name":     {"table/billing.invoices/column/id", "invoices", MatchName},
		"a table of another schema in full":         {"table/billing.invoices/column/id", "billing.invoices", MatchName},
		"all of a schema":                           {"table/billing.invoices/column/id", "schema:billing", MatchName},
		"another schema":                            {"table/billing.invoices", "shop.invoices", MatchNone},
		"a kind is no name":                         {"table/users/index/i", "index", MatchNone},
		"another kind of that name":                 {"table/sessions", "view:sessions", MatchNone},
		"a longer name only shares words":           {"table/sessions_archive", "sessions", MatchWord},
		"the singular":                              {"table/sessions", "session", MatchWord},
		"a setting about it":                        {"setting/session_timeout", "sessions", MatchWord},
		"all words must be there":                   {"table/sessions", "session garbage collection", MatchNone},
		"words in another order":                    {"function/collect_session_garbage()", "session garbage", MatchWord},
		"part of a word is none":                    {"table/sessionless", "session", MatchNone},
		"a path below and beside":                   {"table/sessions_archive/index/i", "table/sessions", MatchNone},
		"a setting with a dot":                      {"setting/pg_stat_statements.track", "pg_stat_statements.track", MatchName},
		"a package with slashes":                    {"package/npm/@babel/core", "@babel/core", MatchName},
		"a package by a word":                       {"package/go/github.com/jackc/pgx/v5", "pgx", MatchWord},
		"a package by its kind":                     {"package/npm/lodash", "package:lodash", MatchName},
		"a path that is not of pairs":               {"queue/workers/count", "workers", MatchName},
		"a path with dots that is not of pairs":     {"tables.sessions.indexes.i", "sessions", MatchName},
		"an empty area":                             {"table/sessions", " ", MatchNone},
		"a kind without a name":                     {"table/sessions", "table:", MatchNone},
		"slashes only":                              {"table/sessions", "/", MatchNone},
		"an escaped name":                           {"table/a%2Fb", "a/b", MatchName},
		"a container of a workload in a namespace":  {"deployment/shop.web/container/app", "web", MatchName},
		"a whole table is above what an area names": {"table/sessions", "table/sessions/index/i", MatchNone},
	} {
		t.Run(name, func(t *testing.T) {
			if got := MatchArea(tc.path, tc.area); got != tc.want {
				t.Errorf("MatchArea(%q, %q) = %d, want %d", tc.path, tc.area, got, tc.want)
			}
		})
	}
}

func TestEveryObjectMatchesItsOwnName(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[a-zA-Z][a-zA-Z0-9_.%/: -]{0,12}[a-z]`).Draw(t, "name")
		path := Path("table", Qualified("", "public", name))
		if got := noun(path); got != "table "+name {
			t.Fatalf("noun(%s) = %q, want the name %q in it", path, got, name)
		}
		if reason := badPath(path); reason != "" {
			t.Fatalf("%s %s", path, reason)
		}
	})
}

func TestAreaOfAPathMatchesIt(t *testing.T) {
	for path, want := range map[string]string{
		"table/sessions/index/sessions_user_last_seen": "sessions",
		"table/billing.invoices/column/id":             "billing.invoices",
		"setting/work_mem":                             "setting:work_mem",
		"setting/pg_stat_statements.track":             "setting:pg_stat_statements.track",
		"package/npm/@babel/core":                      "package:@babel/core",
		"function/half(n numeric(10,2))":               "function:half(n numeric(10,2))",
		"deployment/shop.web/container/app/env/MODE":   "deployment:shop.web",
		"table/a:b/column/c":                           "table:a:b",
		"table/a%2Eb":                                  "a.b",
		"queue/workers":                                "queue",
	} {
		if got := AreaOf(path); got != want || MatchArea(path, got) != MatchName {
			t.Errorf("AreaOf(%s) = %q, which matches as %d; want %q, a whole name", path, got, MatchArea(path, got), want)
		}
	}
}

func TestPathsAndWords(t *testing.T) {
	for path, want := range map[string]string{
		"table/billing.invoices":                      "table billing.invoices",
		"table/sessions/column/user_id":               "column sessions.user_id",
		"table/s/index/a%2Fb":                         "index a/b on s",
		"table/s/grant/app":                           "grant to app on table s",
		"table/s/column/c/grant/app":                  "grant to app on column s.c",
		"grant/app":                                   "grant to app",
		"materialized_view/v":                         "materialized view v",
		"package/go/example.org/a/v2":                 "go package example.org/a/v2",
		"env/MODE":                                    "environment variable MODE",
		"deployment/web/container/app/env/MODE":       "environment variable MODE of container app",
		"server/version":                              "server version",
		"trigger":                                     "trigger",
		"strange/path/with/things":                    "strange/path/with/things",
		"table/s/row_band":                            "table s",
		"role_setting/every role: work_mem":           "role setting every role: work_mem",
		Path("table", Qualified("shop", "", "a.b")):   "table shop.a.b",
		Path("setting", "pg_stat_statements.track"):   "setting pg_stat_statements.track",
		Path("function", "half(n numeric(10,2), 5%)"): "function half(n numeric(10,2), 5%)",
	} {
		if got := noun(path); got != want {
			t.Errorf("noun(%s) = %q, want %q", path, got, want)
		}
	}
	if diff := cmp.Diff("table/a%2Fb/column/c%2525", Path("table", "a/b", "column", Qualified("", "", "c%25"))); diff != "" {
		t.Error(diff)
	}
}
