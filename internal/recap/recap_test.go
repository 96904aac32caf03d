package recap

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hindcast-kb/hindcast/internal/timeline"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

func TestLastingIsToTheMinute(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		20 * time.Second: "less than a minute", time.Minute: "1 minute", 90 * time.Minute: "1 hour 30 minutes", 49*time.Hour + 29*time.Second: "2 days 1 hour",
	} {
		if got := lasting(d); got != want {
			t.Errorf("%s is written %q, want %q", d, got, want)
		}
	}
}

func TestADraftSaysNothingThatIsNotRecorded(t *testing.T) {
	t.Parallel()
	got := Compose(Facts{Attempt: Attempt{ID: vocab.Attempt.ID(1), Name: "X, attempt 1", Status: vocab.AttemptStatusPlanned}})
	want := []Sentence{
		{"summary", "X, attempt 1 has not started; it is planned.", []vocab.ID{vocab.Attempt.ID(1)}},
		{"summary", "No signal is recorded on the timeline.", []vocab.ID{vocab.Attempt.ID(1)}},
	}
	if diff := cmp.Diff(want, got.Sentences); diff != "" {
		t.Errorf("(-want +got): %s", diff)
	}
	if got.Input.Impact != "" || got.Input.WentWell != "" || got.Input.ContributingFactors != nil || got.Input.Lucky != "" {
		t.Errorf("the draft holds more: %+v", got.Input)
	}
}

func TestTextsOfRecordsStayInTheirSentence(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 6, 5, 0, 0, 0, time.UTC)
	done := false
	got := Compose(Facts{
		Attempt: Attempt{ID: vocab.Attempt.ID(1), Name: "X", Status: vocab.AttemptStatusInProgress, StartedAt: &at},
		Entries: []timeline.Entry{
			{At: at, Type: timeline.TypeEvent, Kind: "signal", Text: "# a\n\n```\nb <b>c</b>", Ref: vocab.Event.ID(1), ActedOn: &done},
			{At: at, Type: timeline.TypeEvent, Kind: "signal", Text: "corrected", Ref: vocab.Event.ID(2), SupersededBy: vocab.Event.ID(3)},
			{At: at, Type: timeline.TypeDecision, Text: "Revert.", Ref: vocab.Decision.ID(1), By: "CTO"},
			{At: at, Type: timeline.TypeTrip, Text: "waiting sessions over 50", Ref: vocab.Tripwire.ID(1)},
		},
	})
	for _, want := range []string{`: a b \<b\>c\</b\>. (EVT-1)`, "it was decided: Revert; decided by CTO. (DEC-1)"} {
		if !strings.Contains(got.Input.Summary, want) {
			t.Errorf("the summary reads %q, want %q in it", got.Input.Summary, want)
		}
	}
	if strings.Contains(got.Input.Summary, "corrected") || !strings.Contains(got.Input.WentWell, "(TRP-1)") || got.Input.Participants[0] != "CTO" {
		t.Errorf("the draft is %+v", got.Input)
	}
}

func TestASignalActedOnAtOnceIsToldOnce(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 6, 5, 0, 0, 0, time.UTC)
	done := true
	got := Compose(Facts{
		Attempt: Attempt{ID: vocab.Attempt.ID(1), Name: "X", Status: vocab.AttemptStatusInProgress, StartedAt: &at},
		Entries: []timeline.Entry{{At: at, Type: timeline.TypeEvent, Kind: "signal", Text: "waiting sessions", Ref: vocab.Event.ID(1), ActedOn: &done}},
	})
	if !strings.Contains(got.Input.Summary, "It was acted on as it came. (EVT-1)") || strings.Count(got.Input.Summary, "waiting sessions") != 1 {
		t.Errorf("the summary reads %q, want the signal once, acted on as it came", got.Input.Summary)
	}
}
