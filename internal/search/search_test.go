package search

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestQueries(t *testing.T) {
	t.Parallel()
	docs := sessions()
	docs[0].Keys = []string{"OPS-77"}
	docs[1].Fields = map[string][]string{"tag": {"DB", "schema"}, "severity": {"high"}}
	docs[2].Fields = map[string][]string{"tag": {"DB"}, "severity": {"low"}}
	docs[4].Kind = "lesson"
	s := newShelf(t, docs...)
	for name, tc := range map[string]struct{ query, want string }{
		"any word may match, more is better":         {"session index", "FND-2 FND-1 FND-3"},
		"inflections match":                          {"expired sessions checkouts", "FND-1 FND-3 FND-2"},
		"case and diacritics do not matter":          {"GÁRBAGE", "FND-3"},
		"a phrase is required":                       {`"session table" mail`, "FND-2 FND-1 FND-3"},
		"a phrase respects the order":                {`"table session"`, ""},
		"a phrase sees function words":               {`"logged out"`, "FND-4"},
		"a phrase does not run from title into body": {`"checkout users"`, ""},
		"an excluded word removes":                   {"session -garbage", "FND-1 FND-2"},
		"an excluded phrase removes":                 {`session -"combined index"`, "FND-1 FND-3"},
		"an excluded prefix removes":                 {"session -garb*", "FND-1 FND-2"},
		"a prefix finds its words":                   {"deliv*", "FND-5"},
		"a part of a compound is found":              {"memory", "FND-5"},
		"the whole of a compound is found":           {"outofmemoryerror", "FND-5"},
		"an excluded function word is ignored":       {"checkout -the", "FND-1"},
		"a phrase of function words is ignored":      {`checkout "in the"`, "FND-1"},
		"a field must have the value":                {"session tag:schema", "FND-2"},
		"field values match in any case":             {"session tag:db", "FND-2 FND-3"},
		"an excluded field removes":                  {"session -tag:schema", "FND-1 FND-3"},
		"the type is a field":                        {"type:lesson", "FND-5"},
		"an id comes first":                          {"fnd-4 session table", "FND-4 FND-2 FND-1 FND-3"},
		"an external key comes first":                {"ops-77", "FND-1"},
		"an unknown field is words":                  {"colour:mail", "FND-5"},
		"an unknown value is words":                  {"tag:mail", "FND-5"},
		"without words all answer, newest first":     {"", "FND-5 FND-4 FND-3 FND-2 FND-1"},
		"exclusions alone list the rest":             {"-session", "FND-5 FND-4"},
		"function words alone find nothing":          {"what is the", ""},
		"synonyms are found":                         {"k8s revert downtime db", "FND-3"},
		"marks alone find nothing":                   {"?! ...", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, s.ids(tc.query)); diff != "" {
				t.Errorf("%q (-want +got):\n%s", tc.query, diff)
			}
		})
	}
}

func TestTitleCountsMoreThanBody(t *testing.T) {
	t.Parallel()
	s := newShelf(t, doc(1, "Mail", "the worker stalls today"), doc(2, "Worker", "the mail stalls today"))
	if got := s.ids("worker"); got != "FND-2 FND-1" {
		t.Errorf("got %s, want the title's match first", got)
	}
}

func TestEqualScoresAreOrderedByID(t *testing.T) {
	t.Parallel()
	s := newShelf(t, doc(3, "mail", ""), doc(1, "mail", ""), doc(2, "mail", ""))
	if got := s.ids("mail"); got != "FND-1 FND-2 FND-3" {
		t.Errorf("got %s", got)
	}
}

func TestCorrection(t *testing.T) {
	t.Parallel()
	s := newShelf(t, sessions()...)
	for name, tc := range map[string]struct {
		query string
		want  *Suggestion
	}{
		"a slip in one word is corrected and the rest kept": {"Sesion OutOfMemoryError", &Suggestion{"session OutOfMemoryError", "Sesion OutOfMemoryError"}},
		"swapped letters are one slip":                      {"tabel", &Suggestion{"table", "tabel"}},
		"two slips in a long word":                          {"developmant produktoin", &Suggestion{"development production", "developmant produktoin"}},
		"short words are left alone":                        {"qux", nil},
		"names are left alone":                              {"sesion2 SesionTable", nil},
		"known words are left alone":                        {"sessions", nil},
		"synonyms are left alone":                           {"rollout", nil},
		"words far from all others are left alone":          {"xylophone", nil},
		"excluded words are left alone":                     {"table -sesion", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, s.search(Request{Text: tc.query}).Suggestion); diff != "" {
				t.Errorf("%q (-want +got):\n%s", tc.query, diff)
			}
		})
	}
	if got := s.ids("sesion"); !strings.Contains(got, "FND-2") {
		t.Errorf("a corrected query finds %q, want the sessions", got)
	}
	if got := s.search(Request{Text: "sesion", Literal: true}); len(got.Hits) != 0 || got.Suggestion != nil {
		t.Errorf("a literal query was corrected: %+v", got)
	}
}

func TestCorrectionIsTheSameBeforeAndAfterSealing(t *testing.T) {
	t.Parallel()
	s := newShelf(t, sessions()...)
	before := s.search(Request{Text: "sesion tabel deliv*"})
	s.engine.vocab = newVocabulary(s.engine.index.words)
	after := s.search(Request{Text: "sesion tabel deliv*"})
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
}

func TestDeletionAndVisibilityTakeEffectAtOnce(t *testing.T) {
	t.Parallel()
	s := newShelf(t, sessions()...)
	s.remove("FND-2")
	if got := s.ids("combined"); got != "" {
		t.Errorf("a deleted record is found: %s", got)
	}
	d := s.docs["FND-1"]
	d.Visibility, d.Team = Restricted, "blue"
	s.put(d)
	if got := s.ids("checkout"); got != "" {
		t.Errorf("a restricted record is found: %s", got)
	}
	for viewer, want := range map[Viewer]string{{Team: "blue"}: "FND-1", {Team: "red"}: "", {All: true}: "FND-1"} {
		if got := line(s.search(Request{Text: "checkout", Viewer: viewer})); got != want {
			t.Errorf("%+v sees %q, want %q", viewer, got, want)
		}
	}
	d.Visibility = Internal
	s.put(d)
	if got := s.ids("checkout"); got != "FND-1" {
		t.Errorf("an opened record is not found: %s", got)
	}
}

func TestFacets(t *testing.T) {
	t.Parallel()
	docs := sessions()
	for i, sev := range []string{"high", "low", "low", "high", "high"} {
		docs[i].Fields = map[string][]string{"severity": {sev}, "tag": {"all", sev}}
	}
	s := newShelf(t, docs...)
	res := s.search(Request{
		Text: "session", Filters: map[string][]string{"severity": {"low"}},
		Facets: []string{"severity", "tag", "nothing"},
	})
	want := map[string][]Count{
		"severity": {{"low", 2}, {"high", 1}}, // without its own filter
		"tag":      {{"all", 2}, {"low", 2}},
		"nothing":  {},
	}
	if diff := cmp.Diff(want, res.Facets); diff != "" {
		t.Errorf("facets (-want +got):\n%s", diff)
	}
	if res.Total != 2 {
		t.Errorf("total %d, want 2", res.Total)
	}
}

func TestTimeBounds(t *testing.T) {
	t.Parallel()
	s := newShelf(t, sessions()...)
	for name, tc := range map[string]struct {
		since, until int64
		want         string
	}{
		"both ends are inside": {2, 4, "FND-4 FND-3 FND-2"},
		"only a beginning":     {4, 0, "FND-5 FND-4"},
		"only an end":          {0, 1, "FND-1"},
	} {
		var since, until time.Time
		if tc.since > 0 {
			since = time.Unix(tc.since, 0)
		}
		if tc.until > 0 {
			until = time.Unix(tc.until, 0)
		}
		if got := line(s.search(Request{Since: since, Until: until})); got != tc.want {
			t.Errorf("%s: got %s, want %s", name, got, tc.want)
		}
	}
}

func TestSnippetsAreSafeAndMarkMatches(t *testing.T) {
	t.Parallel()
	body := strings.Repeat("nothing here to see. ", 30) + "Then <b>ÜBER</b> session & table failed."
	s := newShelf(t, doc(1, "Größe <i> sessions", body))
	h := s.search(Request{Text: "session über"}).Hits[0]
	if want := "&lt;b&gt;<mark>ÜBER</mark>&lt;/b&gt; <mark>session</mark> &amp; table failed."; !strings.Contains(h.Snippet, want) {
		t.Errorf("snippet %q lacks %q", h.Snippet, want)
	}
	if !strings.HasPrefix(h.Snippet, "…") || strings.Contains(h.Snippet, "<b>") {
		t.Errorf("snippet %q is not cut or not escaped", h.Snippet)
	}
	var marked []string
	for _, m := range h.Highlights {
		text := []rune(map[string]string{"title": h.Title, "body": body}[m.Field])
		marked = append(marked, m.Field+" "+string(text[m.Start:m.End]))
	}
	if diff := cmp.Diff([]string{"title sessions", "body ÜBER", "body session"}, marked); diff != "" {
		t.Errorf("highlights (-want +got):\n%s", diff)
	}
}

func TestHitsWithoutTextAreDropped(t *testing.T) {
	t.Parallel()
	s := newShelf(t, sessions()...)
	delete(s.docs, "FND-2")
	if got := s.ids("session index"); got != "FND-1 FND-3" {
		t.Errorf("got %s", got)
	}
}

func TestLoaderErrorsAreReturned(t *testing.T) {
	t.Parallel()
	broken := errors.New("store is away")
	e := New(Options{Texts: func(context.Context, []string) (map[string]Text, error) { return nil, broken }})
	d := doc(1, "mail", "")
	d.Visibility = Internal
	if err := e.Apply([]Change{{Seq: 1, ID: d.ID, Doc: &d}}); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Search(context.Background(), Request{Text: "mail"}); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if _, err := e.Suggest(context.Background(), SuggestRequest{Text: "ma"}); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

func TestExplainPartsAddUpToTheScore(t *testing.T) {
	t.Parallel()
	s := newShelf(t, sessions()...)
	for _, h := range s.search(Request{Text: "session table FND-3", Explain: true}).Hits {
		sum := 0.0
		for _, p := range h.Parts {
			sum += p.Weight * p.Value
		}
		if diff := sum - h.Score; diff > 1e-9 || diff < -1e-9 {
			t.Errorf("%s: parts add up to %v, score %v", h.ID, sum, h.Score)
		}
	}
}

func TestSynonymsAreWeakAndSettable(t *testing.T) {
	t.Parallel()
	s := newShelf(t, doc(1, "Mars landing", ""), doc(2, "Pluto landing", ""), doc(3, "Red planet", ""))
	s.apply(Change{Synonyms: [][]string{{"mars", "red planet"}}})
	if got := s.ids("mars"); got != "FND-1 FND-3" {
		t.Errorf("got %s, want the word itself before its synonym", got)
	}
	if got := s.ids("red planet"); got != "FND-3 FND-1" {
		t.Errorf("got %s, want members of several words to work too", got)
	}
	s.apply(Change{Synonyms: [][]string{}})
	if got := s.ids("mars"); got != "FND-1" {
		t.Errorf("got %s without synonyms", got)
	}
}

func TestSuggest(t *testing.T) {
	t.Parallel()
	secret := doc(6, "Session secrets", "sesquipedalian")
	secret.Visibility, secret.Team = Restricted, "blue"
	s := newShelf(t, append(sessions(), secret)...)
	for name, tc := range map[string]struct {
		request SuggestRequest
		want    []Completion
	}{
		"titles with the words, then terms": {
			SuggestRequest{Text: "session tab"},
			[]Completion{{"Session table index differs between production and development", "FND-2", "finding"}, {Text: "session table"}},
		},
		"the last word is a beginning": {
			SuggestRequest{Text: "Sess", Limit: 6},
			[]Completion{
				{"Sessions expire during checkout", "FND-1", "finding"},
				{"Session table index differs between production and development", "FND-2", "finding"},
				{Text: "session"}, {Text: "sessions"},
			},
		},
		"who may read more sees more": {
			SuggestRequest{Text: "secr", Viewer: Viewer{Team: "blue"}},
			[]Completion{{"Session secrets", "FND-6", "finding"}, {Text: "secrets"}},
		},
		"restricted words are unknown": {SuggestRequest{Text: "secr"}, []Completion{}},
		"other kinds are left out":     {SuggestRequest{Text: "checkout", Kinds: []string{"lesson"}}, []Completion{}},
		"nothing for nothing":          {SuggestRequest{Text: " "}, []Completion{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := s.engine.Suggest(context.Background(), tc.request)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%+v (-want +got):\n%s", tc.request, diff)
			}
		})
	}
}

func TestSimilar(t *testing.T) {
	t.Parallel()
	docs := append(sessions(), doc(6, "Session table index missing in production", "Sessions expire; the combined index was lost."))
	s := newShelf(t, docs...)
	ctx := context.Background()
	items, err := s.engine.Similar(ctx, SimilarRequest{ID: "FND-6", Limit: 2})
	if err != nil {
		t.Fatal(err)
	}
	if len(items) != 2 || items[0].ID != "FND-2" {
		t.Fatalf("got %+v, want FND-2 first", items)
	}
	if diff := cmp.Diff([]string{"index", "combined", "production"}, items[0].MatchedOn[:3]); diff != "" {
		t.Errorf("matched on (-want +got):\n%s", diff)
	}
	if !strings.HasPrefix(items[0].Explanation, "shares index, combined, production") {
		t.Errorf("explanation %q", items[0].Explanation)
	}
	items, _ = s.engine.Similar(ctx, SimilarRequest{ID: "FND-6", Not: []string{"FND-2"}})
	for _, it := range items {
		if it.ID == "FND-2" || it.ID == "FND-6" {
			t.Errorf("%s returned", it.ID)
		}
	}
	byText, _ := s.engine.Similar(ctx, SimilarRequest{Body: "session table index in production"})
	if len(byText) == 0 || byText[0].ID != "FND-2" && byText[0].ID != "FND-6" {
		t.Errorf("by text: %+v", byText)
	}
	if items, _ := s.engine.Similar(ctx, SimilarRequest{ID: "FND-99"}); len(items) != 0 {
		t.Errorf("an unknown id has similar items: %+v", items)
	}
}
