package lesson_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/dbtest"
	"github.com/hindcast-kb/hindcast/internal/lesson"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

func TestMatches(t *testing.T) {
	t.Parallel()
	up := &ent.Upgrade{Kind: "framework", ServiceID: 1, Tags: []string{"Persistence"}}
	attempt := &ent.Attempt{ChangedAreas: []string{" Sessions", "users"}, Tags: []string{"friday"}}
	shop, other := vocab.Service.ID(1), vocab.Service.ID(2)
	for name, tc := range map[string]struct {
		applies   vocab.AppliesTo
		learnedOn []int
		want      bool
	}{
		"one dimension in common":                               {vocab.AppliesTo{Kinds: []vocab.UpgradeKind{"framework"}}, nil, true},
		"one value of a dimension is enough":                    {vocab.AppliesTo{Areas: []string{"courses", "sessions "}}, nil, true},
		"every dimension must share a value":                    {vocab.AppliesTo{Kinds: []vocab.UpgradeKind{"framework"}, Areas: []string{"courses"}}, nil, false},
		"tags of the upgrade and the attempt count":             {vocab.AppliesTo{Tags: []string{"persistence"}, Areas: []string{"USERS"}}, nil, true},
		"another service does not match":                        {vocab.AppliesTo{ServiceIDs: []vocab.ID{other}, Kinds: []vocab.UpgradeKind{"framework"}}, nil, false},
		"the service matches":                                   {vocab.AppliesTo{ServiceIDs: []vocab.ID{other, shop}}, nil, true},
		"naming nothing matches where it was learned":           {vocab.AppliesTo{}, []int{2, 1}, true},
		"naming nothing matches nowhere else":                   {vocab.AppliesTo{}, []int{2}, false},
		"learned nowhere, it matches nothing":                   {vocab.AppliesTo{}, nil, false},
		"naming something, where it was learned does not count": {vocab.AppliesTo{Areas: []string{"courses"}}, []int{1}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, got := lesson.Matches(lesson.Scopes(tc.applies, tc.learnedOn), lesson.Traits(attempt, up)); got != tc.want {
				t.Errorf("Matches = %t, want %t", got, tc.want)
			}
		})
	}
}

func TestEffectiveness(t *testing.T) {
	t.Parallel()
	const applied, skipped, none = vocab.LessonResponseApplied, vocab.LessonResponseSkipped, vocab.LessonResponseNotApplicable
	for name, tc := range map[string]struct {
		given []lesson.Application
		want  vocab.LessonVerdict
	}{
		"never shown":                               {nil, "untested"},
		"shown and not answered":                    {[]lesson.Application{{}}, "untested"},
		"applied without an outcome":                {[]lesson.Application{{Response: applied}}, "untested"},
		"not applicable":                            {[]lesson.Application{{Response: none}}, "untested"},
		"only skipped":                              {[]lesson.Application{{Response: skipped}, {Response: none}}, "ignored"},
		"what came back where it was skipped":       {[]lesson.Application{{skipped, "recurred"}}, "ignored"},
		"prevented where it was applied":            {[]lesson.Application{{applied, "prevented"}, {skipped, "recurred"}}, "effective"},
		"came back although it was applied":         {[]lesson.Application{{applied, "recurred"}}, "ineffective"},
		"prevented no more often than it failed":    {[]lesson.Application{{applied, "prevented"}, {applied, "no_effect"}}, "ineffective"},
		"prevented more often than it failed":       {[]lesson.Application{{applied, "prevented"}, {applied, "prevented"}, {applied, "recurred"}}, "effective"},
		"an outcome that is not known says nothing": {[]lesson.Application{{applied, "unknown"}}, "untested"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if counts, got := lesson.Effectiveness(tc.given); got != tc.want || counts.Surfaced != len(tc.given) {
				t.Errorf("Effectiveness = %s %+v, want %s", got, counts, tc.want)
			}
		})
	}
}

func TestEveryApplicationIsCountedOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		given := rapid.SliceOf(rapid.Custom(func(t *rapid.T) lesson.Application {
			return lesson.Application{
				Response: rapid.SampledFrom([]vocab.LessonResponse{"", "applied", "skipped", "not_applicable"}).Draw(t, "response"),
				Outcome:  rapid.SampledFrom([]vocab.LessonOutcome{"", "prevented", "no_effect", "recurred", "unknown"}).Draw(t, "outcome"),
			}
		})).Draw(t, "applications")
		c, verdict := lesson.Effectiveness(given)
		if c.Applied+c.Skipped+c.NotApplicable+c.Unanswered != len(given) || c.Prevented+c.NoEffect+c.RecurredThough > c.Applied {
			t.Fatalf("the counts do not add up: %+v", c)
		}
		slices.Reverse(given)
		if again, other := lesson.Effectiveness(given); again != c || other != verdict {
			t.Fatalf("in another order it is %s %+v, want %s %+v", other, again, verdict, c)
		}
	})
}

// TestTheIndexFindsWhatTheRuleMatches makes lessons and attempts at random and asks the database for the lessons of each
// attempt.
func TestTheIndexFindsWhatTheRuleMatches(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		now := func() time.Time { at = at.Add(time.Microsecond); return at }
		ctx := auth.With(context.Background(), auth.System("test"))
		random := rand.New(rand.NewPCG(3, 5))
		attempts, findings := places(ctx, t, s, random, at)
		lessons := lesson.New(s, now)
		var all []*ent.Lesson
		learned := map[int][]int{}
		for i := range 60 {
			in := lesson.Input{Title: fmt.Sprint("lesson ", i), When: "x", Then: "y"}
			if random.IntN(4) > 0 {
				in.AppliesTo = vocab.AppliesTo{
					Kinds: some(random, vocab.UpgradeKind("framework"), "database"), ServiceIDs: some(random, vocab.Service.ID(1), vocab.Service.ID(2)),
					Areas: some(random, "Sessions", "users", "courses"), Tags: some(random, "persistence", "Friday"),
				}
			}
			service := random.IntN(3)
			if service > 0 {
				in.FindingIDs = []vocab.ID{findings[service-1]}
			}
			added, err := lessons.Add(ctx, in)
			if err == nil && i%7 > 0 {
				added, err = lessons.Transition(ctx, added.ID, record.AnyVersion, record.Move{To: "active"})
				all = append(all, added)
			}
			if err != nil {
				t.Fatal(err)
			}
			if service > 0 {
				learned[added.ID] = []int{service}
			}
		}
		met := 0
		for _, a := range attempts {
			found, err := lessons.Matching(ctx, s.Client(ctx), a)
			if err != nil {
				t.Fatal(err)
			}
			var got, want []int
			for _, l := range found {
				got = append(got, l.ID)
			}
			for _, l := range all {
				if _, ok := lesson.Matches(lesson.Scopes(l.AppliesTo, learned[l.ID]), lesson.Traits(a, a.Edges.Upgrade)); ok {
					want = append(want, l.ID)
				}
			}
			met += len(want)
			if diff := cmp.Diff(got, want); diff != "" {
				t.Errorf("the lessons of attempt %d (-got +want): %s", a.ID, diff)
			}
		}
		if met == 0 {
			t.Error("no lesson matched any attempt, so nothing was tried")
		}
	})
}

func some[T any](r *rand.Rand, from ...T) []T {
	return slices.DeleteFunc(slices.Clone(from), func(T) bool { return r.IntN(3) > 0 })
}

// places writes two services with a finding each, and attempts of upgrades of either.
func places(ctx context.Context, t *testing.T, s *store.Store, r *rand.Rand, at time.Time) (attempts []*ent.Attempt, findings []vocab.ID) {
	t.Helper()
	err := s.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		c := tx.Client()
		environment := c.Environment.Create().SetName("production").SetKind("production").SetCreatedAt(at).SetUpdatedAt(at).SetCreatedBy("test").SaveX(ctx)
		for _, name := range []string{"shop", "courses"} {
			service := c.Service.Create().SetName(name).SetSlug(name).SetCreatedAt(at).SetUpdatedAt(at).SetCreatedBy("test").SaveX(ctx)
			f := c.Finding.Create().SetTitle("x").SetSeverity("low").SetServiceID(service.ID).SetCreatedAt(at).SetUpdatedAt(at).SetCreatedBy("test").SaveX(ctx)
			findings = append(findings, vocab.Finding.ID(f.ID))
			for _, kind := range []vocab.UpgradeKind{"framework", "database", "other"} {
				up := c.Upgrade.Create().SetTitle("x").SetKind(kind).SetServiceID(service.ID).SetTags(some(r, "Persistence", "x")).
					SetCreatedAt(at).SetUpdatedAt(at).SetCreatedBy("test").SaveX(ctx)
				for n := range 4 {
					a := c.Attempt.Create().SetUpgradeID(up.ID).SetNumber(n + 1).SetEnvironmentID(environment.ID).
						SetChangedAreas(some(r, "sessions", "USERS")).SetTags(some(r, "friday")).
						SetCreatedAt(at).SetUpdatedAt(at).SetCreatedBy("test").SaveX(ctx)
					a.Edges.Upgrade = up
					attempts = append(attempts, a)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return attempts, findings
}
