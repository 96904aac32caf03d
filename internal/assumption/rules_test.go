package assumption_test

import (
	"math/rand"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/hindcast-kb/hindcast/internal/assumption"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

const (
	production  = 1
	development = 2
)

var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func day(n int) time.Time { return monday.AddDate(0, 0, n) }

func ptr[T any](v T) *T { return &v }

// seen is evidence from production, observed on a day and recorded at once.
func seen(result vocab.EvidenceResult, onDay int, change ...func(*assumption.Evidence)) assumption.Evidence {
	e := assumption.Evidence{Result: result, EnvironmentID: production, ObservedAt: day(onDay), RecordedAt: day(onDay)}
	for _, c := range change {
		c(&e)
	}
	return e
}

func in(environment int) func(*assumption.Evidence) {
	return func(e *assumption.Evidence) { e.EnvironmentID = environment }
}

func by(method string) func(*assumption.Evidence) {
	return func(e *assumption.Evidence) { e.Method = method }
}

func recorded(onDay int) func(*assumption.Evidence) {
	return func(e *assumption.Evidence) { e.RecordedAt = day(onDay) }
}

func withdrawn(onDay int) func(*assumption.Evidence) {
	return func(e *assumption.Evidence) { e.WithdrawnAt = ptr(day(onDay)) }
}

func TestStatus(t *testing.T) {
	t.Parallel()
	const (
		supports, contradicts = vocab.EvidenceResultSupports, vocab.EvidenceResultContradicts
		inconclusive          = vocab.EvidenceResultInconclusive
	)
	about := assumption.Claim{EnvironmentID: production}
	month := assumption.Claim{EnvironmentID: production, ValidForDays: ptr(30)}
	for name, tc := range map[string]struct {
		claim    assumption.Claim
		evidence []assumption.Evidence
		status   vocab.AssumptionStatus
		reason   vocab.StatusReason
	}{
		"without evidence nothing is verified": {about, nil, "unverified", "no_evidence"},
		"evidence from development does not verify a production claim": {
			about, []assumption.Evidence{seen(supports, 1, in(development))}, "unverified", "evidence_wrong_environment",
		},
		"evidence from development does not falsify a production claim": {
			about, []assumption.Evidence{seen(contradicts, 1, in(development))}, "unverified", "evidence_wrong_environment",
		},
		"a claim about no environment takes evidence from any": {
			assumption.Claim{}, []assumption.Evidence{seen(supports, 1, in(development))}, "verified", "evidence_supports",
		},
		"inconclusive evidence decides nothing":       {about, []assumption.Evidence{seen(inconclusive, 1)}, "unverified", "no_evidence"},
		"support from the environment verifies":       {about, []assumption.Evidence{seen(supports, 1)}, "verified", "evidence_supports"},
		"a contradiction falsifies":                   {about, []assumption.Evidence{seen(contradicts, 1)}, "falsified", "evidence_contradicts"},
		"evidence observed later does not count":      {about, []assumption.Evidence{seen(supports, 41)}, "unverified", "no_evidence"},
		"evidence recorded later does not count":      {about, []assumption.Evidence{seen(supports, 1, recorded(41))}, "unverified", "no_evidence"},
		"withdrawn evidence does not count":           {about, []assumption.Evidence{seen(supports, 1, withdrawn(2))}, "unverified", "no_evidence"},
		"evidence withdrawn later still counted then": {about, []assumption.Evidence{seen(supports, 1, withdrawn(41))}, "verified", "evidence_supports"},
		"a newer contradiction falsifies what was supported": {
			about, []assumption.Evidence{seen(supports, 1), seen(contradicts, 2)}, "falsified", "evidence_contradicts",
		},
		"of two observations of one moment the contradiction counts": {
			about, []assumption.Evidence{seen(supports, 1), seen(contradicts, 1)}, "falsified", "evidence_contradicts",
		},
		"newer support of another method leaves it disputed": {
			about, []assumption.Evidence{seen(contradicts, 1, by("reading")), seen(supports, 2, by("comparison"))}, "disputed", "evidence_conflicts",
		},
		"newer support of no named method leaves it disputed": {
			about, []assumption.Evidence{seen(contradicts, 1), seen(supports, 2)}, "disputed", "evidence_conflicts",
		},
		"the same check run again supersedes what it said": {
			about, []assumption.Evidence{seen(contradicts, 1, by("snapshot")), seen(supports, 2, by(" Snapshot"))}, "verified", "evidence_supports",
		},
		"the same check run elsewhere supersedes nothing": {
			assumption.Claim{}, []assumption.Evidence{seen(contradicts, 1, by("snapshot")), seen(supports, 2, by("snapshot"), in(development))},
			"disputed", "evidence_conflicts",
		},
		"a contradiction that had aged out disputes nothing": {
			month, []assumption.Evidence{seen(contradicts, -10), seen(supports, 21)}, "verified", "evidence_supports",
		},
		"a contradiction within the days disputes": {
			month, []assumption.Evidence{seen(contradicts, -9), seen(supports, 21)}, "disputed", "evidence_conflicts",
		},
		"support on the last day of its validity holds": {month, []assumption.Evidence{seen(supports, 10)}, "verified", "evidence_supports"},
		"support older than its validity has expired":   {month, []assumption.Evidence{seen(supports, 9)}, "expired", "evidence_too_old"},
		"support without a validity does not age":       {about, []assumption.Evidence{seen(supports, -4000)}, "verified", "evidence_supports"},
		"a change of an area expires older support": {
			assumption.Claim{EnvironmentID: production, AreaChangedAt: ptr(day(5))}, []assumption.Evidence{seen(supports, 4)}, "expired", "area_changed",
		},
		"support from after the change of an area holds": {
			assumption.Claim{EnvironmentID: production, AreaChangedAt: ptr(day(5))}, []assumption.Evidence{seen(supports, 5)}, "verified", "evidence_supports",
		},
		"a change of an area does not soften a contradiction": {
			assumption.Claim{EnvironmentID: production, AreaChangedAt: ptr(day(5))}, []assumption.Evidence{seen(contradicts, 4)},
			"falsified", "evidence_contradicts",
		},
		"a retired assumption is retired whatever its evidence": {
			assumption.Claim{RetiredAt: ptr(day(3))}, []assumption.Evidence{seen(contradicts, 1)}, "retired", "retired",
		},
		"an assumption retired later was not retired then": {
			assumption.Claim{RetiredAt: ptr(day(41))}, []assumption.Evidence{seen(supports, 1)}, "verified", "evidence_supports",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, reason := assumption.Status(tc.claim, tc.evidence, day(40))
			if status != tc.status || reason != tc.reason {
				t.Errorf("Status = %s (%s), want %s (%s)", status, reason, tc.status, tc.reason)
			}
		})
	}
}

var (
	methods = []string{"", "snapshot", "reading"}
	results = []vocab.EvidenceResult{"supports", "contradicts", "inconclusive"}
)

func someEvidence(t *rapid.T) []assumption.Evidence {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) assumption.Evidence {
		e := assumption.Evidence{
			Result:        rapid.SampledFrom(results).Draw(t, "result"),
			EnvironmentID: rapid.IntRange(1, 2).Draw(t, "environment"), Method: rapid.SampledFrom(methods).Draw(t, "method"),
			ObservedAt: day(rapid.IntRange(0, 6).Draw(t, "observed")), RecordedAt: day(rapid.IntRange(0, 6).Draw(t, "recorded")),
		}
		if rapid.Bool().Draw(t, "withdrawn") {
			e.WithdrawnAt = ptr(day(rapid.IntRange(0, 6).Draw(t, "withdrawn on")))
		}
		return e
	}), 0, 6).Draw(t, "evidence")
}

func someClaim(t *rapid.T) assumption.Claim {
	maybe := func(name string, low, high int) *int {
		if !rapid.Bool().Draw(t, "has "+name) {
			return nil
		}
		return ptr(rapid.IntRange(low, high).Draw(t, name))
	}
	claim := assumption.Claim{EnvironmentID: rapid.IntRange(0, 2).Draw(t, "about"), ValidForDays: maybe("days", 1, 4)}
	if d := maybe("area changed", 0, 6); d != nil {
		claim.AreaChangedAt = ptr(day(*d))
	}
	if d := maybe("retired", 0, 8); d != nil {
		claim.RetiredAt = ptr(day(*d))
	}
	return claim
}

func TestTheOrderOfEvidenceNeverMatters(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		claim, evidence, at := someClaim(t), someEvidence(t), day(rapid.IntRange(0, 8).Draw(t, "at"))
		status, reason := assumption.Status(claim, evidence, at)
		mixed := append([]assumption.Evidence(nil), evidence...)
		rand.New(rand.NewSource(int64(rapid.Int().Draw(t, "order")))).Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		if again, why := assumption.Status(claim, mixed, at); again != status || why != reason {
			t.Fatalf("in another order Status = %s (%s), want %s (%s)", again, why, status, reason)
		}
	})
}

func TestEvidenceThatDoesNotCountChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		claim, evidence, at := someClaim(t), someEvidence(t), day(rapid.IntRange(0, 8).Draw(t, "at"))
		status, _ := assumption.Status(claim, evidence, at)
		for _, idle := range []assumption.Evidence{
			seen("contradicts", 9, in(claim.EnvironmentID)), seen("supports", 0, in(claim.EnvironmentID), recorded(9)),
			seen("contradicts", 0, in(claim.EnvironmentID), withdrawn(0)), seen("inconclusive", 0, in(claim.EnvironmentID)),
		} {
			if after, _ := assumption.Status(claim, append(evidence, idle), at); after != status {
				t.Fatalf("with %+v Status = %s, want %s as without", idle, after, status)
			}
		}
	})
}

func TestAnAssumptionIsVerifiedByItsOwnEnvironmentOnly(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		claim, evidence, at := someClaim(t), someEvidence(t), day(rapid.IntRange(0, 8).Draw(t, "at"))
		claim.EnvironmentID = 3
		status, _ := assumption.Status(claim, evidence, at)
		if status != vocab.AssumptionStatusUnverified && status != vocab.AssumptionStatusRetired {
			t.Fatalf("evidence from elsewhere makes it %s", status)
		}
	})
}
