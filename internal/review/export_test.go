package review_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/hindcast-kb/hindcast/internal/postmortem"
	"github.com/hindcast-kb/hindcast/internal/review"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

var update = flag.Bool("update", false, "write the golden files")

// sameContent leaves out where a draft came from: its file, its lines and how its times were written.
var sameContent = cmp.Options{
	cmpopts.IgnoreFields(postmortem.Draft{}, "Name", "Key", "Mapping", "Notes"),
	cmpopts.IgnoreFields(postmortem.Event{}, "Line", "Written"),
	cmpopts.IgnoreFields(postmortem.Factor{}, "Line"),
	cmpopts.IgnoreFields(postmortem.Action{}, "Line"),
	cmpopts.EquateEmpty(),
}

func documentOf(d postmortem.Draft) review.Document {
	doc := review.Document{
		Title: d.Title, Date: d.Date, Status: d.Status, Severity: d.Severity, Tags: d.Tags, Services: d.Components, Summary: d.Summary, Impact: d.Impact,
		ImpactStart: d.Window.ImpactStart, ImpactEnd: d.Window.ImpactEnd, DetectedAt: d.Window.DetectedAt,
		WentWell: d.WentWell, WentPoorly: d.WentPoorly, Lucky: d.Lucky, Body: d.Body,
	}
	for _, e := range d.Events {
		doc.Timeline = append(doc.Timeline, review.Entry{At: e.At, Until: e.Until, Approximate: e.Approximate, Kind: e.Kind, Text: e.Text})
	}
	for _, f := range d.Factors {
		doc.Factors = append(doc.Factors, vocab.Factor{Category: f.Category, Text: f.Text})
	}
	for _, a := range d.Actions {
		doc.Actions = append(doc.Actions, review.FollowUp{
			Title: a.Title, DoneCriterion: a.DoneCriterion, Owner: a.Owner, Due: a.Due, Priority: a.Priority, Kind: a.Kind, Component: a.Component, Done: a.Done, URLs: a.References,
		})
	}
	for _, p := range d.People {
		doc.Participants = append(doc.Participants, review.Participant{Role: p.Role, Text: p.Text})
	}
	for _, r := range d.References {
		doc.Links = append(doc.Links, review.Link{Kind: r.Kind, URL: r.URL, ExternalKey: r.ExternalKey, Title: r.Title})
	}
	return doc
}

type failer interface {
	Helper()
	Fatalf(string, ...any)
}

func read(t failer, name, text string) postmortem.Draft {
	t.Helper()
	d, err := postmortem.Parse(name, []byte(text), postmortem.Options{})
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, text)
	}
	return d
}

// checkRoundTrip reads a review, writes it and reads it again: both readings must agree.
func checkRoundTrip(t testing.TB, name, text string) {
	t.Helper()
	first := read(t, name, text)
	out := review.Markdown(documentOf(first))
	second := read(t, name, out)
	if diff := cmp.Diff(first, second, sameContent); diff != "" {
		t.Errorf("%s: the export reads differently (-first +second):\n%s\nexport:\n%s", name, diff, out)
	}
	if again := review.Markdown(documentOf(second)); again != out {
		t.Errorf("%s: the second export differs:\n%s", name, cmp.Diff(out, again))
	}
}

func repository(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for dir != filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		dir = filepath.Dir(dir)
	}
	t.Fatal("no go.mod above the test")
	return ""
}

func TestEveryFixtureReadsTheSameAfterExport(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(repository(t), "..", "shared", "fixtures", "postmortems", "*", "*.md"))
	if err != nil || len(files) == 0 {
		t.Fatalf("the fixtures are missing: %v", err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		checkRoundTrip(t, filepath.Base(f), string(text))
	}
}

func TestEveryHouseStyleReadsTheSameAfterExport(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("..", "postmortem", "testdata", "styles", "*.md"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no styles: %v", err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		checkRoundTrip(t, filepath.Base(f), string(text))
	}
}

func at(s string) *time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return &t
}

func fullDocument() review.Document {
	return review.Document{
		Title: "Session table lost its *index*", Date: "2024-03-04", Status: "in review", Severity: "SEV2", Tags: []string{"database", "sessions"}, Services: []string{"course-api"},
		Summary: "The upgrade read sessions\nthrough a field only production had.", Impact: "Users were logged out for four hours.",
		ImpactStart: at("2024-03-04T07:00:00Z"), ImpactEnd: at("2024-03-04T11:00:00Z"), DetectedAt: at("2024-03-04T07:12:30Z"),
		Timeline: []review.Entry{
			{At: *at("2024-03-04T07:00:00Z"), Kind: vocab.EventKindSignal, Text: "QA sees sessions expire"},
			{At: *at("2024-03-04T07:30:00Z"), Until: at("2024-03-04T08:00:00Z"), Approximate: true, Kind: vocab.EventKindInterpretation, Text: "Read as unrelated:\n\n```\nsession gone\n```"},
			{At: *at("2024-03-04T11:00:00.5Z"), Kind: vocab.EventKindDecision, Text: "- revert\n- keep the data"},
		},
		Factors:  []vocab.Factor{{Category: "environment parity", Text: "The index was in production only"}, {Text: "Two teams own the table\n\n- one adds fields\n- one reads them"}},
		WentWell: "- The revert took ten minutes", WentPoorly: "- The first signal waited", Lucky: "It was a holiday.",
		Actions: []review.FollowUp{
			{Title: "Compare schemas before each attempt", DoneCriterion: "drift is empty", Owner: "database team", Due: "2024-04-01", Priority: "p1", Kind: vocab.ActionKindPrevent, Component: "course-api", URLs: []string{"https://example.org/pull/7"}},
			{Title: "1. Write it down [now] #1", Done: true},
		},
		Participants: []review.Participant{{Role: "release", Text: "release engineer"}},
		Links:        []review.Link{{Kind: vocab.ReferenceKindPullRequest, URL: "https://example.org/pull/7", Title: "the fix"}, {Kind: vocab.ReferenceKindJira, ExternalKey: "UPG-12"}},
		Body:         "## Open questions\n\nWhy now?",
	}
}

func TestMarkdownIsStable(t *testing.T) {
	t.Parallel()
	got := review.Markdown(fullDocument())
	golden := filepath.Join("testdata", "review.golden.md")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("export (-want +got):\n%s", diff)
	}
}

func TestEveryFieldOfADocumentComesBack(t *testing.T) {
	t.Parallel()
	want := fullDocument()
	got := documentOf(read(t, "review.md", review.Markdown(want)))
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("(-written +read):\n%s", diff)
	}
}

func TestATextCannotSwallowTheNextSection(t *testing.T) {
	t.Parallel()
	for name, summary := range map[string]string{
		"an open fence":            "Look:\n\n```\nthe code",
		"an open comment":          "Look <b>here</b>\n\n<!-- the code",
		"an unknown heading":       "# Setting\n\nthe code",
		"an underlined heading":    "Setting\n========\n\nthe code",
		"an open script":           "<script>\nthe code",
		"an open fence in a quote": "> ```\n> the code",
	} {
		d := read(t, "r.md", review.Markdown(review.Document{Title: "T", Summary: summary, Impact: "the impact", Lucky: "the luck"}))
		if d.Impact != "the impact" || d.Lucky != "the luck" || !strings.Contains(d.Summary, "the code") {
			t.Errorf("%s: impact %q, luck %q, summary %q", name, d.Impact, d.Lucky, d.Summary)
		}
	}
	d := read(t, "r.md", review.Markdown(review.Document{Title: "T", Summary: "# Impact\n\nthe text", Lucky: "the luck"}))
	if d.Impact != "the text" || d.Lucky != "the luck" {
		t.Errorf("a heading that names a field: impact %q, luck %q", d.Impact, d.Lucky)
	}
}

// genText makes Markdown paragraphs out of words that often carry marks.
func genText() *rapid.Generator[string] {
	word := rapid.SampledFrom([]string{"node", "`kube-system`", "**down**", "_slow_", "3.5", "10:45", "a|b", "<tag>", "&", "https://example.org/pull/1", "[link](https://example.org/a_b)", "#12", "\\", "ü", "\"quoted\"", "C#", "1.", "x*y", "~50", "Owner:", "(done)"})
	line := rapid.Custom(func(t *rapid.T) string {
		return "it " + strings.Join(rapid.SliceOfN(word, 0, 8).Draw(t, "words"), " ")
	})
	return rapid.Custom(func(t *rapid.T) string {
		return strings.TrimSpace(strings.Join(rapid.SliceOfN(line, 1, 3).Draw(t, "lines"), rapid.SampledFrom([]string{"\n", "\n\n", "\n- ", "\n\n- "}).Draw(t, "join")))
	})
}

func genPlain() *rapid.Generator[string] {
	word := rapid.SampledFrom([]string{"index", "*star*", "_under_", "[x]", "#1", "##", "1.", "-", "+", "=", "`code`", "a<b>", "&amp;", "\\n", "https://example.org/x_y_z", "(see", "T1:", "é", "!", "|", "~~", "C#"})
	return rapid.Map(rapid.SliceOfN(word, 1, 7), func(w []string) string { return strings.Join(w, " ") })
}

func TestWrittenDocumentsReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		doc := review.Document{Title: "Attempt " + genPlain().Draw(t, "title"), Summary: genText().Draw(t, "summary"), Impact: genText().Draw(t, "impact"), Body: genText().Draw(t, "body")}
		for range rapid.IntRange(0, 4).Draw(t, "entries") {
			doc.Timeline = append(doc.Timeline, review.Entry{
				At:          time.UnixMicro(rapid.Int64Range(1e15, 2e15).Draw(t, "at")).UTC(),
				Approximate: rapid.Bool().Draw(t, "approximate"),
				Kind:        vocab.EventKind(rapid.SampledFrom(vocab.EventKind("").Values()).Draw(t, "kind")),
				Text:        genText().Draw(t, "text"),
			})
		}
		for range rapid.IntRange(0, 3).Draw(t, "factors") {
			doc.Factors = append(doc.Factors, vocab.Factor{Category: rapid.SampledFrom([]string{"", "process", "a_b *c*"}).Draw(t, "category"), Text: genText().Draw(t, "factor")})
		}
		for range rapid.IntRange(0, 3).Draw(t, "actions") {
			doc.Actions = append(doc.Actions, review.FollowUp{Title: genPlain().Draw(t, "action"), Owner: rapid.SampledFrom([]string{"", "qa", "data_base *team*"}).Draw(t, "owner"), Done: rapid.Bool().Draw(t, "done")})
		}
		if len(doc.Timeline) > 0 {
			doc.Date = "2020-02-03"
		}
		out := review.Markdown(doc)
		d := read(t, "r.md", out)
		got := documentOf(d)
		got.Links, got.Services = nil, nil
		for i := range got.Actions {
			got.Actions[i].URLs = nil
		}
		if diff := cmp.Diff(doc, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("(-written +read):\n%s\n%s", diff, out)
		}
		checkSame(t, d)
	})
}

func checkSame(t *rapid.T, first postmortem.Draft) {
	out := review.Markdown(documentOf(first))
	second, err := postmortem.Parse("r.md", []byte(out), postmortem.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, second, sameContent); diff != "" {
		t.Fatalf("(-first +second):\n%s\n%s", diff, out)
	}
}
