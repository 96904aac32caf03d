package postmortem_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/hindcast-kb/hindcast/internal/postmortem"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

func style(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "styles", name+".md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func parse(t testing.TB, name, text string) postmortem.Draft {
	t.Helper()
	d, err := postmortem.Parse(name, []byte(text), postmortem.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// events writes a timeline as one line an entry.
func events(d postmortem.Draft) []string {
	var out []string
	for _, e := range d.Events {
		line := e.At.Format(time.RFC3339)
		if e.Until != nil {
			line += "/" + e.Until.Format("15:04")
		}
		if e.Approximate {
			line += "~"
		}
		out = append(out, line+" "+strings.ReplaceAll(e.Text, "\n", "⏎"))
	}
	return out
}

func noted(d postmortem.Draft, line int, words string) bool {
	for _, n := range d.Notes {
		if n.Line == line && strings.Contains(n.Message, words) {
			return true
		}
	}
	return false
}

func TestHouseStylesLoseNothing(t *testing.T) {
	t.Parallel()
	found, err := filepath.Glob(filepath.Join("testdata", "styles", "*.md"))
	if err != nil || len(found) == 0 {
		t.Fatalf("no styles: %v", err)
	}
	for _, f := range found {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if words := lost(string(text), parse(t, filepath.Base(f), string(text))); len(words) > 0 {
			t.Errorf("%s: lost %q", f, words)
		}
	}
}

func TestLabelsInBoldFillTheFields(t *testing.T) {
	t.Parallel()
	d := parse(t, "x.md", style(t, "labels-in-bold"))
	got := []string{d.Date, d.Status, d.Summary, d.Impact, d.WentWell, d.WentPoorly, d.Lucky, fmt.Sprint(d.People), d.Factors[0].Category, d.Factors[1].Category, d.Window.ImpactStart.Format(time.RFC3339), d.Window.ImpactEnd.Format(time.RFC3339)}
	want := []string{
		"2019-06-12", "Complete, action items in progress", "The catalogue answered nothing for 42 minutes while a sale began.", "About 40,000 page views were lost; orders went on.",
		"- The alert came within a minute", "- Only two people knew the tool", "- The cache still held the front page", "[{authors release engineer} {authors on-call engineer}]", "cause", "trigger",
		"2019-06-12T14:54:00Z", "2019-06-12T15:36:00Z",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(d.Events) != 5 || len(d.Actions) != 2 || d.Actions[1].Owner != "storage team" || d.Actions[1].Kind != vocab.ActionKindPrevent || d.Actions[1].References[0] != "https://bugs.example.org/77" {
		t.Errorf("events %q, actions %+v", events(d), d.Actions)
	}
	if !strings.Contains(d.Body, "**Resolution**: Two shards") {
		t.Errorf("the label without a field is not in the body:\n%s", d.Body)
	}
}

func TestTimelinesInEveryForm(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"sections-with-headings-and-bold-times": {
			"2021-03-04T09:30:00+10:00 The change is deployed", "2021-03-04T09:42:00+10:00 Alert fires; paged on-call", "2021-03-04T10:05:00+10:00 Decided to roll back", "2021-03-04T10:15:00+10:00~ Recovered",
		},
		"date-headings-and-code-times": {
			"2020-12-30T23:51:00Z alert fires", "2020-12-31T00:07:00Z on-call **engineer** starts an incident", "2020-12-31T00:20:00Z/00:40 investigating", "2021-01-02T08:00:00Z follow-up call",
		},
		"plain-lines": {
			"2019-04-03T10:00:00-07:00 deploy of the cart", "2019-04-03T10:20:00-07:00 first report by a user⏎with a second line", "2019-04-03T10:20:00-07:00/10:40 reverted",
		},
		"front-matter": {
			"2022-05-06T09:05:00+02:00 Broker 3 unreachable (Who: on-call)", "2022-05-06T09:15:00+02:00 Failover | second", "2022-05-06T09:15:00+02:00~ Logs rotated (Who: ops)",
			"2022-05-06T09:15:00+02:00~ One more thing (Who: ops)", "2022-05-07T00:10:00+02:00 Closed",
		},
		"nested-days":               {"2023-02-01T10:00:00Z something", "2023-02-01T11:00:00Z something else", "2023-02-02T09:30:00Z ended"},
		"lines-without-blank-lines": {"2024-01-05T10:00:00Z flushed the cache", "2024-01-05T10:05:00Z errors rise⏎and stay high", "2024-01-05T10:09:00Z restored"},
	} {
		if diff := cmp.Diff(want, events(parse(t, "x.md", style(t, name)))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestTimesAreHandledOrReported(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ head, entry, want, note string }{
		"a tilde makes it approximate":                 {"UTC", "2024-01-05 ~10:00", "2024-01-05T10:00:00Z~ x", ""},
		"a tilde behind too":                           {"UTC", "2024-01-05 10:00~", "2024-01-05T10:00:00Z~ x", ""},
		"a question mark too":                          {"UTC", "2024-01-05 10:00?", "2024-01-05T10:00:00Z~ x", ""},
		"a day alone is approximate":                   {"UTC", "2024-01-05", "2024-01-05T00:00:00Z~ x", ""},
		"afternoon":                                    {"UTC", "2024-01-05 4:23PM", "2024-01-05T16:23:00Z x", ""},
		"a zone behind a bracket":                      {"UTC", "[2024-01-05 10:00] (CET)", "2024-01-05T10:00:00+01:00 x", ""},
		"an h behind the time":                         {"UTC", "2024-01-05 18:00h", "2024-01-05T18:00:00Z x", ""},
		"a span is no zone":                            {"UTC", "2024-01-05 10:20-10:40", "2024-01-05T10:20:00Z/10:40 x", ""},
		"noon and midnight":                            {"UTC", "2024-01-05 12:10am", "2024-01-05T00:10:00Z x", ""},
		"an hour alone":                                {"UTC", "2024-01-05 4 pm", "2024-01-05T16:00:00Z x", ""},
		"pm after 24 hours is reported":                {"UTC", "2024-01-05 17:14pm", "2024-01-05T17:14:00Z x", "pm after a 24-hour time"},
		"military time":                                {"UTC", "2024-01-05 1451 hrs", "2024-01-05T14:51:00Z x", ""},
		"a zone of its own wins":                       {"UTC", "2024-01-05 10:00 PST", "2024-01-05T10:00:00-08:00 x", ""},
		"a timestamp":                                  {"", "2024-01-05T10:00:30-07:00", "2024-01-05T10:00:30-07:00 x", ""},
		"an offset":                                    {"", "2024-01-05 10:00 UTC+5:30", "2024-01-05T10:00:00+05:30 x", ""},
		"a region":                                     {"", "2024-07-05 10:00 ET", "2024-07-05T10:00:00-04:00 x", ""},
		"a name of a place":                            {"Europe/Helsinki", "2024-07-05 10:00", "2024-07-05T10:00:00+03:00 x", ""},
		"no zone is reported":                          {"", "2024-01-05 10:00", "2024-01-05T10:00:00Z x", "no time zone is stated"},
		"a zone with two meanings is reported":         {"IST", "2024-01-05 10:00", "2024-01-05T10:00:00+05:30 x", "Ireland"},
		"a winter name in summer is reported":          {"CET", "2024-07-05 10:00", "2024-07-05T10:00:00+01:00 x", "CEST"},
		"a missing year is reported":                   {"UTC", "5 Jan 10:00", "2023-01-05T10:00:00Z~ x", "the year 2023 is taken from the file name"},
		"a year that cannot be read is reported":       {"UTC", "20233-01-05 10:00", "2023-01-05T10:00:00Z~ x", "the year 20233"},
		"a date with two readings stays in the body":   {"UTC", "04/05/2024 10:00", "", "day first or month first"},
		"a date with one reading is read":              {"UTC", "24/05/2024 10:00", "2024-05-24T10:00:00Z x", ""},
		"a day no calendar has stays in the body":      {"UTC", "2024-02-31 10:00", "", "not one a calendar has"},
		"a time without a day stays in the body":       {"UTC", "10:00", "", "without a day"},
		"a time that cannot be read stays in the body": {"UTC", "2X:XX", "", "cannot be read"},
		"no time stays in the body":                    {"UTC", "later", "", "cannot be read"},
	} {
		head := ""
		if tc.head != "" {
			head = "All times in " + tc.head + ".\n\n"
		}
		text := "# T\n\n## Timeline\n\n" + head + "| Time | Event |\n|---|---|\n| " + tc.entry + " | x |\n"
		d := parse(t, "PM2023-004.md", text)
		if got := strings.Join(events(d), "; "); got != tc.want {
			t.Errorf("%s: %q, want %q; notes %v", name, got, tc.want, d.Notes)
		}
		if tc.want == "" && !strings.Contains(d.Body, "| "+tc.entry+" | x |") {
			t.Errorf("%s: the row is not in the body:\n%s", name, d.Body)
		}
		if line := strings.Count(text, "\n"); tc.note != "" && !noted(d, line, tc.note) {
			t.Errorf("%s: no note %q for line %d in %v", name, tc.note, line, d.Notes)
		}
	}
}

func TestBareTimesFollowTheEntryBefore(t *testing.T) {
	t.Parallel()
	text := "# T\n\n## Timeline\n\nAll times in UTC\n\n### Dec 31 2023 23:50\n\na\n\n### 00:10\n\nb\n\n### 2X:XX (not sure)\n\nc\n\n### Jan 2, 09:00\n\nd\n\n### 08:00\n\ne\n"
	d := parse(t, "x.md", text)
	want := []string{"2023-12-31T23:50:00Z a", "2024-01-01T00:10:00Z b", "2024-01-01T00:10:00Z~ (not sure)⏎⏎c", "2024-01-02T09:00:00Z d", "2024-01-02T08:00:00Z~ e"}
	if diff := cmp.Diff(want, events(d)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for line, words := range map[int]string{11: "the day after", 15: "placed at the time", 19: "the year 2024", 23: "the same day"} {
		if !noted(d, line, words) {
			t.Errorf("no note %q for line %d in %v", words, line, d.Notes)
		}
	}
}

func TestDeeperHeadingsBelongToTheirEntry(t *testing.T) {
	t.Parallel()
	d := parse(t, "x.md", "# T\n\n## Timeline\n\nAll times in UTC\n\n### 2024-01-05 10:00\n\na\n\n#### Logs\n\nb\n\n### 10:05\n\nc\n")
	if diff := cmp.Diff([]string{"2024-01-05T10:00:00Z a⏎⏎#### Logs⏎⏎b", "2024-01-05T10:05:00Z c"}, events(d)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheWindowAndThePeopleAreRead(t *testing.T) {
	t.Parallel()
	text := "# T\n\n*Severity:* SEV2\n_Owner_: platform team\n\n#### Impact start\n\n5 Jan 2024 10:00 UTC\n\n## Resolved\n\n- 2024-01-05 11:30 CET\n\n## Participants\n\n- Incident commander: platform lead\n- support lead\n\n## Stats\n\n- Category: Storage\n- Time to detection: 54 minutes\n- Time to recovery: ?\n"
	d := parse(t, "x.md", text)
	minutes := 54 * time.Minute
	want := postmortem.Draft{
		Title: "T", Date: "2024-01-05", Severity: "SEV2", Tags: []string{"storage"}, TimeToDetect: &minutes,
		People: []postmortem.Person{{Role: "owner", Text: "platform team"}, {Role: "incident commander", Text: "platform lead"}, {Role: "participants", Text: "support lead"}},
		Window: postmortem.Window{ImpactStart: moment("2024-01-05T10:00:00Z"), ImpactEnd: moment("2024-01-05T10:30:00Z")},
		Body:   "## Stats\n\n- Category: Storage\n- Time to detection: 54 minutes\n- Time to recovery: ?",
	}
	if diff := cmp.Diff(want, d, cmpopts.IgnoreFields(postmortem.Draft{}, "Name", "Key", "Mapping", "Notes")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if words := lost(text, d); len(words) > 0 {
		t.Errorf("lost %q", words)
	}
}

func moment(s string) *time.Time {
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return &at
}

func TestActionsAreRead(t *testing.T) {
	t.Parallel()
	text := "# T\n\n## Action items\n\n### Gateway\n\n1. Plain one. [Issue](https://example.org/issues/1)\n- [x] Ticked (Owner: qa team; by 2024-02-01)\n- With details\n  - Owner: ops\n  - Due: 3 Feb 2024\n  - Done when: drift is empty\n- With more\n  - See the page\n- " + strings.Repeat("word ", 60) + "\n\nAnd some text.\n"
	d := parse(t, "x.md", text)
	want := []postmortem.Action{
		{Title: "Plain one. Issue", Component: "Gateway", References: []string{"https://example.org/issues/1"}, Line: 7},
		{Title: "Ticked (Owner: qa team; by 2024-02-01)", Component: "Gateway", Owner: "qa team", Due: "2024-02-01", Done: true, Line: 8},
		{Title: "With details", Component: "Gateway", Owner: "ops", Due: "2024-02-03", DoneCriterion: "drift is empty", Line: 9},
		{Title: "With more", Component: "Gateway", Line: 13},
		{Title: strings.TrimSpace(strings.Repeat("word ", 39)) + "…", Component: "Gateway", Line: 15},
	}
	if diff := cmp.Diff(want, d.Actions); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, kept := range []string{"- With more\n  - See the page", strings.TrimSpace(strings.Repeat("word ", 60)), "And some text."} {
		if !strings.Contains(d.Body, kept) {
			t.Errorf("the body lacks %q:\n%s", kept, d.Body)
		}
	}
	if words := lost(text, d); len(words) > 0 {
		t.Errorf("lost %q", words)
	}
}

func TestTheKindOfAnEntryIsGuessed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]vocab.EventKind{
		"First alert about the pods":                   vocab.EventKindSignal,
		"Users report failing launches":                vocab.EventKindSignal,
		"Assumed user error at the time":               vocab.EventKindInterpretation,
		"Suspected the network, because requests fail": vocab.EventKindInterpretation,
		"Decided to revert":                            vocab.EventKindDecision,
		"Restarted the hub":                            vocab.EventKindAction,
		"Status page updated":                          vocab.EventKindCommunication,
		"Teams notified":                               vocab.EventKindCommunication,
		"Nothing of note":                              vocab.EventKindAction,
	} {
		d := parse(t, "x.md", "# T\n\n## Timeline\n\n- 2024-01-05 10:00 UTC "+text+"\n")
		if len(d.Events) != 1 || d.Events[0].Kind != want {
			t.Errorf("%q: %v, want %s", text, d.Events, want)
		}
	}
}

func TestAnAttemptReadsUnlikeAnIncident(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"# Upgrade of the broker\n\nThe planned upgrade from 2.1 to 3.0 was rolled back.\n":            true,
		"# Service disruption due to upgrade\n":                                                        true,
		"# Logins failed\n\n## Summary\n\nOn Monday a scheduled upgrade from v1.19 to v1.20 was done.": true,
		"# Certificate expired\n\nThe certificate of the proxy expired and logins failed.\n":           false,
		"# Cluster full\n\nToo many pods. We will upgrade the autoscaler some day.\n":                  false,
	} {
		if got := parse(t, "x.md", text).Subject; got.Attempt != want || want && len(got.Why) == 0 {
			t.Errorf("%q: %+v, want %v", text, got, want)
		}
	}
}

func TestTheKeyFollowsTheTextAlone(t *testing.T) {
	t.Parallel()
	base := parse(t, "a.md", "# T\n\ntext\n").Key
	for name, text := range map[string]string{"line endings": "# T\r\n\r\ntext\r\n", "a byte order mark": "\ufeff# T\n\ntext\n", "trailing blanks": "# T  \n\ntext\t\n\n\n"} {
		if got := parse(t, "b.md", text).Key; got != base || len(got) != 64 {
			t.Errorf("%s: key %s, want %s", name, got, base)
		}
	}
	if parse(t, "a.md", "# T\n\nother\n").Key == base {
		t.Error("another text has the same key")
	}
}

func TestTextsThatAreNotRead(t *testing.T) {
	t.Parallel()
	if _, err := postmortem.Parse("x.md", []byte(" \n\t\n"), postmortem.Options{}); !errors.Is(err, postmortem.ErrEmpty) {
		t.Errorf("an empty text: %v", err)
	}
	if _, err := postmortem.Parse("x.md", []byte("12345"), postmortem.Options{MaxBytes: 4}); !errors.Is(err, postmortem.ErrTooLarge) {
		t.Errorf("a large text: %v", err)
	}
}

func TestDeepNestingTakesNoLongTime(t *testing.T) {
	t.Parallel()
	var stairs strings.Builder
	for i := range 400 {
		stairs.WriteString(strings.Repeat("  ", i) + "- step\n")
	}
	for name, text := range map[string]string{
		"quotes": strings.Repeat(">", 200_000) + " word\n", "spaced quotes": strings.Repeat("> ", 100_000) + "word\n", "lists": strings.Repeat("- ", 100_000) + "word\n",
		"numbers": strings.Repeat("1. ", 60_000) + "word\n", "stairs": stairs.String(), "a link": "# T\n\n## Links\n\n- [a](http://b.example)\n" + strings.Repeat(" ", 300) + "word\n", "brackets": strings.Repeat("[", 200_000), "an action": "# T\n\n## Actions\n\n- " + strings.Repeat("> ", 50_000) + "word\n",
	} {
		start := time.Now()
		d := parse(t, "x.md", text)
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s: %v for %d bytes", name, took, len(text))
		}
		if words := lost(text, d); len(words) > 0 {
			t.Errorf("%s: lost %q", name, words)
		}
	}
}

// pieces are parts of reviews that rapid puts in any order.
var pieces = []string{
	"## Zone\n\n- UTC", "**2024-01-05 10:00 outage begins** now", "10:00 PST up\n11:00 down\nmore", "## Severity\n\nSEV1", "## Services\n\n- a\n- b", "## Root cause\n\n**Config:** off\n\nBecause:\n\n1. x\n2. y", "| Key | Value |\n|---|---|\n| Severity | 2 |\n| Other | `a\\|b` |", "<b>html</b> &amp; entity", "Timeline:\n- 10:00 a", "## Lessons learned\n\n- do less",
	"# Title here", "## Summary", "## Timeline", "## Action items", "## Contributing factors", "## Odd section", "### 2024-01-05 10:00", "### 10:30", "### 2X:XX", "## What went well", "## Impact", "## Links", "## Participants", "## Stats", "### Gateway",
	"Setext\n======", "All times in CET.", "Some text, and\nmore text.", "- one\n- two\n  - nested", "1. first\n1. second\n\n   with more", "- [x] done\n- [ ] open\n  - Owner: ops\n  - Due: soon",
	"| Time | Event |\n|---|---|\n| 2024-01-05 10:00 | up |\n| soon | down \\| out |", "| Action | Owner |\n|---|---|\n| fix it | ops |\n| | |", "```\ncode block\n## not a heading\n```", "    indented code", "> quoted text", "---", "<div>\nraw html\n</div>", "<!-- comment -->",
	"- 10:00 start\n- **10:05** end\n- later on", "**Status**: draft", "**Timeline**", "Date: 2024-01-05\nAuthors: ops, qa", "[ref]: https://example.org/a \"title\"", "See [text](https://example.org/b \"hover\") and ![image](rel/path.png).", "- [page](https://example.org/c)", "**Timeline:**\n\n10:00 a\n10:05 b", "Impact: big\n  and wide", "- ", "* * *", "Severity:: 3", "- 2024-01-05\n  - 10:00 x", "- - twice\n- once",
}

func TestNothingIsLostWhateverTheOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		sep := rapid.SampledFrom([]string{"\n\n", "\n\n", "\n\n", "\n"}).Draw(t, "separator")
		text := strings.Join(rapid.SliceOfNDistinct(rapid.SampledFrom(pieces), 1, 14, rapid.ID[string]).Draw(t, "pieces"), sep)
		d, err := postmortem.Parse("x.md", []byte(text), postmortem.Options{})
		if errors.Is(err, postmortem.ErrEmpty) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if words := lost(text, d); len(words) > 0 {
			t.Fatalf("lost %q of:\n%s\nbody:\n%s", words, text, d.Body)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, p := range pieces {
		f.Add([]byte("# T\n\n## Timeline\n\n" + p))
		f.Add([]byte(p))
	}
	found, err := filepath.Glob(filepath.Join("testdata", "styles", "*.md"))
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range found {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := postmortem.Parse("2024-01-05.md", text, postmortem.Options{})
		if err != nil {
			return
		}
		if d.Title == "" || len([]rune(d.Title)) > 200 || d.Key == "" {
			t.Errorf("title %q, key %q", d.Title, d.Key)
		}
		for _, e := range d.Events {
			if e.At.IsZero() || e.Text == "" || e.Kind == "" {
				t.Errorf("event %+v", e)
			}
		}
		for _, a := range d.Actions {
			if a.Title == "" || len([]rune(a.Title)) > 200 {
				t.Errorf("action %+v", a)
			}
		}
	})
}
