package record_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/record"
)

func TestDateReadsADayOrAMoment(t *testing.T) {
	t.Parallel()
	for text, want := range map[record.Date]struct {
		day, again record.Date
		bad        bool
	}{
		"2026-03-09":                    {day: "2026-03-09", again: "2026-03-09"},
		"2026-03-09T00:00:00Z":          {day: "2026-03-09", again: "2026-03-09"},
		"2026-03-09T23:30:00-01:00":     {day: "2026-03-10", again: "2026-03-10T00:30:00Z"},
		"":                              {},
		"9 March":                       {bad: true},
		"2026-02-30":                    {bad: true},
		"2026-03-09T12:00:00.123456+0X": {bad: true},
	} {
		var check fault.Check
		text.Check(&check, "due_on")
		if got := len(check.Fields) == 1; got != want.bad {
			t.Errorf("%q is refused: %t, want %t", text, got, want.bad)
		}
		if diff := cmp.Diff([]record.Date{record.DateOf(text.Day()), record.DateOf(text.Time())}, []record.Date{want.day, want.again}); diff != "" {
			t.Errorf("%q as its day and as a moment (-got +want): %s", text, diff)
		}
	}
}

func TestAClockThatIsAheadCountsAsNow(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for ahead, refused := range map[time.Duration]bool{-time.Hour: false, 4 * time.Minute: false, 6 * time.Minute: true} {
		at := now.Add(ahead)
		var check fault.Check
		record.NotFuture(&check, "observed_at", &at, now)
		if got := len(check.Fields) == 1; got != refused {
			t.Errorf("a time %s ahead is refused: %t, want %t", ahead, got, refused)
		}
		if got := record.Happened(at, now); got.After(now) || (ahead < 0 && !got.Equal(at)) {
			t.Errorf("a time %s ahead happened at %s", ahead, got)
		}
	}
}
