package vocab

import (
	"slices"
	"testing"
)

func TestIDsSurviveTheirTextForm(t *testing.T) {
	t.Parallel()
	for _, kind := range Kinds() {
		got, err := ParseID(kind.ID(42).String())
		if err != nil || got != kind.ID(42) || got.Kind() != kind {
			t.Errorf("ParseID(%s) = %v, %v, want the id it came from", kind.ID(42), got, err)
		}
	}
}

func TestTextThatIsNoIDIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "FND", "FND-", "FND-0", "FND--1", "FND-01", "FND-1x", "fnd-1", "finding-1", "QQQ-1", " FND-1", "FND-99999999999999999999"} {
		if id, err := ParseID(text); err == nil {
			t.Errorf("ParseID(%q) = %v, want an error", text, id)
		}
	}
}

func TestNoTwoKindsShareAName(t *testing.T) {
	t.Parallel()
	var seen []string
	for _, kind := range Kinds() {
		for _, word := range slices.Compact([]string{kind.Prefix, kind.Name, kind.Path}) {
			if slices.Contains(seen, word) {
				t.Errorf("%q names two kinds", word)
			}
			seen = append(seen, word)
		}
	}
}

func TestValidAndRankFollowTheList(t *testing.T) {
	t.Parallel()
	if !Valid(SeverityHigh) || Valid(Severity("dire")) || Valid(Severity("")) {
		t.Error("Valid accepts a word outside the list or refuses one inside")
	}
	if Rank(SeverityCritical) != 0 || Rank(SeverityLow) != 3 || Rank(Severity("")) != 4 {
		t.Error("Rank does not follow the order of the list")
	}
}

func FuzzParseID(f *testing.F) {
	f.Add("FND-12")
	f.Add("LES-007")
	f.Fuzz(func(t *testing.T, text string) {
		if id, err := ParseID(text); err == nil && id.String() != text {
			t.Errorf("ParseID(%q).String() = %q", text, id)
		}
	})
}
