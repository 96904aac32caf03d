package brief

import (
	"context"
	"slices"
	"strings"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/action"
	"github.com/hindcast-kb/hindcast/ent/assumption"
	"github.com/hindcast-kb/hindcast/ent/attempt"
	"github.com/hindcast-kb/hindcast/ent/decision"
	"github.com/hindcast-kb/hindcast/ent/finding"
	"github.com/hindcast-kb/hindcast/ent/incident"
	"github.com/hindcast-kb/hindcast/ent/lesson"
	"github.com/hindcast-kb/hindcast/ent/predicate"
	"github.com/hindcast-kb/hindcast/ent/review"
	"github.com/hindcast-kb/hindcast/ent/tripwire"
	"github.com/hindcast-kb/hindcast/ent/upgrade"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// maxSimilar is how many attempts of similar upgrades are looked at, the latest first.
const maxSimilar = 50

// gathering reads facts with a number of queries that does not grow with the store. What was recorded after asOf is left
// out; states are those of that time, texts are as they read now.
type gathering struct {
	c       *ent.Client
	service *Service
	asOf    time.Time
	seen    func(*entsql.Selector)
	facts   Facts
	attempt *ent.Attempt
	earlier *history
	// attempts are those of the upgrade, and incidents those of these attempts: asked for by number, rows are found by an index,
	// where a condition on the upgrade makes the database look at every row there is.
	attempts, incidents []int
}

// gather reads everything about an attempt that the actor of ctx may know of.
func (s *Service) gather(ctx context.Context, c *ent.Client, id int, asOf time.Time) (*gathering, error) {
	row, err := s.attempts.Load(ctx, c, id)
	if err != nil {
		return nil, err
	}
	g := &gathering{c: c, service: s, asOf: asOf, seen: record.ByTeam(auth.From(ctx)), attempt: row}
	g.facts.At, g.facts.Zone = asOf, s.zone
	for _, read := range []func(context.Context) error{
		g.readSubject, g.readHistory, g.readEarlier, g.readAssumptions, g.readWaivers, g.readFindings, g.readLessons, g.readActions,
		g.readTripwires, g.readRunbooks,
	} {
		if err := read(ctx); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// recorded holds for rows that were there at asOf.
func (g *gathering) recorded() func(*entsql.Selector) {
	return func(s *entsql.Selector) {
		s.Where(entsql.LTE(s.C("created_at"), g.asOf))
		g.seen(s)
	}
}

// readSubject reads the attempt with its upgrade, service and environment.
func (g *gathering) readSubject(ctx context.Context) error {
	up, err := g.c.Upgrade.Query().Where(upgrade.ID(g.attempt.UpgradeID)).WithService().Only(ctx)
	if err != nil {
		return err
	}
	env, err := g.c.Environment.Get(ctx, g.attempt.EnvironmentID)
	if err != nil {
		return err
	}
	if g.attempts, err = g.c.Attempt.Query().Where(attempt.UpgradeID(up.ID)).IDs(ctx); err != nil {
		return err
	}
	if g.incidents, err = g.c.Incident.Query().Where(incident.AttemptIDIn(g.attempts...)).IDs(ctx); err != nil {
		return err
	}
	g.attempt.Edges.Upgrade, g.attempt.Edges.Environment = up, env
	g.facts.Upgrade = Upgrade{ID: vocab.Upgrade.ID(up.ID), Title: up.Title, Kind: up.Kind, Service: up.Edges.Service.Name}
	g.facts.Attempt = Attempt{
		ID: vocab.Attempt.ID(g.attempt.ID), Number: g.attempt.Number, Status: g.attempt.Status, Environment: env.Name,
		ChangedAreas: g.attempt.ChangedAreas, WindowEnd: record.UTC(g.attempt.WindowEnd), WatchUntil: record.UTC(g.attempt.WatchUntil),
	}
	return nil
}

// ofUpgrade holds for attempts of the upgrade.
func (g *gathering) ofUpgrade() predicate.Attempt { return attempt.UpgradeID(g.attempt.UpgradeID) }

// readEarlier reads the ended attempts of this upgrade and the latest of similar ones: of the same service and kind.
func (g *gathering) readEarlier(ctx context.Context) error {
	up := g.attempt.Edges.Upgrade
	similar := attempt.HasUpgradeWith(upgrade.ServiceID(up.ServiceID), upgrade.KindEQ(up.Kind), upgrade.IDNEQ(up.ID))
	rows, err := g.c.Attempt.Query().
		Where(attempt.IDNEQ(g.attempt.ID), attempt.Or(g.ofUpgrade(), similar), attempt.StartedAtNotNil(), g.recorded()).
		WithUpgrade().Order(ent.Desc(attempt.FieldStartedAt, attempt.FieldID)).Limit(maxSimilar + 50).All(ctx)
	if err != nil {
		return err
	}
	rows = slices.DeleteFunc(rows, func(a *ent.Attempt) bool { return !over(g.attemptStatus(a)) })
	noticed, err := g.noticed(ctx, rows)
	if err != nil {
		return err
	}
	for _, a := range rows {
		n := noticed[a.ID]
		g.facts.Earlier = append(g.facts.Earlier, EarlierAttempt{
			ID: vocab.Attempt.ID(a.ID), Upgrade: a.Edges.Upgrade.Title, Same: a.UpgradeID == g.attempt.UpgradeID, Number: a.Number,
			Status: g.attemptStatus(a), StartedAt: record.UTC(a.StartedAt), EndedAt: record.UTC(a.EndedAt), Summary: a.OutcomeSummary,
			NoticedBy: n.by, NoticedAt: n.at, SharedAreas: shared(a.ChangedAreas, g.attempt.ChangedAreas),
		})
	}
	return nil
}

// over holds for attempts that took place and have ended.
func over(s vocab.AttemptStatus) bool {
	return s == vocab.AttemptStatusSucceeded || failed(s)
}

func (g *gathering) attemptStatus(a *ent.Attempt) vocab.AttemptStatus {
	return vocab.AttemptStatus(g.earlier.state(vocab.Attempt.ID(a.ID), string(a.Status)))
}

// notice is who saw first that something was wrong.
type notice struct {
	by vocab.DetectedBy
	at *time.Time
}

// noticed reads, for each attempt, the first detection among its incidents and its critical and high findings.
func (g *gathering) noticed(ctx context.Context, rows []*ent.Attempt) (map[int]notice, error) {
	ids := make([]int, len(rows))
	started := make(map[int]*time.Time, len(rows))
	for i, a := range rows {
		ids[i], started[a.ID] = a.ID, a.StartedAt
	}
	incidents, err := g.c.Incident.Query().
		Where(incident.AttemptIDIn(ids...), incident.DetectedAtNotNil(), incident.DetectedByNotNil(), g.recorded()).
		Select(incident.FieldAttemptID, incident.FieldDetectedAt, incident.FieldDetectedBy).All(ctx)
	if err != nil {
		return nil, err
	}
	findings, err := g.c.Finding.Query().
		Where(finding.AttemptIDIn(ids...), finding.DetectedAtNotNil(), finding.DetectedByNotNil(),
			finding.SeverityIn(vocab.SeverityCritical, vocab.SeverityHigh), g.recorded()).
		Select(finding.FieldAttemptID, finding.FieldDetectedAt, finding.FieldDetectedBy).All(ctx)
	if err != nil {
		return nil, err
	}
	first := map[int]notice{}
	note := func(id int, at *time.Time, by vocab.DetectedBy) {
		if s := started[id]; s != nil && at.Before(*s) {
			return // it was seen in a test, before the attempt
		}
		was := first[id]
		if was.at == nil || at.Before(*was.at) || (at.Equal(*was.at) && vocab.Rank(by) < vocab.Rank(was.by)) {
			first[id] = notice{by, record.UTC(at)}
		}
	}
	for _, i := range incidents {
		note(*i.AttemptID, i.DetectedAt, i.DetectedBy)
	}
	for _, f := range findings {
		note(*f.AttemptID, f.DetectedAt, f.DetectedBy)
	}
	return first, nil
}

// readWaivers reads the accepted waivers and risk acceptances of the attempt and of what it rests on.
func (g *gathering) readWaivers(ctx context.Context) error {
	ids := make([]int, len(g.facts.Assumptions))
	for i, a := range g.facts.Assumptions {
		ids[i] = a.ID.N
	}
	rows, err := g.c.Decision.Query().
		Where(decision.KindIn(vocab.DecisionKindWaiver, vocab.DecisionKindRiskAcceptance),
			decision.Or(decision.AttemptID(g.attempt.ID), decision.And(decision.AttemptIDIsNil(), decision.AssumptionIDIn(ids...))), g.recorded()).
		Order(ent.Asc(decision.FieldDecidedAt, decision.FieldID)).All(ctx)
	if err != nil {
		return err
	}
	for _, d := range rows {
		id := vocab.Decision.ID(d.ID)
		if g.earlier.state(id, string(d.Status)) != string(vocab.DecisionStatusAccepted) {
			continue
		}
		g.facts.Waivers = append(g.facts.Waivers, Waiver{
			ID: id, Assumption: record.RefOf(vocab.Assumption, d.AssumptionID), Kind: d.Kind, DecidedBy: d.DecidedBy, Rationale: d.Rationale,
			ExpiresAt: record.UTC(d.ExpiresAt),
		})
	}
	return nil
}

// readFindings reads the findings of this upgrade that the change caused or exposed and that are open, and counts those
// that were there before.
func (g *gathering) readFindings(ctx context.Context) error {
	ofUpgrade := finding.Or(finding.AttemptIDIn(g.attempts...), finding.IncidentIDIn(g.incidents...))
	var err error
	g.facts.PreExisting, err = g.c.Finding.Query().
		Where(ofUpgrade, finding.AttributionEQ(vocab.AttributionPreExisting), g.recorded()).Count(ctx)
	if err != nil {
		return err
	}
	rows, err := g.c.Finding.Query().
		Where(ofUpgrade, finding.AttributionIn(vocab.AttributionCausedByChange, vocab.AttributionExposedByChange), g.recorded()).
		WithAttempt().All(ctx)
	if err != nil {
		return err
	}
	for _, f := range rows {
		id := vocab.Finding.ID(f.ID)
		status := vocab.FindingStatus(g.earlier.state(id, string(f.Status)))
		if !unresolved(status) {
			continue
		}
		x := Finding{ID: id, Title: f.Title, Severity: f.Severity, Attribution: f.Attribution, Status: status, Component: f.Component}
		if f.Edges.Attempt != nil {
			x.Number = f.Edges.Attempt.Number
		}
		g.facts.Findings = append(g.facts.Findings, x)
	}
	return nil
}

func unresolved(s vocab.FindingStatus) bool {
	switch s {
	case vocab.FindingStatusReported, vocab.FindingStatusTriaged, vocab.FindingStatusConfirmed:
		return true
	}
	return false
}

// readActions reads the open follow-ups of this upgrade: of its findings, of its reviews, and of lessons learned on it.
func (g *gathering) readActions(ctx context.Context) error {
	findings, err := g.c.Finding.Query().Where(finding.Or(finding.AttemptIDIn(g.attempts...), finding.IncidentIDIn(g.incidents...))).IDs(ctx)
	if err != nil {
		return err
	}
	reviews, err := g.c.Review.Query().
		Where(review.Or(review.HasAttemptsWith(attempt.IDIn(g.attempts...)), review.HasIncidentsWith(incident.IDIn(g.incidents...)))).IDs(ctx)
	if err != nil {
		return err
	}
	lessons, err := g.c.Lesson.Query().
		Where(lesson.Or(lesson.HasFindingsWith(finding.AttemptIDIn(g.attempts...)), lesson.HasIncidentsWith(incident.IDIn(g.incidents...)))).IDs(ctx)
	if err != nil {
		return err
	}
	rows, err := g.c.Action.Query().
		Where(g.recorded(), action.Or(action.FindingIDIn(findings...), action.ReviewIDIn(reviews...), action.LessonIDIn(lessons...))).All(ctx)
	if err != nil {
		return err
	}
	for _, a := range rows {
		id := vocab.Action.ID(a.ID)
		switch status := vocab.ActionStatus(g.earlier.state(id, string(a.Status))); status {
		case vocab.ActionStatusOpen, vocab.ActionStatusInProgress, vocab.ActionStatusIneffective:
			g.facts.Actions = append(g.facts.Actions, Action{ID: id, Title: a.Title, Owner: a.Owner, DueOn: record.UTC(a.DueOn), Status: status})
		}
	}
	return nil
}

// readAssumptions reads what the attempt and its upgrade rest on, and what earlier attempts rested on wrongly.
func (g *gathering) readAssumptions(ctx context.Context) error {
	rows, err := g.c.Assumption.Query().
		Where(assumption.Or(assumption.UpgradeID(g.attempt.UpgradeID), assumption.AttemptIDIn(g.attempts...)), g.recorded()).
		WithEnvironment().All(ctx)
	if err != nil {
		return err
	}
	statuses, err := g.statuses(ctx, rows)
	if err != nil {
		return err
	}
	for _, row := range rows {
		st := statuses[row.ID]
		a := Assumption{
			ID: vocab.Assumption.ID(row.ID), Statement: row.Statement, Importance: row.Importance, Status: st.status, Reason: st.reason,
			Areas: row.Areas, Owner: row.Owner, FalsifiedIf: row.FalsifiedIf, DriftPath: row.DriftPath,
		}
		if row.Edges.Environment != nil {
			a.Environment = row.Edges.Environment.Name
		}
		switch ofThis := row.AttemptID == nil || *row.AttemptID == g.attempt.ID; {
		case st.status == vocab.AssumptionStatusRetired:
		case ofThis:
			g.facts.Assumptions = append(g.facts.Assumptions, a)
		case st.status == vocab.AssumptionStatusFalsified:
			g.facts.Falsified = append(g.facts.Falsified, a)
		}
	}
	return nil
}

// readTripwires reads the wires of every attempt of this upgrade, with the worst reading of each earlier one.
func (g *gathering) readTripwires(ctx context.Context) error {
	rows, err := g.c.Tripwire.Query().
		Where(tripwire.AttemptIDIn(g.attempts...), tripwire.CreatedAtLTE(g.asOf)).WithAttempt().All(ctx)
	if err != nil {
		return err
	}
	worst, err := g.extremes(ctx, rows)
	if err != nil {
		return err
	}
	for _, row := range rows {
		id := vocab.Tripwire.ID(row.ID)
		t := Tripwire{
			ID: id, Signal: row.Signal, Comparator: row.Comparator, Threshold: row.Threshold, Then: row.Then, Number: row.Edges.Attempt.Number,
			Status: vocab.TripwireStatus(g.earlier.state(id, string(row.Status))), Extreme: worst[row.ID],
		}
		if t.Status == vocab.TripwireStatusArmed && row.Deadline != nil && !g.asOf.Before(*row.Deadline) {
			t.Status = vocab.TripwireStatusExpired
		}
		if row.AttemptID == g.attempt.ID {
			g.facts.Tripwires = append(g.facts.Tripwires, t)
		} else {
			g.facts.EarlierTripwires = append(g.facts.EarlierTripwires, t)
		}
	}
	return nil
}

// shared are the areas that both lists name, however they are written.
func shared(a, b []string) []string {
	var both []string
	for _, x := range a {
		if slices.ContainsFunc(b, func(y string) bool { return strings.EqualFold(strings.TrimSpace(x), strings.TrimSpace(y)) }) {
			both = append(both, x)
		}
	}
	return both
}
