package collect

import (
	"context"
	"database/sql"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
)

// place is a real database of the story, and how it is read and changed.
type place struct {
	read func() []Result
	exec func(script string)
}

// The databases of the story: one made by a script, of each kind.
var places = map[string]func(t *testing.T, name, script string) place{
	"postgres": func(t *testing.T, _, script string) place {
		address := postgresDatabase(t, script)
		return place{
			func() []Result { return readAddress(t, address) },
			func(script string) {
				conn, err := pgx.Connect(context.Background(), address)
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = conn.Close(context.Background()) }()
				if _, err := conn.Exec(context.Background(), script); err != nil {
					t.Fatal(err)
				}
			},
		}
	},
	"sqlite file": func(t *testing.T, _, script string) place {
		path := sqliteFile(t, script)
		return place{
			func() []Result {
				results, err := SQLite(context.Background(), path, Options{})
				if err != nil {
					t.Fatal(err)
				}
				return results
			},
			func(script string) {
				execAll(t, "sqlite", "file:"+strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23", " ", "%20").Replace(path), script)
			},
		}
	},
	"mariadb": func(t *testing.T, name, script string) place {
		address := mysqlDatabase(t, "endtoend_"+name, script)
		return place{
			func() []Result { return readMySQL(t, address) },
			func(script string) { execAll(t, "mysql", address, script) },
		}
	},
}

func execAll(t *testing.T, driver, address, script string) {
	t.Helper()
	db, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for statement := range strings.SplitSeq(script, ";\n") {
		if strings.TrimSpace(statement) == "" {
			continue
		}
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// told sends what was read of a database, as the command line does.
func told(t *testing.T, s *apptest.Server, environment string, results []Result) {
	t.Helper()
	for _, r := range results {
		s.Clock.Move(time.Minute)
		answer := s.Call(t, "POST", "/api/v1/environments/"+environment+"/snapshots", map[string]any{"captured_at": s.Clock.Now(), "kind": r.Kind, "tool": r.Tool, "items": r.Items})
		if answer.Status != http.StatusCreated && answer.Status != http.StatusOK {
			t.Fatalf("the snapshot is refused: %s", answer.Raw)
		}
	}
}

// TestTheStoryEndsWithoutAnyoneTickingABox tells the first failure of the story with real databases: what PROD has and DEV does
// not is ranked first for the attempt, becomes blocking assumptions, and holds the gate until DEV is level and read again.
func TestTheStoryEndsWithoutAnyoneTickingABox(t *testing.T) {
	for kind, open := range places {
		t.Run(kind, func(t *testing.T) {
			for _, store := range []string{"sqlite", "postgres"} {
				t.Run("kept in "+store, func(t *testing.T) { tellStory(t, serverOn(t, store), open) })
			}
		})
	}
}

func tellStory(t *testing.T, s *apptest.Server, open func(t *testing.T, name, script string) place) {
	const api = "/api/v1"
	add := func(path string, body map[string]any) string {
		return s.Must(t, http.StatusCreated, "POST", api+path, body).Text("id")
	}
	prod := add("/environments", map[string]any{"name": "PROD", "kind": "production"})
	dev := add("/environments", map[string]any{"name": "DEV", "kind": "development", "parity_target_id": prod})
	service := add("/services", map[string]any{"name": "Learning platform"})
	upgrade := add("/upgrades", map[string]any{"title": "Web framework 2 to 3", "kind": "dependency", "service_id": service})
	at := s.Clock.Now()
	attempt := add("/attempts", map[string]any{
		"upgrade_id": upgrade, "environment_id": prod, "changed_areas": []string{"sessions"}, "window_end": at.Add(time.Hour), "watch_until": at.AddDate(0, 0, 7),
	})
	gate := func() (string, []any) {
		answer := s.Must(t, http.StatusOK, "POST", api+"/attempts/"+attempt+"/gate", nil)
		return answer.Text("decision"), answer.Body["reasons"].([]any)
	}

	production, development := open(t, "prod", storyPlain+storyProd+storyElse), open(t, "dev", storyPlain)
	told(t, s, prod, production.read())
	told(t, s, dev, development.read())
	if decision, reasons := gate(); decision != "pass" {
		t.Fatalf("nothing was proposed yet, and the gate says %s: %v", decision, reasons)
	}
	answer := s.Must(t, http.StatusOK, "GET", api+"/environments/"+prod+"/drift?target="+dev+"&attempt_id="+attempt, nil)
	type line struct {
		Path, Change string
		Blocking     bool
	}
	var first []line
	var rest []string
	for i, item := range answer.Body["items"].([]any) {
		d := item.(map[string]any)
		if i < 2 {
			first = append(first, line{d["path"].(string), d["change"].(string), d["blocking"].(bool)})
			continue
		}
		rest = append(rest, d["path"].(string))
		if d["blocking"].(bool) || strings.Contains(d["path"].(string), "sessions") {
			t.Errorf("%s has nothing to do with the attempt and comes as if it had: %v", d["path"], d)
		}
	}
	paths := []string{"table/sessions/column/user_last_seen", "table/sessions/index/sessions_user_last_seen"}
	want := []line{{paths[0], "missing", true}, {paths[1], "missing", true}}
	if diff := cmp.Diff(want, first); diff != "" || len(rest) == 0 {
		t.Fatalf("the differences come as %v before %v (-want +got):\n%s", first, rest, diff)
	}

	made := s.Must(t, http.StatusCreated, "POST", api+"/environments/"+prod+"/drift/propose", map[string]any{"target": dev, "attempt_id": attempt, "paths": paths})
	if decision, reasons := gate(); decision != "fail" || len(reasons) != 2 {
		t.Errorf("two blocking assumptions are wrong, and the gate says %s for %v", decision, reasons)
	}
	told(t, s, dev, development.read()) // nothing was done, and reading again changes nothing
	if decision, _ := gate(); decision != "fail" {
		t.Errorf("DEV is as it was, and the gate says %s", decision)
	}
	development.exec(storyProd)
	if decision, _ := gate(); decision != "fail" {
		t.Errorf("DEV was not read again, and the gate says %s", decision)
	}
	told(t, s, dev, development.read())
	if decision, reasons := gate(); decision != "pass" {
		t.Errorf("DEV is level, and the gate says %s: %v", decision, reasons)
	}
	for _, a := range made.Body["items"].([]any) {
		now := s.Must(t, http.StatusOK, "GET", api+"/assumptions/"+a.(map[string]any)["id"].(string), nil)
		if now.Text("status") != "verified" || now.Text("version") != "5" { // made, two for the proposal, two for the proof
			t.Errorf("the assumption is %s", now.Raw)
		}
	}
}
