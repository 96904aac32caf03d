package assumption_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/assumption"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/dbtest"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// TestTheStatusFilterAgreesWithTheRule makes assumptions with evidence at random over some days, and asks on each day, and on
// later ones without any write, whether the list by status is what the pure rule says of the rows.
func TestTheStatusFilterAgreesWithTheRule(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		at := monday
		now := func() time.Time { at = at.Add(time.Microsecond); return at }
		ctx := auth.With(context.Background(), auth.System("test"))
		assumptions := assumption.New(s, now)
		w := world{
			store: s, assumptions: assumptions, evidence: assumption.NewEvidence(s, now, assumptions), random: rand.New(rand.NewPCG(7, 11)), now: now,
		}
		w.places(ctx, t)
		for d := range 24 {
			at = day(d)
			if d < 12 {
				w.write(ctx, t)
			}
			w.compare(ctx, t)
		}
	})
}

type world struct {
	store        *store.Store
	assumptions  *assumption.Service
	evidence     *assumption.EvidenceService
	random       *rand.Rand
	now          func() time.Time
	environments []vocab.ID
	upgrade      vocab.ID
	written      []vocab.ID
}

func (w *world) places(ctx context.Context, t *testing.T) {
	t.Helper()
	err := w.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		c := tx.Client()
		for _, name := range []string{"production", "development"} {
			e := c.Environment.Create().SetName(name).SetKind(vocab.EnvironmentKindProduction).
				SetCreatedAt(monday).SetUpdatedAt(monday).SetCreatedBy("test").SaveX(ctx)
			w.environments = append(w.environments, vocab.Environment.ID(e.ID))
		}
		service := c.Service.Create().SetName("shop").SetSlug("shop").SetCreatedAt(monday).SetUpdatedAt(monday).SetCreatedBy("test").SaveX(ctx)
		up := c.Upgrade.Create().SetTitle("Framework 2 to 3").SetKind(vocab.UpgradeKindFramework).SetServiceID(service.ID).
			SetCreatedAt(monday).SetUpdatedAt(monday).SetCreatedBy("test").SaveX(ctx)
		w.upgrade = vocab.Upgrade.ID(up.ID)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// write does what one day brings: new assumptions, evidence, a withdrawal, a change of an area, a patch, a retirement.
func (w *world) write(ctx context.Context, t *testing.T) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		added, err := w.assumptions.Add(ctx, assumption.Input{
			Statement: "sessions are alike", UpgradeID: w.upgrade, Importance: vocab.ImportanceBlocking, Areas: []string{pick(w.random, "sessions", "users")},
			EnvironmentID: pick(w.random, vocab.ID{}, w.environments[0], w.environments[0], w.environments[1]), ValidForDays: pick(w.random, nil, ptr(1), ptr(3), ptr(6)),
		})
		must(err)
		w.written = append(w.written, vocab.Assumption.ID(added.ID))
	}
	for range 8 {
		observed := w.now().Add(-time.Duration(w.random.IntN(96)) * time.Hour)
		added, err := w.evidence.Add(ctx, assumption.EvidenceInput{
			AssumptionID: pick(w.random, w.written...), Result: pick(w.random, results...), EnvironmentID: pick(w.random, w.environments...),
			ObservedAt: &observed, Summary: "seen", Method: pick(w.random, methods...),
		})
		must(err)
		if w.random.IntN(5) == 0 {
			_, err := w.evidence.Withdraw(ctx, added.ID, assumption.Withdrawal{Reason: "wrong host"})
			must(err)
		}
	}
	if w.random.IntN(3) == 0 {
		must(w.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
			return w.assumptions.AreasChanged(ctx, tx, w.environments[0].N, func(area string) bool { return area == "sessions" }, w.now())
		}))
	}
	_, err := w.assumptions.Change(ctx, pick(w.random, w.written...).N, record.AnyVersion, func(in assumption.Input) (assumption.Input, error) {
		in.ValidForDays, in.EnvironmentID = pick(w.random, nil, ptr(2)), pick(w.random, w.environments...)
		return in, nil
	})
	must(err)
	if w.random.IntN(3) == 0 {
		_, _ = w.assumptions.Transition(ctx, pick(w.random, w.written...).N, record.AnyVersion, record.Move{To: "retired"}) // again for one that is
	}
}

// compare asks the list for each status and the rule for each row.
func (w *world) compare(ctx context.Context, t *testing.T) {
	t.Helper()
	evidenceOf := map[int][]assumption.Evidence{}
	for _, e := range w.store.Client(ctx).Evidence.Query().AllX(ctx) {
		evidenceOf[e.AssumptionID] = append(evidenceOf[e.AssumptionID], assumption.EvidenceOf(e))
	}
	want := map[string][]int{}
	for _, row := range w.store.Client(ctx).Assumption.Query().Order(ent.Asc("id")).AllX(ctx) {
		status, reason := assumption.Status(assumption.ClaimOf(row), evidenceOf[row.ID], w.now())
		want[string(status)] = append(want[string(status)], row.ID)
		if kept, why := w.assumptions.StatusOf(row); kept != status || why != reason {
			t.Errorf("assumption %d: StatusOf = %s (%s), want %s (%s)", row.ID, kept, why, status, reason)
		}
	}
	for _, word := range vocab.AssumptionStatus("").Values() {
		var got []int
		err := w.assumptions.Each(ctx, record.ListQuery{Filters: map[string][]string{"status": {word}}}, func(e *ent.Assumption) error {
			got = append(got, e.ID)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(got, want[word]); diff != "" {
			t.Errorf("on %s, the list with status %s (-got +want): %s", w.now(), word, diff)
		}
	}
}
