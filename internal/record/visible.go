package record

import (
	entsql "entgo.io/ent/dialect/sql"

	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Visible narrows a query to the rows that the actor may know of.
type Visible func(actor auth.Actor) func(*entsql.Selector)

// ToAll is for records that are never restricted.
func ToAll(auth.Actor) func(*entsql.Selector) { return func(*entsql.Selector) {} }

// ByTeam is for records that carry their own visibility and team.
func ByTeam(actor auth.Actor) func(*entsql.Selector) {
	return func(s *entsql.Selector) {
		if !actor.SeesAll() {
			s.Where(seen(s, actor))
		}
	}
}

// seen holds for rows of a table with visibility and team that the actor may know of.
func seen(s *entsql.Selector, actor auth.Actor) *entsql.Predicate {
	open := entsql.NEQ(s.C("visibility"), string(vocab.VisibilityRestricted))
	if actor.Team == "" {
		return open
	}
	return entsql.Or(open, entsql.EQ(s.C("team"), actor.Team))
}

// Through is for records that are seen by whoever sees the record that a column points at; an empty column points at none.
func Through(columns map[string]vocab.Kind) Visible {
	return func(actor auth.Actor) func(*entsql.Selector) {
		return func(s *entsql.Selector) {
			if actor.SeesAll() {
				return
			}
			for column, kind := range columns {
				s.Where(entsql.Or(entsql.IsNull(s.C(column)), entsql.In(s.C(column), idsSeen(s, kind, actor))))
			}
		}
	}
}

// ThroughKinds is for records that name another by its prefix in one column and its number in another; an empty prefix names none.
func ThroughKinds(kindColumn, idColumn string) Visible {
	return func(actor auth.Actor) func(*entsql.Selector) {
		return func(s *entsql.Selector) {
			if actor.SeesAll() {
				return
			}
			anyOf := []*entsql.Predicate{entsql.EQ(s.C(kindColumn), "")}
			for _, kind := range vocab.Kinds() {
				named := entsql.EQ(s.C(kindColumn), kind.Prefix)
				if Restrictable(kind) {
					named = entsql.And(named, entsql.In(s.C(idColumn), idsSeen(s, kind, actor)))
				}
				anyOf = append(anyOf, named)
			}
			s.Where(entsql.Or(anyOf...))
		}
	}
}

// idsSeen selects the numbers of the records of a kind that the actor may know of.
func idsSeen(s *entsql.Selector, kind vocab.Kind, actor auth.Actor) *entsql.Selector {
	t := entsql.Dialect(s.Dialect()).Table(kind.Table)
	ids := entsql.Dialect(s.Dialect()).Select(t.C("id")).From(t)
	if parent, child := parents[kind]; child {
		for column, of := range parent {
			ids.Where(entsql.Or(entsql.IsNull(ids.C(column)), entsql.In(ids.C(column), idsSeen(ids, of, actor))))
		}
		return ids
	}
	return ids.Where(seen(ids, actor))
}

// parents says, for each kind whose records are seen through another, which columns lead there.
var parents = map[vocab.Kind]map[string]vocab.Kind{
	vocab.Evidence: {"assumption_id": vocab.Assumption},
	vocab.Tripwire: {"attempt_id": vocab.Attempt},
	vocab.Event:    {"attempt_id": vocab.Attempt, "incident_id": vocab.Incident, "finding_id": vocab.Finding},
	vocab.Effort:   {"attempt_id": vocab.Attempt, "upgrade_id": vocab.Upgrade},
}

// ThroughParent is Through with the columns that lead from a kind to the records it belongs to.
func ThroughParent(kind vocab.Kind) Visible { return Through(parents[kind]) }

// Restrictable says whether records of a kind can be kept from other teams, by themselves or through another record.
func Restrictable(kind vocab.Kind) bool {
	switch kind {
	case vocab.Upgrade, vocab.Attempt, vocab.Assumption, vocab.Finding, vocab.Lesson, vocab.Incident, vocab.Decision,
		vocab.Action, vocab.Review, vocab.Runbook:
		return true
	}
	_, child := parents[kind]
	return child
}

// visibleKind narrows a query on the table of a kind to what the actor may know of.
func visibleKind(kind vocab.Kind, actor auth.Actor) func(*entsql.Selector) {
	if !Restrictable(kind) {
		return ToAll(actor)
	}
	if _, child := parents[kind]; child {
		return ThroughParent(kind)(actor)
	}
	return ByTeam(actor)
}

// Both is for records that are seen by whoever may know of two other records.
func Both(a, b Visible) Visible {
	return func(actor auth.Actor) func(*entsql.Selector) {
		return func(s *entsql.Selector) {
			a(actor)(s)
			b(actor)(s)
		}
	}
}
