package draw

import (
	"encoding/xml"
	"flag"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hindcast-kb/hindcast/internal/timeline"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

var update = flag.Bool("update", false, "write the golden drawings anew")

// friday is the day of the deployment, a Friday.
func friday(hour, minute int) time.Time {
	return time.Date(2026, 3, 6, 0, 0, 0, 0, time.UTC).Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
}

func pointer[T any](v T) *T { return &v }

func event(at time.Time, kind vocab.EventKind, acted bool, text string) timeline.Entry {
	return timeline.Entry{At: at, Type: timeline.TypeEvent, Kind: string(kind), Text: text, Ref: vocab.Event.ID(1), Of: vocab.Attempt.ID(1), ActedOn: &acted}
}

func moved(at time.Time, to string) timeline.Entry {
	return timeline.Entry{At: at, Type: timeline.TypeTransition, Kind: to, Ref: vocab.Attempt.ID(1), Of: vocab.Attempt.ID(1)}
}

// weekend is an attempt that was taken back after a weekend.
func weekend() Drawing {
	return Drawing{
		Attempt: Attempt{ID: vocab.Attempt.ID(1), Title: "Framework <2> & 3, attempt 1", StartedAt: pointer(friday(5, 0)), EndedAt: pointer(friday(3*24+18, 0))},
		Harm:    []Harm{{Of: vocab.Incident.ID(1), From: friday(3*24+9, 45), To: friday(3*24+18, 0)}},
		Now:     friday(200, 0),
		Entries: []timeline.Entry{
			{At: friday(-40, 0), Type: timeline.TypeEvidence, Kind: "supports", Text: "before the drawing begins", Ref: vocab.Evidence.ID(1)},
			moved(friday(5, 0), "in_progress"),
			event(friday(5, 0), vocab.EventKindAction, true, "The release goes out"),
			moved(friday(5, 45), "watching"),
			event(friday(12, 0), vocab.EventKindInterpretation, false, "Taken for a side effect, \"unrelated\""),
			event(friday(16, 40), vocab.EventKindSignal, true, "Processes wait for each other"),
			{At: friday(17, 5), Type: timeline.TypeEvidence, Kind: "contradicts", Text: "Nothing was seen before", Ref: vocab.Evidence.ID(2)},
			{At: friday(3*24+10, 0), Type: timeline.TypeTrip, Kind: "rollback", Text: "Processes crossed the limit", Ref: vocab.Tripwire.ID(1)},
			{At: friday(3*24+16, 45), Type: timeline.TypeDecision, Kind: "rollback_or_patch", Text: "Patch, or go back? Go back", Ref: vocab.Decision.ID(1)},
			moved(friday(3*24+18, 0), "rolled_back"),
			event(friday(3*24+18, 0), vocab.EventKindCommunication, true, "Users are told"),
		},
	}
}

func planned() Drawing {
	return Drawing{
		Attempt: Attempt{ID: vocab.Attempt.ID(2), Title: "Planned", WindowStart: pointer(friday(5, 0)), WindowEnd: pointer(friday(7, 0)), WatchUntil: pointer(friday(3*24+17, 0))},
		Now:     friday(-100, 0), Alone: true,
	}
}

func TestDrawings(t *testing.T) {
	for name, d := range map[string]Drawing{"weekend": weekend(), "planned": planned()} {
		got := SVG(d)
		file := "testdata/" + name + ".svg"
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if again := SVG(d); again != got {
			t.Errorf("%s is drawn another way the second time", name)
		}
	}
}

func parse(t interface{ Errorf(string, ...any) }, svg string) (texts string) {
	decoder := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := decoder.Token()
		if err == io.EOF {
			return texts
		}
		if err != nil {
			t.Errorf("the drawing is no XML: %v", err)
			return texts
		}
		switch token := token.(type) {
		case xml.CharData:
			texts += string(token) + "\n"
		case xml.StartElement:
			for _, a := range token.Attr {
				if token.Name.Local == "script" || strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "href" || a.Name.Local == "style" {
					t.Errorf("the drawing has <%s %s>", token.Name.Local, a.Name.Local)
				}
			}
		}
	}
}

func TestADrawingSaysInWordsWhatItShows(t *testing.T) {
	t.Parallel()
	svg := SVG(weekend())
	texts := parse(t, svg)
	for _, want := range []string{
		"Timeline of Framework <2> & 3, attempt 1", "From Fri 6 Mar 01:36 to Mon 9 Mar 21:24.", "Watching from Fri 6 Mar 05:45.", "Rolled back from Mon 9 Mar 18:00.",
		"users are harmed, 8 h 15 min", "4 h 40 min seen, not acted on", "16:40 Processes wait for each other", "Fri 6 Mar", "Sat 7 Mar",
	} {
		if !strings.Contains(strings.ToLower(texts), strings.ToLower(want)) {
			t.Errorf("the drawing does not say %q", want)
		}
	}
	if strings.Contains(texts, "before the drawing begins") {
		t.Error("what happened before is drawn")
	}
	if !strings.Contains(svg, `role="img" aria-labelledby="tl-title tl-desc"`) || !strings.Contains(svg, `class="weekend"`) || !strings.Contains(svg, `class="closed"`) {
		t.Error("the drawing has no name, no weekend or no nights")
	}
}

func TestGaps(t *testing.T) {
	t.Parallel()
	signal := func(hour int, acted bool) timeline.Entry {
		return event(friday(hour, 0), vocab.EventKindSignal, acted, "")
	}
	trip := timeline.Entry{At: friday(9, 0), Type: timeline.TypeTrip}
	for claim, c := range map[string]struct {
		entries []timeline.Entry
		want    [][2]time.Time
	}{
		"nothing was seen":                           {nil, nil},
		"what is acted on at once leaves no gap":     {[]timeline.Entry{signal(5, true)}, nil},
		"from the first that nobody acted on":        {[]timeline.Entry{signal(5, false), signal(6, false), signal(7, true)}, [][2]time.Time{{friday(5, 0), friday(7, 0)}}},
		"a trip ends it":                             {[]timeline.Entry{signal(5, false), trip}, [][2]time.Time{{friday(5, 0), friday(9, 0)}}},
		"the end ends it":                            {[]timeline.Entry{signal(5, false)}, [][2]time.Time{{friday(5, 0), friday(20, 0)}}},
		"a message that nobody acted on begins none": {[]timeline.Entry{event(friday(5, 0), vocab.EventKindCommunication, false, "")}, nil},
		"a decision does not end it":                 {[]timeline.Entry{signal(5, false), event(friday(6, 0), vocab.EventKindDecision, true, ""), signal(7, true)}, [][2]time.Time{{friday(5, 0), friday(7, 0)}}},
	} {
		if diff := cmp.Diff(c.want, Gaps(c.entries, friday(20, 0))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", claim, diff)
		}
	}
}

func TestTimeNeverRunsBackwards(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		hours := rapid.IntRange(1, 5000).Draw(t, "hours")
		var moments []time.Time
		for range rapid.IntRange(0, 20).Draw(t, "n") {
			moments = append(moments, friday(rapid.IntRange(0, hours).Draw(t, "at"), 0))
		}
		s := newScale(friday(0, 0), friday(hours, 0), 100, 1000, moments)
		last := s.x(friday(0, 0))
		for i := 0; i <= 200; i++ {
			x := s.x(friday(0, 0).Add(time.Duration(i) * time.Duration(hours) * time.Hour / 200))
			if x < last-1e-6 || x < 100 || x > 1000 {
				t.Fatalf("at step %d of %d hours x = %g after %g", i, hours, x, last)
			}
			last = x
		}
	})
}

func FuzzSVG(f *testing.F) {
	f.Add("<script>alert(1)</script>", "signal", 5, false)
	f.Add("\x00\xed\xa0\x80\uffff]]>&#1;", "trip", 90, true)
	f.Fuzz(func(t *testing.T, said, kind string, hour int, acted bool) {
		d := weekend()
		d.Alone = acted
		d.Attempt.Title += said
		e := event(friday(hour%2000, 0), vocab.EventKind(kind), acted, said)
		e.Type = timeline.Type(kind)
		d.Entries = append(d.Entries, e, moved(friday(hour%2000, 0), said))
		parse(t, SVG(d))
	})
}
