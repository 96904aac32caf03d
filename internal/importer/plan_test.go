package importer

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/postmortem"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

var now = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func planOf(t *testing.T, name, markdown string) Plan {
	t.Helper()
	draft, err := postmortem.Parse(name, []byte(markdown), postmortem.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return PlanOf(draft, now)
}

const example = `# Sessions expire early

Date: 2026-03-09
Status: complete
Severity: SEV-2
Authors: release engineer

## Summary

Sessions expired after two minutes.

## Impact

Users were logged out.

## Timeline

All times in UTC.

- 06:40 First users are logged out
- ~07:10 Support notices
- 11:00 The upgrade is reverted

## Contributing factors

- The index was there in production only

## Action items

- [ ] Compare the schemas (database team) https://jira.example.com/browse/SHOP-12
- [x] Add an alert

## Open questions

Why did nobody look at the query?
`

func TestAReviewBecomesRecords(t *testing.T) {
	t.Parallel()
	p := planOf(t, "2026-03-09-sessions.md", example)
	if p.Review.Title != "Sessions expire early" || !strings.Contains(p.Review.Summary, "two minutes") || p.Incident.Impact != "Users were logged out." {
		t.Errorf("the review is %+v", p.Review)
	}
	if p.Incident.Severity != vocab.SeverityHigh || p.Incident.AttemptRelation != "" || !p.Incident.AttemptID.IsZero() {
		t.Errorf("the incident is %+v, want severity high and no attempt", p.Incident)
	}
	if len(p.Events) != 3 || p.Events[0].OccurredAt.Format(time.RFC3339) != "2026-03-09T06:40:00Z" || !strings.Contains(p.Events[1].Text, "(~07:10)") {
		t.Errorf("the events are %+v", p.Events)
	}
	if p.Over == nil || p.Over.Format(time.RFC3339) != "2026-03-09T11:00:00Z" {
		t.Errorf("the incident is over at %v, want the last event", p.Over)
	}
	if len(p.Review.ContributingFactors) != 1 || len(p.Actions) != 2 {
		t.Fatalf("%d factors and %d actions, want 1 and 2", len(p.Review.ContributingFactors), len(p.Actions))
	}
	if a := p.Actions[1]; !a.Done || a.Input.Owner != NoOwner || a.Input.DoneCriterion != a.Input.Title {
		t.Errorf("the second action is %+v, want it done, unassigned, with its title as criterion", a)
	}
	if len(p.References) != 1 || len(p.Actions[0].References) != 1 {
		t.Errorf("links are %+v and %+v, want one each", p.References, p.Actions[0].References)
	}
	for _, kept := range []string{"Why did nobody look at the query?", "- Status: complete", "- Severity: SEV-2", "release engineer"} {
		if !strings.Contains(p.Review.Body, kept) {
			t.Errorf("the body lacks %q: %s", kept, p.Review.Body)
		}
	}
	for _, noted := range []string{"has no owner", "does not say when it is done", "no end of the impact"} {
		if !strings.Contains(notesOf(p), noted) {
			t.Errorf("no note says %q: %s", noted, notesOf(p))
		}
	}
}

func notesOf(p Plan) string {
	var all strings.Builder
	for _, n := range p.Notes {
		all.WriteString(n.Message + "\n")
	}
	return all.String()
}

func TestAReviewOfAnAttemptIsRecordedAsAnIncidentAndSaysSo(t *testing.T) {
	t.Parallel()
	p := planOf(t, "x.md", "# Upgrade of the framework from 2 to 3 was rolled back\n\nDate: 2026-03-09\n\n## Summary\n\nThe upgrade to version 3 was rolled back.\n")
	if !strings.Contains(notesOf(p), "needs an upgrade and an environment") || p.Incident.AttemptRelation != "" {
		t.Errorf("notes are %s", notesOf(p))
	}
}

func TestWhatAFieldCannotHoldGoesOnInTheBody(t *testing.T) {
	t.Parallel()
	paragraph := strings.Repeat("word ", fault.MaxText/10) + "end"
	long := strings.Join([]string{"first", paragraph, "second", paragraph, "third", paragraph}, "\n\n")
	p := planOf(t, "x.md", "# Long\n\n## Summary\n\n"+long+"\n")
	if n := len(p.Review.Summary); n > fault.MaxText || !strings.HasSuffix(p.Review.Summary, "end") && !strings.HasSuffix(p.Review.Summary, "second") {
		t.Errorf("the summary has %d characters and ends with %q, want it cut at a paragraph", n, p.Review.Summary[max(0, len(p.Review.Summary)-20):])
	}
	if got := p.Review.Summary + "\n\n" + strings.TrimPrefix(p.Review.Body[strings.Index(p.Review.Body, "## Summary (continued)"):], "## Summary (continued)\n\n"); got != long {
		t.Errorf("summary and body together have %d characters, want the %d of the text", len(got), len(long))
	}
	if err := p.check(); err != nil {
		t.Errorf("the plan does not pass its check: %v", err)
	}
}

func TestTimesThatCannotBeStayInTheBody(t *testing.T) {
	t.Parallel()
	p := planOf(t, "x.md", "# Later\n\nDate: 2027-03-09\n\n## Timeline\n\n- 06:40 UTC It will happen\n")
	if len(p.Events) != 0 || !strings.Contains(p.Review.Body, "It will happen") || !strings.Contains(notesOf(p), "still to come") {
		t.Errorf("an event to come gives events %+v, body %q and notes %s", p.Events, p.Review.Body, notesOf(p))
	}
}

func TestSeverityAndPriorityAreReadAsTeamsWriteThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]vocab.Severity{
		"SEV-1": "critical", "sev0": "critical", "P1": "critical", "2": "high", "Severity 3": "medium", "S4": "low", "Major outage": "high",
		"critical": "critical", "low (internal)": "low", "5": "low", "purple": "", "": "", "12": "",
	} {
		if got, known := severityOf(text); got != want || known != (want != "") {
			t.Errorf("severityOf(%q) = %q, %v, want %q", text, got, known, want)
		}
	}
	for text, want := range map[string]vocab.Priority{"P1": "p1", "p0": "p1", "Prio 3": "p3", "priority: 4": "p4", "High": "p2", "minor": "p4", "soon": "", "p7": ""} {
		if got, known := priorityOf(text); got != want || known != (want != "") {
			t.Errorf("priorityOf(%q) = %q, %v, want %q", text, got, known, want)
		}
	}
}

func TestCutLosesNothing(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text       string
		limit      int
		head, rest string
	}{
		{"short", 5, "short", ""},
		{"one two\n\nthree four", 12, "one two", "three four"},
		{"one two\nthree four", 12, "one two", "three four"},
		{"ééééé", 3, "ééé", "éé"},
		{"a verylongword", 6, "a very", "longword"},
	} {
		if head, rest := cut(tc.text, tc.limit); head != tc.head || rest != tc.rest {
			t.Errorf("cut(%q, %d) = %q and %q, want %q and %q", tc.text, tc.limit, head, rest, tc.head, tc.rest)
		}
	}
}

var word = regexp.MustCompile(`[\pL\pN]{2,}`)

// wordsOf are the words in every text below a value, member names apart.
func wordsOf(t *testing.T, v any) map[string]bool {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		t.Fatal(err)
	}
	words := map[string]bool{}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			for _, w := range word.FindAllString(strings.ToLower(v), -1) {
				words[w] = true
			}
		case []any:
			for _, one := range v {
				walk(one)
			}
		case map[string]any:
			for _, one := range v {
				walk(one)
			}
		}
	}
	walk(tree)
	return words
}

// lossless demands that every word of the draft is in a record.
func lossless(t *testing.T, d postmortem.Draft, p Plan) {
	t.Helper()
	have := wordsOf(t, []any{p.Review, p.Incident, p.Events, p.Actions, p.References, p.Over})
	said := d
	said.Name, said.Key, said.Mapping, said.Notes, said.Subject = "", "", nil, nil, postmortem.Subject{}
	said.Window = postmortem.Window{} // in the incident, in UTC
	for i := range said.Events {
		said.Events[i].At, said.Events[i].Until = time.Time{}, nil
		if !said.Events[i].Approximate {
			said.Events[i].Written = "" // the time itself
		}
	}
	for w := range wordsOf(t, said) {
		if !have[w] && w != "0001" && w != "01t00" && w != "00z" && w != "01" && w != "00" {
			t.Errorf("%s: the word %q is in no record", d.Name, w)
		}
	}
}

func TestNoWordOfAReviewIsLost(t *testing.T) {
	t.Parallel()
	draft, err := postmortem.Parse("example.md", []byte(example), postmortem.Options{})
	if err != nil {
		t.Fatal(err)
	}
	lossless(t, draft, PlanOf(draft, now))
	for _, path := range fixtures(t) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		draft, err := postmortem.Parse(filepath.Base(path), text, postmortem.Options{})
		if err != nil {
			t.Fatal(err)
		}
		p := PlanOf(draft, now)
		lossless(t, draft, p)
		if err := p.check(); err != nil {
			t.Errorf("%s: the plan does not pass its check: %v", path, err)
		}
	}
}

// fixtures are the reviews shared beside the repository.
func fixtures(t *testing.T) []string {
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

func FuzzAPlanPassesItsCheck(f *testing.F) {
	f.Add(example)
	f.Add("# x\n\n## Action items\n\n| What | Owner | Priority |\n|---|---|---|\n| a | b | now |\n")
	f.Fuzz(func(t *testing.T, markdown string) {
		text, _ := clean(markdown)
		draft, err := postmortem.Parse("x.md", []byte(text), postmortem.Options{})
		if err != nil {
			return
		}
		if err := PlanOf(draft, now).check(); err != nil {
			t.Errorf("the plan does not pass its check: %v", err)
		}
	})
}
