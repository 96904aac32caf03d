package brief_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/brief"
	"github.com/hindcast-kb/hindcast/internal/dbtest"
	"github.com/hindcast-kb/hindcast/internal/lesson"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/upgrade"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// estate is a store with one attempt to ask about.
type estate struct {
	t       testing.TB
	s       *store.Store
	ctx     context.Context
	briefs  *brief.Service
	attempt int
}

// settle makes a store in which relevant records belong to the attempt asked about, and others to upgrades of other services.
func settle(t testing.TB, s *store.Store, relevant, others int) estate {
	t.Helper()
	now := func() time.Time { return monday.Add(time.Hour) }
	e := estate{t: t, s: s, ctx: auth.With(context.Background(), auth.System("test"))}
	e.briefs = brief.New(s, now, time.UTC, upgrade.NewAttempts(s, now), lesson.New(s, now))
	_, attempts := e.upgrade("asked", 2)
	e.attempt = attempts[0]
	e.fill("asked", attempts, relevant)
	const each = 1000
	for i := 0; i*each < others; i++ {
		name := fmt.Sprintf("other %d", i)
		_, attempts := e.upgrade(name, 10)
		e.fill(name, attempts, min(each, others-i*each))
	}
	if s.Dialect() == store.Postgres { // as autovacuum would by and by
		if _, err := s.Writer().Exec("ANALYZE"); err != nil {
			t.Fatal(err)
		}
	}
	return e
}

func (e estate) tx(work func(ctx context.Context, c *ent.Client) error) {
	e.t.Helper()
	err := e.s.Tx(e.ctx, func(ctx context.Context, tx *store.Tx) error { return work(ctx, tx.Client()) })
	if err != nil {
		e.t.Fatal(err)
	}
}

// upgrade makes a service with an upgrade and its attempts, all but the first of them ended.
func (e estate) upgrade(name string, n int) (id int, attempts []int) {
	e.t.Helper()
	e.tx(func(ctx context.Context, c *ent.Client) error {
		service, err := c.Service.Create().SetCreatedAt(monday).SetUpdatedAt(monday).SetCreatedBy("t").SetName(name).SetSlug(name).Save(ctx)
		if err != nil {
			return err
		}
		place, err := c.Environment.Create().SetCreatedAt(monday).SetUpdatedAt(monday).SetCreatedBy("t").SetName("PROD of " + name).
			SetKind(vocab.EnvironmentKindProduction).Save(ctx)
		if err != nil {
			return err
		}
		up, err := c.Upgrade.Create().SetCreatedAt(monday).SetUpdatedAt(monday).SetCreatedBy("t").SetTitle("Upgrade of " + name).
			SetKind(vocab.UpgradeKindFramework).SetServiceID(service.ID).Save(ctx)
		if err != nil {
			return err
		}
		id, attempts = up.ID, nil
		for i := range n {
			create := c.Attempt.Create().SetCreatedAt(monday).SetUpdatedAt(monday).SetCreatedBy("t").SetUpgradeID(up.ID).SetNumber(i + 1).
				SetEnvironmentID(place.ID).SetChangedAreas([]string{"sessions", "courses"})
			if i > 0 {
				create.SetStatus(vocab.AttemptStatusRolledBack).SetStartedAt(monday.Add(-time.Hour)).SetEndedAt(monday)
			}
			row, err := create.Save(ctx)
			if err != nil {
				return err
			}
			attempts = append(attempts, row.ID)
		}
		return nil
	})
	return id, attempts
}

// fill makes records of the attempts: assumptions with evidence, findings, actions, lessons, tripwires with readings, runbooks.
func (e estate) fill(name string, attempts []int, n int) {
	e.t.Helper()
	e.tx(func(ctx context.Context, c *ent.Client) error {
		first, err := c.Attempt.Get(ctx, attempts[0])
		if err != nil {
			return err
		}
		up, err := c.Upgrade.Get(ctx, first.UpgradeID)
		if err != nil {
			return err
		}
		of := func(i int) int { return attempts[i%len(attempts)] }
		share := n / 8
		var assumptions []*ent.AssumptionCreate
		var findings []*ent.FindingCreate
		var tripwires []*ent.TripwireCreate
		for i := range share {
			text := fmt.Sprintf("%s %d", name, i)
			assumptions = append(assumptions, c.Assumption.Create().SetCreatedAt(monday).SetUpdatedAt(monday).SetCreatedBy("t").SetStatement(text).
				SetAttemptID(of(i)).SetEnvironmentID(first.EnvironmentID).SetImportance(vocab.ImportanceBlocking).SetAreas([]string{"sessions"}))
			findings = append(findings, c.Finding.Create().SetCreatedAt(monday).SetUpdatedAt(monday).SetCreatedBy("t").SetTitle(text).SetAttemptID(of(i)).
				SetServiceID(up.ServiceID).SetSeverity(vocab.SeverityHigh).SetAttribution(vocab.AttributionExposedByChange).
				SetDetectedAt(monday).SetDetectedBy(vocab.DetectedByQA))
			tripwires = append(tripwires, c.Tripwire.Create().SetCreatedAt(monday).SetUpdatedAt(monday).SetCreatedBy("t").SetAttemptID(of(i)).SetSignal(text).
				SetComparator(vocab.ComparatorGt).SetThreshold(1).SetThen(vocab.TripwireThenRollback).SetAgreedBy("t").SetStatus(vocab.TripwireStatusArmed))
		}
		kept, err := c.Assumption.CreateBulk(assumptions...).Save(ctx)
		if err != nil {
			return err
		}
		found, err := c.Finding.CreateBulk(findings...).Save(ctx)
		if err != nil {
			return err
		}
		wires, err := c.Tripwire.CreateBulk(tripwires...).Save(ctx)
		if err != nil {
			return err
		}
		return e.fillBelow(ctx, c, up, kept, found, wires)
	})
}

func (e estate) fillBelow(ctx context.Context, c *ent.Client, up *ent.Upgrade, kept []*ent.Assumption, found []*ent.Finding, wires []*ent.Tripwire) error {
	var evidence []*ent.EvidenceCreate
	var actions []*ent.ActionCreate
	var lessons []*ent.LessonCreate
	var readings []*ent.ReadingCreate
	var runbooks []*ent.RunbookCreate
	for i, a := range kept {
		evidence = append(evidence, c.Evidence.Create().SetCreatedAt(monday).SetUpdatedAt(monday).SetCreatedBy("t").SetAssumptionID(a.ID).
			SetEnvironmentID(*a.EnvironmentID).SetResult(vocab.EvidenceResultSupports).SetObservedAt(monday).SetSummary("seen"))
		actions = append(actions, c.Action.Create().SetCreatedAt(monday).SetUpdatedAt(monday).SetCreatedBy("t").SetTitle(a.Statement).SetDoneCriterion("d").
			SetOwner("o").SetFindingID(found[i].ID).SetDueOn(monday.AddDate(0, 0, -1)))
		lessons = append(lessons, c.Lesson.Create().SetCreatedAt(monday).SetUpdatedAt(monday).SetCreatedBy("t").SetTitle(a.Statement).SetWhen("w").SetThen("t").
			SetStatus(vocab.LessonStatusActive).SetAppliesTo(vocab.AppliesTo{ServiceIDs: []vocab.ID{vocab.Service.ID(up.ServiceID)}}))
		readings = append(readings, c.Reading.Create().SetCreatedAt(monday).SetCreatedBy("t").SetTripwireID(wires[i].ID).SetRevision(1).SetValue(float64(i)).SetAt(monday))
		runbooks = append(runbooks, c.Runbook.Create().SetCreatedAt(monday).SetUpdatedAt(monday).SetCreatedBy("t").SetTitle(a.Statement).SetURL("https://wiki.example.org").
			SetServiceID(up.ServiceID).SetAreas([]string{"area of " + up.Title}))
	}
	if err := c.Evidence.CreateBulk(evidence...).Exec(ctx); err != nil {
		return err
	}
	if err := c.Action.CreateBulk(actions...).Exec(ctx); err != nil {
		return err
	}
	learned, err := c.Lesson.CreateBulk(lessons...).Save(ctx)
	if err != nil {
		return err
	}
	scopes := make([]*ent.LessonScopeCreate, len(learned))
	for i, l := range learned {
		scopes[i] = c.LessonScope.Create().SetLessonID(l.ID).SetDimension("service").SetValue(strconv.Itoa(up.ServiceID))
	}
	if err := c.LessonScope.CreateBulk(scopes...).Exec(ctx); err != nil {
		return err
	}
	if err := c.Reading.CreateBulk(readings...).Exec(ctx); err != nil {
		return err
	}
	return c.Runbook.CreateBulk(runbooks...).Exec(ctx)
}

// asked tells how many statements a brief and the gate take, once everything was shown before.
func (e estate) asked() (told, gate int64) {
	e.t.Helper()
	if _, err := e.briefs.Tell(e.ctx, e.attempt, nil); err != nil {
		e.t.Fatal(err)
	}
	ctx, n := store.Counted(e.ctx)
	answer, err := e.briefs.Tell(ctx, e.attempt, nil)
	if err != nil {
		e.t.Fatal(err)
	}
	if len(answer.Facts.Assumptions) == 0 || len(answer.Facts.Findings) == 0 || len(answer.Facts.Lessons) == 0 || len(answer.Facts.Runbooks) == 0 {
		e.t.Fatalf("the brief has %d assumptions, %d findings, %d lessons and %d runbooks: what is relevant is not found",
			len(answer.Facts.Assumptions), len(answer.Facts.Findings), len(answer.Facts.Lessons), len(answer.Facts.Runbooks))
	}
	told = n.Load()
	ctx, n = store.Counted(e.ctx)
	if _, err := e.briefs.Ask(ctx, e.attempt); err != nil {
		e.t.Fatal(err)
	}
	return told, n.Load()
}

func TestABriefAndTheGateTakeTheSameNumberOfQueriesHoweverMuchIsKnown(t *testing.T) {
	for name, open := range map[string]func(testing.TB) *store.Store{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			told, gate := settle(t, open(t), 16, 0).asked()
			large := settle(t, open(t), 200, 100_000)
			toldLarge, gateLarge := large.asked()
			t.Logf("a brief takes %d statements, the gate %d", told, gate)
			if toldLarge != told || gateLarge != gate {
				t.Errorf("with 100,000 records more a brief takes %d statements and the gate %d, want %d and %d", toldLarge, gateLarge, told, gate)
			}
			if told > 40 || gate > 50 {
				t.Errorf("a brief takes %d statements and the gate %d, want 40 and 50 at most", told, gate)
			}
		})
	}
}

// BenchmarkBrief asks for a brief and for the gate in a store of 100,000 records of which 200 are about the attempt:
// go test ./internal/brief -run '^$' -bench Brief
func BenchmarkBrief(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *store.Store{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			e := settle(b, open(b), 200, 100_000)
			e.asked()
			b.Run("brief", func(b *testing.B) {
				for b.Loop() {
					if _, err := e.briefs.Tell(e.ctx, e.attempt, nil); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run("gate", func(b *testing.B) {
				for b.Loop() {
					if _, err := e.briefs.Ask(e.ctx, e.attempt); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}
