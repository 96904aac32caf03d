package postmortem

import (
	"strings"
	"testing"
	"time"
)

func TestEveryHeadingNameStandsForOneField(t *testing.T) {
	t.Parallel()
	for name, f := range headings {
		if got := normalName(name); got != name {
			t.Errorf("%s: %q can never match, headings are compared as %q", f, name, got)
		}
	}
	for list, want := range map[string]field{
		"Summary|1. Executive Summary|TL;DR": fieldSummary, "Timeline (all times UTC)|Incident timeline|The timeline": fieldTimeline, "Root Cause(s)|Contributing Factors (findings)|🔥 Causes": fieldFactors,
		"Follow-up actions|Action items|Next steps": fieldActions, "What went well?|Things that went well": fieldWell, "Where we got lucky": fieldLucky, "Resolution|Appendix|Impact zone map": "",
	} {
		for title := range strings.SplitSeq(list, "|") {
			if got, _ := classify(title); got != want {
				t.Errorf("%q: %q, want %q", title, got, want)
			}
		}
	}
}

func TestReadMomentLeavesOrdinaryTextAlone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "2 nodes were added", "10.5.9.0 is the address", "v2.10 was released", "March on", "may be slow", "1.19.20", "503 messages seen", "12345:00", "24:10", "10:75", "Sunday was quiet", "at noon", "5xx errors", "1:1 meeting", "2024 was busy", "10:00x"} {
		if m, n := readMoment(text); m != nil {
			t.Errorf("%q: read %+v of %d bytes", text, m, n)
		}
	}
}

func TestDurationsAreRead(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{"54 minutes": 54 * time.Minute, "1h 30m": 90 * time.Minute, "2 days": 48 * time.Hour, "0 minutes": 0, "about 1.5 hours": 90 * time.Minute, "?": -1, "N/A": -1, "": -1, "9999999999 days": -1} {
		got := firstDuration(nil, text)
		if want < 0 && got != nil || want >= 0 && (got == nil || *got != want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
