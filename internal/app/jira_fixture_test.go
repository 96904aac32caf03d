package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/jira"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// wordless is what wiki markup is made of and need not be found in a text made from it.
var wordless = regexp.MustCompile(`(?s)\{/?(?:color|code|noformat|quote|panel|html|anchor|adf)(?::[^}]*)?\}|\|smart-link|\bh[1-6]\.|\bbq\.|![^!\n]+!|[\w.+-]+@[\w-]+\.[\w.-]+|\[~[^\]]*\]|mailto:`)

// words are the words of a text, however it is marked up.
func words(text string) []string {
	return strings.FieldsFunc(strings.ToLower(html.UnescapeString(text)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// texts are the description and the comments of a payload, by where they are.
func texts(body []byte) map[string]string {
	type commented struct {
		Body any `json:"body"`
	}
	var payload struct {
		Comment json.RawMessage `json:"comment"`
		Issue   struct {
			Fields struct {
				Description any `json:"description"`
				Comment     struct {
					Comments []commented `json:"comments"`
				} `json:"comment"`
			} `json:"fields"`
		} `json:"issue"`
	}
	_ = json.Unmarshal(body, &payload) // what is of another type has no text
	out := map[string]string{}
	add := func(name string, text any) {
		if s, ok := text.(string); ok && strings.TrimSpace(s) != "" {
			out[name] = s
		}
	}
	add("description", payload.Issue.Fields.Description)
	var comment commented
	_ = json.Unmarshal(payload.Comment, &comment)
	add("comment", comment.Body)
	for i, c := range payload.Issue.Fields.Comment.Comments {
		add(fmt.Sprint("comment ", i), c.Body)
	}
	return out
}

// TestJira49NoTextOfAnyCaptureIsLost sends each capture to a source of its own at which every issue is a finding, tells of the whole
// issue afterwards where the capture did not, as the next event or a fetch would, and looks for the texts in what the API shows.
func TestJira49NoTextOfAnyCaptureIsLost(t *testing.T) {
	names, err := filepath.Glob(filepath.Join(root(t), "..", "shared", "fixtures", "jira", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(names) == 0 {
		t.Fatal("there are no captures")
	}
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		reasons, found := map[string]int{}, 0
		for i, name := range names {
			name, body := filepath.Base(name), must(os.ReadFile(name))
			src := source(t, s, map[string]any{"name": name, "rules": map[string]any{"rules": []any{map[string]any{"name": "all", "then": map[string]any{"entity": "finding"}}}}})
			e, err := jira.Decode(body)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if e.Site != "" { // captures of one site tell of one issue at several times
				body = []byte(strings.ReplaceAll(string(body), e.Site+"/", fmt.Sprintf("https://site%d.example/", i)))
			}
			id := src.ok(t, wantOf(e), string(body), jira.IdentifierHeader, name)
			src.drain(t)
			replay := "/api/v1/deliveries/replay?source_id=" + src.id + "&status=quarantined" // captures are years old
			s.Must(t, 202, "POST", replay, nil)
			src.drain(t)
			d := s.Must(t, 200, "GET", "/api/v1/deliveries/"+id, nil)
			if d.Text("reason") == "needs_state" {
				if e.Issue != nil && !e.Issue.Updated.IsZero() || e.Comment == nil && e.Worklog == nil {
					t.Errorf("%s waits for its issue, which it tells of", name)
				}
				src.ok(t, "accepted", strings.ReplaceAll(issueEvent(change{id: string(e.IssueID), key: "LATER-1", at: s.Clock.Now()}), "https://x.atlassian.net", fmt.Sprintf("https://site%d.example", i)))
				src.drain(t)
				d = s.Must(t, 200, "GET", "/api/v1/deliveries/"+id, nil)
			}
			reasons[e.Name+" "+d.Text("status")+" "+d.Text("reason")]++
			switch status := d.Text("status"); {
			case status == "noop" && e.Kind == jira.KindIssueDeleted && d.Text("reason") == "unknown_issue":
			case status == "noop" && e.Project != nil && d.Text("reason") == "no_change": // a project that is there, as all are
			case status == "applied", status == "ignored" && e.Ignored() != "":
			case status == "ignored" && e.Version != nil: // the project of the version is no service
			default:
				t.Errorf("%s is %s (%s): %s", name, status, d.Text("reason"), d.Text("error"))
			}
			shown := src.shown(t)
			for where, text := range texts(body) {
				switch {
				case e.Kind == jira.KindIssueDeleted:
					continue // an issue that is known by its deletion alone has no record
				case e.Kind == jira.KindCommentDeleted && where == "comment":
					continue // it was taken away on purpose
				case e.Issue != nil && e.Issue.Security.Has():
					continue // only some may read it
				}
				var lost []string
				for _, word := range words(wordless.ReplaceAllString(text, " ")) {
					if !slices.Contains(shown, word) {
						lost = append(lost, word)
					}
				}
				if found++; len(lost) > 0 {
					t.Errorf("%s: the %s lost %q", name, where, lost)
				}
			}
		}
		if found < 30 {
			t.Errorf("%d texts were looked for, want those of all captures", found)
		}
		t.Log(found, reasons)
	})
}

// wantOf is the answer to a delivery.
func wantOf(e jira.Event) string {
	if e.Ignored() != "" {
		return "ignored"
	}
	return "accepted"
}

// shown are the words of all records and comments of a source.
func (s site) shown(t *testing.T) []string {
	t.Helper()
	var number int
	if _, err := fmt.Sscanf(s.id, "SRC-%d", &number); err != nil {
		t.Fatal(err)
	}
	rows, err := s.Store.Read().IssueState.Query().All(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, row := range rows {
		if row.SourceID != number || row.RecordID == 0 {
			continue
		}
		path := "/api/v1/findings/" + vocab.Finding.ID(row.RecordID).String()
		all = append(all, words(s.Must(t, 200, "GET", path, nil).Text("observed"))...)
		for _, item := range s.Must(t, 200, "GET", path+"/events?limit=200", nil).Body["items"].([]any) {
			all = append(all, words(item.(map[string]any)["text"].(string))...)
		}
	}
	return all
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
