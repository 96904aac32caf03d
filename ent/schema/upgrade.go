package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Upgrade is one intent, such as moving a framework from version 2 to 3, whatever the number of tries it takes.
type Upgrade struct{ ent.Schema }

// Mixin of Upgrade.
func (Upgrade) Mixin() []ent.Mixin { return []ent.Mixin{Record{}, Knowledge{}} }

// Fields of Upgrade.
func (Upgrade) Fields() []ent.Field {
	return []ent.Field{
		field.String("title").Comment("What is to be upgraded."),
		field.Enum("kind").GoType(vocab.UpgradeKind("")).Comment("What is changed."),
		field.Int("service_id").Comment("The service upgraded."),
		field.String("from_version").Default("").Comment("The version in use before."),
		field.String("to_version").Default("").Comment("The version wanted."),
		field.String("goal").Default("").Comment("What the upgrade is for."),
		field.Enum("status").GoType(vocab.UpgradeStatus("")).Default(string(vocab.UpgradeStatusProposed)).Comment("The state of the upgrade."),
	}
}

// Edges of Upgrade.
func (Upgrade) Edges() []ent.Edge {
	return []ent.Edge{edge.To("service", Service.Type).Unique().Required().Field("service_id")}
}

// Indexes of Upgrade.
func (Upgrade) Indexes() []ent.Index { return []ent.Index{index.Fields("service_id", "kind")} }

// Annotations of Upgrade.
func (Upgrade) Annotations() []schema.Annotation {
	return []schema.Annotation{checks(oneOf("kind", vocab.UpgradeKind("")), oneOf("status", vocab.UpgradeStatus("")))}
}

// Attempt is one try of an upgrade in one environment.
type Attempt struct{ ent.Schema }

// Mixin of Attempt.
func (Attempt) Mixin() []ent.Mixin { return []ent.Mixin{Record{}, Knowledge{}} }

// Fields of Attempt.
func (Attempt) Fields() []ent.Field {
	return []ent.Field{
		field.Int("upgrade_id").Immutable().Comment("The upgrade tried."),
		field.Int("number").Immutable().Comment("Counts the attempts of the upgrade, from 1."),
		field.Int("environment_id").Comment("Where it is tried."),
		field.String("strategy").Default("").Comment("How this try is meant to go."),
		field.Time("window_start").Optional().Nillable().Comment("When the change may begin."),
		field.Time("window_end").Optional().Nillable().Comment("When the change must be in place."),
		field.Time("watch_until").Optional().Nillable().Comment("How long it is watched before it may be called a success."),
		field.String("release_ref").Default("").Comment("The release deployed: a version, tag or build."),
		field.Time("released_at").Optional().Nillable().Comment("When the release was marked released."),
		field.JSON("changed_areas", []string{}).Default([]string{}).Comment("Components or tables that the change touches."),
		field.Int("users_affected").Optional().Nillable().Comment("How many users were affected; unknown counts as affected once the attempt ran in production."),
		field.String("outcome_summary").Default("").Comment("How it ended, in a few sentences."),
		field.Time("started_at").Optional().Nillable().Comment("When the change began."),
		field.Time("ended_at").Optional().Nillable().Comment("When it ended, either way."),
		field.Enum("status").GoType(vocab.AttemptStatus("")).Default(string(vocab.AttemptStatusPlanned)).Comment("The state of the attempt."),
	}
}

// Edges of Attempt.
func (Attempt) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("upgrade", Upgrade.Type).Unique().Required().Immutable().Field("upgrade_id"),
		edge.To("environment", Environment.Type).Unique().Required().Field("environment_id"),
		edge.From("reviews", Review.Type).Ref("attempts"),
	}
}

// Indexes of Attempt.
func (Attempt) Indexes() []ent.Index {
	return []ent.Index{index.Fields("upgrade_id", "number").Unique(), index.Fields("status"), index.Fields("environment_id")}
}

// Annotations of Attempt.
func (Attempt) Annotations() []schema.Annotation {
	return []schema.Annotation{checks(oneOf("status", vocab.AttemptStatus("")))}
}

// Decision is a choice, with what it was made between and why.
type Decision struct{ ent.Schema }

// Mixin of Decision.
func (Decision) Mixin() []ent.Mixin { return []ent.Mixin{Record{}, Knowledge{}} }

// Fields of Decision.
func (Decision) Fields() []ent.Field {
	return []ent.Field{
		field.Enum("kind").GoType(vocab.DecisionKind("")).Immutable().Comment("What was decided."),
		field.Int("attempt_id").Optional().Nillable().Immutable().Comment("The attempt it is about."),
		field.Int("assumption_id").Optional().Nillable().Immutable().Comment("The assumption whose risk is taken, for a waiver or risk acceptance."),
		field.String("question").Immutable().Comment("What had to be decided."),
		field.JSON("options", []vocab.Option{}).Default([]vocab.Option{}).Immutable().Comment("The choices there were."),
		field.String("chosen").Immutable().Comment("The choice made."),
		field.String("rationale").Immutable().Comment("Why."),
		field.String("dissent").Default("").Immutable().Comment("What speaks against it and who saw it so, by role."),
		field.String("decided_by").Immutable().Comment("Who decided, by role."),
		field.Time("decided_at").Immutable().Comment("When."),
		field.Time("expires_at").Optional().Nillable().Immutable().Comment("When it stops to hold; the clock alone ends it."),
		field.String("brief_hash").Default("").Immutable().Comment("The brief that was known when it was decided."),
		field.String("accepted_by").Default("").Comment("The token that accepted it."),
		field.Enum("status").GoType(vocab.DecisionStatus("")).Default(string(vocab.DecisionStatusProposed)).Comment("The state of the decision as stored; expiry is computed."),
	}
}

// Edges of Decision.
func (Decision) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("attempt", Attempt.Type).Unique().Immutable().Annotations(kept).Field("attempt_id"),
		edge.To("assumption", Assumption.Type).Unique().Immutable().Annotations(kept).Field("assumption_id"),
	}
}

// Indexes of Decision.
func (Decision) Indexes() []ent.Index {
	return []ent.Index{index.Fields("attempt_id"), index.Fields("assumption_id")}
}

// Annotations of Decision.
func (Decision) Annotations() []schema.Annotation {
	return []schema.Annotation{checks(oneOf("kind", vocab.DecisionKind("")), oneOf("status", vocab.DecisionStatus("")))}
}

// Tripwire is a limit agreed before an attempt, with what happens when it is crossed.
type Tripwire struct{ ent.Schema }

// Mixin of Tripwire.
func (Tripwire) Mixin() []ent.Mixin { return []ent.Mixin{Record{}} }

// Fields of Tripwire.
func (Tripwire) Fields() []ent.Field {
	return []ent.Field{
		field.Int("attempt_id").Immutable().Comment("The attempt it guards."),
		field.String("signal").Comment("What is measured."),
		field.Enum("comparator").GoType(vocab.Comparator("")).Comment("How a reading is compared with the threshold."),
		field.Float("threshold").Comment("The limit, in the unit of the signal."),
		field.Int("for_minutes").Default(0).Comment("How long readings must cross the limit without a break; zero trips on the first."),
		field.Time("deadline").Optional().Nillable().Comment("When the watch ends."),
		field.Enum("then").GoType(vocab.TripwireThen("")).Comment("What was agreed to happen on a trip."),
		field.String("agreed_by").Comment("Who agreed, by role."),
		field.Int("revision").Default(1).Comment("Counts the terms, from 1."),
		field.JSON("earlier_terms", []vocab.Terms{}).Default([]vocab.Terms{}).Comment("The terms that an edit of the armed wire replaced, oldest first."),
		field.Time("armed_at").Optional().Nillable().Comment("When it was armed."),
		field.Time("tripped_at").Optional().Nillable().Comment("The time of the reading that tripped it."),
		field.Enum("status").GoType(vocab.TripwireStatus("")).Default(string(vocab.TripwireStatusDraft)).Comment("The state as stored; a passed deadline is computed."),
	}
}

// Edges of Tripwire.
func (Tripwire) Edges() []ent.Edge {
	return []ent.Edge{edge.To("attempt", Attempt.Type).Unique().Required().Immutable().Field("attempt_id")}
}

// Indexes of Tripwire.
func (Tripwire) Indexes() []ent.Index { return []ent.Index{index.Fields("attempt_id")} }

// Annotations of Tripwire.
func (Tripwire) Annotations() []schema.Annotation {
	return []schema.Annotation{checks(
		oneOf("comparator", vocab.Comparator("")), oneOf("then", vocab.TripwireThen("")), oneOf("status", vocab.TripwireStatus("")))}
}

// Reading is one measured value of a tripwire's signal.
type Reading struct{ ent.Schema }

// Fields of Reading.
func (Reading) Fields() []ent.Field {
	return []ent.Field{
		field.Int("tripwire_id").Immutable().Comment("The tripwire read."),
		field.Int("revision").Immutable().Comment("The terms that were in force."),
		field.Float("value").Immutable().Comment("The value, in the unit of the signal."),
		field.Time("at").Immutable().Comment("When it was measured."),
		field.Time("created_at").Immutable().Comment("When it was recorded."),
		field.String("created_by").Immutable().Comment("Who recorded it."),
		field.String("source_key").Optional().Nillable().Immutable().Comment("Names what a source sent, so that it is read once however often it is sent."),
	}
}

// Edges of Reading.
func (Reading) Edges() []ent.Edge {
	return []ent.Edge{edge.To("tripwire", Tripwire.Type).Unique().Required().Immutable().Field("tripwire_id")}
}

// Indexes of Reading.
func (Reading) Indexes() []ent.Index {
	return []ent.Index{index.Fields("tripwire_id", "at"), index.Fields("tripwire_id", "source_key").Unique()}
}

// EffortEntry is hours spent, by role and phase, never by person.
type EffortEntry struct{ ent.Schema }

// Mixin of EffortEntry.
func (EffortEntry) Mixin() []ent.Mixin { return []ent.Mixin{Record{}} }

// Fields of EffortEntry.
func (EffortEntry) Fields() []ent.Field {
	return []ent.Field{
		field.Float("hours").Immutable().Comment("Hours spent; a negative number reverses an earlier entry."),
		field.String("role").Immutable().Comment("The role that spent them."),
		field.Enum("phase").GoType(vocab.EffortPhase("")).Immutable().Comment("The part of the work."),
		field.Int("upgrade_id").Optional().Nillable().Immutable().Comment("The upgrade worked on."),
		field.Int("attempt_id").Optional().Nillable().Immutable().Comment("The attempt worked on."),
		field.Int("reverses_id").Optional().Nillable().Immutable().Comment("The entry that this one takes back."),
		field.String("note").Default("").Immutable().Comment("What was done."),
		field.Time("spent_at").Immutable().Comment("When."),
		field.Bool("sample").Default(false).Immutable().Comment("True for demonstration data, which figures leave out."),
	}
}

// Edges of EffortEntry.
func (EffortEntry) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("upgrade", Upgrade.Type).Unique().Immutable().Annotations(kept).Field("upgrade_id"),
		edge.To("attempt", Attempt.Type).Unique().Immutable().Annotations(kept).Field("attempt_id"),
		edge.To("reversed_by", EffortEntry.Type).StorageKey(edge.Symbol("effort_entries_effort_entries_reverses")).Annotations(kept), // with no way back, ent would tie the two to each other
		edge.From("reverses", EffortEntry.Type).Ref("reversed_by").Unique().Immutable().Field("reverses_id"),
	}
}

// Indexes of EffortEntry.
func (EffortEntry) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("upgrade_id"), index.Fields("attempt_id"),
		index.Fields("reverses_id").Unique().StorageKey("effort_entries_reverses_id_key"),
	}
}

// Annotations of EffortEntry.
func (EffortEntry) Annotations() []schema.Annotation {
	return []schema.Annotation{entsql.Annotation{Table: "effort_entries"}, checks(oneOf("phase", vocab.EffortPhase("")))}
}
