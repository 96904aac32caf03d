package app_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

const sessionsReview = `# Sessions expire early

Severity: SEV-1

## Summary

Sessions expired after two minutes.

## Timeline (UTC)

- 2026-02-20 06:40 First users are logged out
- 2026-02-20 11:00 The upgrade is reverted

## Contributing factors

- The index was there in production only

## Action items

- [ ] Compare the schemas https://jira.example.com/browse/SHOP-12
- [x] Add an alert

## Open questions

Why did nobody look at the query?
`

func importOne(t *testing.T, s *apptest.Server, query, name, markdown string) apptest.Answer {
	t.Helper()
	return s.Must(t, http.StatusOK, "POST", "/api/v1/imports/markdown"+query, map[string]any{"files": []any{map[string]any{"name": name, "markdown": markdown}}})
}

func TestAReviewInMarkdownBecomesRecordsOnce(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		trial := importOne(t, s, "?dry_run=true", "a.md", sessionsReview)
		if trial.Text("items.0.status") != "would_create" || trial.Text("items.0.review_id") != "" || trial.Text("items.0.counts.events") != "2" || trial.Text("items.0.mapping.0.field") == "" {
			t.Errorf("a trial answers %s, want what would be created, with its mapping", trial.Raw)
		}
		if list := s.Must(t, http.StatusOK, "GET", "/api/v1/reviews", nil); len(list.Body["items"].([]any)) != 0 {
			t.Errorf("after a trial there are reviews: %s", list.Raw)
		}
		first := importOne(t, s, "", "a.md", sessionsReview)
		if first.Text("items.0.status") != "created" || first.Text("items.0.review_id") != "REV-1" || first.Text("items.0.incident_id") != "INC-1" ||
			first.Text("items.0.event_ids") != `["EVT-1","EVT-2"]` || first.Text("items.0.action_ids") != `["ACT-1","ACT-2"]` || first.Text("items.0.reference_ids") != `["REF-1","REF-2"]` {
			t.Fatalf("the import answers %s", first.Raw)
		}
		review := s.Must(t, http.StatusOK, "GET", "/api/v1/reviews/REV-1", nil)
		if review.Text("summary") != "Sessions expired after two minutes." || review.Text("incident_ids") != `["INC-1"]` || !strings.Contains(review.Text("body"), "Why did nobody look") {
			t.Errorf("the review reads %s", review.Raw)
		}
		happened := s.Must(t, http.StatusOK, "GET", "/api/v1/incidents/INC-1", nil)
		if happened.Text("severity") != "critical" || happened.Text("status") != "resolved" {
			t.Errorf("the incident reads %s, want it critical and resolved", happened.Raw)
		}
		if done := s.Must(t, http.StatusOK, "GET", "/api/v1/actions/ACT-2", nil); done.Text("status") != "done" || done.Text("owner") != "unassigned" || done.Text("review_id") != "REV-1" {
			t.Errorf("the action that was marked reads %s, want it done and unassigned", done.Raw)
		}
		s.Must(t, http.StatusCreated, "POST", "/api/v1/incidents/INC-1/events", map[string]any{"occurred_at": "2026-02-20T07:00:00Z", "kind": "signal", "text": "added later"})
		s.Must(t, http.StatusCreated, "POST", "/api/v1/references", map[string]any{"target": "REV-1", "kind": "wiki", "url": "https://wiki.example.com/x"})
		again := importOne(t, s, "", "renamed.md", strings.ReplaceAll(sessionsReview, "\n", "\r\n"))
		if again.Text("items.0.status") != "unchanged" {
			t.Errorf("the same text again is %s, want it unchanged", again.Text("items.0.status"))
		}
		for _, member := range []string{"review_id", "incident_id", "event_ids", "action_ids", "reference_ids"} {
			if diff := cmp.Diff(again.Text("items.0."+member), first.Text("items.0."+member)); diff != "" {
				t.Errorf("the second import answers another %s (-got +want): %s", member, diff)
			}
		}
		if version := s.Must(t, http.StatusOK, "GET", "/api/v1/reviews/REV-1", nil).Text("version"); version != review.Text("version") {
			t.Errorf("the second import moved the review to version %s", version)
		}
	})
}

func TestAFileThatIsRefusedDoesNotKeepTheOthersOut(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		got := s.Must(t, http.StatusOK, "POST", "/api/v1/imports/markdown", map[string]any{"timezone": "Europe/Copenhagen", "files": []any{
			map[string]any{"name": "empty.md", "markdown": " \n"}, map[string]any{"name": "a.md", "markdown": sessionsReview},
			map[string]any{"name": "large.md", "markdown": "# x\n" + strings.Repeat("x", 300<<10)},
		}})
		if got.Text("items.0.status") != "refused" || got.Text("items.0.errors.0.code") != "empty" || got.Text("items.1.status") != "created" || got.Text("items.2.errors.0.code") != "too_large" {
			t.Errorf("the import answers %.600s", got.Raw)
		}
	})
}

func TestMarkdownIsImportedByItselfToo(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		query := "?name=" + url.QueryEscape("2026-02-20 sessions.md") + "&timezone=Europe/Copenhagen"
		got := s.Must(t, http.StatusOK, "POST", "/api/v1/imports/markdown"+query, "# Sessions\n\n## Timeline\n\n- 08:00 They expire\n", "Content-Type", "text/markdown; charset=utf-8")
		event := s.Must(t, http.StatusOK, "GET", "/api/v1/events/EVT-1", nil)
		if got.Text("items.0.name") != "2026-02-20 sessions.md" || !strings.HasPrefix(event.Text("occurred_at"), "2026-02-20T07:00:00") {
			t.Errorf("the import answers %s, and its event reads %s, want 08:00 in Copenhagen on the day of the name", got.Raw, event.Raw)
		}
		for body, status := range map[string]int{`{"files":[]}`: 422, `{"files":[{"name":"","markdown":"x"}]}`: 422, `{"files":[{"name":"x","markdown":"x"}],"timezone":"Moon/Base"}`: 422,
			`{"files":[{"name":"x","markdown":"x"}],"timezone":"Local"}`: 422, `{"nope":1}`: 422, `{`: 400} {
			s.Must(t, status, "POST", "/api/v1/imports/markdown", body)
		}
		s.Must(t, http.StatusUnsupportedMediaType, "POST", "/api/v1/imports/markdown", "# x", "Content-Type", "text/html")
		writer := s.Grant(t, "writer", "", vocab.ScopeRead, vocab.ScopeWrite)
		if refused := s.CallAs(t, writer, "POST", "/api/v1/imports/markdown", map[string]any{}); refused.Status != http.StatusForbidden {
			t.Errorf("an import without admin = %d, want 403", refused.Status)
		}
	})
}

func TestEverySharedReviewIsImportedAndNoneTwice(t *testing.T) {
	files := sharedReviews(t)
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		s.Clock.Set(time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
		var first []apptest.Answer
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			got := importOne(t, s, "", filepath.Base(f), string(text))
			if got.Text("items.0.status") != "created" {
				t.Fatalf("%s: %s", f, got.Raw)
			}
			first = append(first, got)
		}
		before := rowsOf(t, s)
		for i, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			got := importOne(t, s, "", filepath.Base(f), string(text))
			if got.Text("items.0.status") != "unchanged" || got.Text("items.0.event_ids") != first[i].Text("items.0.event_ids") || got.Text("items.0.reference_ids") != first[i].Text("items.0.reference_ids") {
				t.Errorf("%s: the second import answers %s", f, got.Raw)
			}
		}
		if diff := cmp.Diff(rowsOf(t, s), before); diff != "" {
			t.Errorf("the second import wrote rows (-got +want): %s", diff)
		}
		t.Logf("%d files: %v", len(files), before)
	})
}

// rowsOf counts the rows of every table, as a bundle does.
func rowsOf(t *testing.T, s *apptest.Server) map[string]int {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(string(s.Must(t, http.StatusOK, "GET", "/api/v1/exports/bundle", nil).Raw)), "\n")
	var end struct {
		Trailer struct {
			Counts map[string]int `json:"counts"`
		} `json:"trailer"`
	}
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &end); err != nil {
		t.Fatal(err)
	}
	return end.Trailer.Counts
}

// sharedReviews are the reviews shared beside the repository.
func sharedReviews(t *testing.T) []string {
	t.Helper()
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			break
		}
		root = filepath.Dir(root)
	}
	files, err := filepath.Glob(filepath.Join(root, "..", "shared", "fixtures", "postmortems", "*", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}
