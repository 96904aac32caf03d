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

// Assumption is something taken for granted by an attempt or an upgrade.
type Assumption struct{ ent.Schema }

// Mixin of Assumption.
func (Assumption) Mixin() []ent.Mixin { return []ent.Mixin{Record{}, Knowledge{}} }

// Fields of Assumption.
func (Assumption) Fields() []ent.Field {
	return []ent.Field{
		field.String("statement").Comment("What is taken for granted."),
		field.Int("attempt_id").Optional().Nillable().Comment("The attempt that rests on it."),
		field.Int("upgrade_id").Optional().Nillable().Comment("The upgrade that rests on it, for every attempt."),
		field.Int("environment_id").Optional().Nillable().Comment("The environment it is about; evidence from elsewhere proves nothing."),
		field.Enum("importance").GoType(vocab.Importance("")).Comment("How much rests on it."),
		field.Enum("category").GoType(vocab.AssumptionCategory("")).Optional().Comment("What it is about."),
		field.String("falsified_if").Default("").Comment("What would show that it is wrong."),
		field.Int("valid_for_days").Optional().Nillable().Comment("Days that evidence stays fresh; without it, evidence does not age."),
		field.String("owner").Default("").Comment("Who is to check it, by role."),
		field.JSON("areas", []string{}).Default([]string{}).Comment("Components or tables it covers."),
		field.Enum("origin").GoType(vocab.AssumptionOrigin("")).Default(string(vocab.AssumptionOriginManual)).Comment("Where it came from."),
		field.String("drift_path").Default("").Comment("The path of a drift item it was made from."),
		field.Enum("evidence_status").GoType(vocab.AssumptionStatus("")).Default(string(vocab.AssumptionStatusUnverified)).
			Comment("Derived from the evidence at each write of evidence, so that lists can ask for it; expiry is left to the clock."),
		field.Enum("evidence_reason").GoType(vocab.StatusReason("")).Default(string(vocab.StatusReasonNoEvidence)).Comment("Derived: why it has that status."),
		field.Time("verified_until").Optional().Nillable().Comment("Derived: when a verified assumption expires by the clock."),
		field.Time("area_changed_at").Optional().Nillable().Comment("When a snapshot last showed a change in one of its areas; older evidence no longer holds."),
		field.Time("retired_at").Optional().Nillable().Comment("When it was retired; a retired assumption is no longer asked about."),
	}
}

// Edges of Assumption.
func (Assumption) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("attempt", Attempt.Type).Unique().Annotations(kept).Field("attempt_id"),
		edge.To("upgrade", Upgrade.Type).Unique().Annotations(kept).Field("upgrade_id"),
		edge.To("environment", Environment.Type).Unique().Annotations(kept).Field("environment_id"),
		edge.From("findings", Finding.Type).Ref("assumptions"),
		edge.From("lessons", Lesson.Type).Ref("assumptions"),
	}
}

// Indexes of Assumption.
func (Assumption) Indexes() []ent.Index {
	return []ent.Index{index.Fields("attempt_id"), index.Fields("upgrade_id"), index.Fields("environment_id"), index.Fields("evidence_status")}
}

// Annotations of Assumption.
func (Assumption) Annotations() []schema.Annotation {
	return []schema.Annotation{checks(
		oneOf("importance", vocab.Importance("")), oneOf("category", vocab.AssumptionCategory("")), oneOf("origin", vocab.AssumptionOrigin("")),
		oneOf("evidence_status", vocab.AssumptionStatus("")), oneOf("evidence_reason", vocab.StatusReason("")))}
}

// Evidence is an observation that speaks for or against an assumption. It is never edited; it can be withdrawn.
type Evidence struct{ ent.Schema }

// Mixin of Evidence.
func (Evidence) Mixin() []ent.Mixin { return []ent.Mixin{Record{}} }

// Fields of Evidence.
func (Evidence) Fields() []ent.Field {
	return []ent.Field{
		field.Int("assumption_id").Immutable().Comment("The assumption it is about."),
		field.Enum("result").GoType(vocab.EvidenceResult("")).Immutable().Comment("What it does to the assumption."),
		field.Int("environment_id").Immutable().Comment("Where it was observed."),
		field.Time("observed_at").Immutable().Comment("When it was observed, which may be long before it was recorded."),
		field.String("summary").Immutable().Comment("What was seen."),
		field.String("method").Default("").Immutable().Comment("How it was observed; a later run of the same method answers the earlier one."),
		field.String("url").Default("").Immutable().Comment("Where it can be read."),
		field.Time("withdrawn_at").Optional().Nillable().Comment("When it was withdrawn; withdrawn evidence counts for nothing."),
		field.String("withdrawn_by").Default("").Comment("Who withdrew it."),
		field.String("withdrawn_reason").Default("").Comment("Why."),
	}
}

// Edges of Evidence.
func (Evidence) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("assumption", Assumption.Type).Unique().Required().Immutable().Field("assumption_id"),
		edge.To("environment", Environment.Type).Unique().Required().Immutable().Field("environment_id"),
	}
}

// Indexes of Evidence.
func (Evidence) Indexes() []ent.Index {
	return []ent.Index{index.Fields("assumption_id", "observed_at")}
}

// Annotations of Evidence.
func (Evidence) Annotations() []schema.Annotation {
	return []schema.Annotation{entsql.Annotation{Table: "evidence"}, checks(oneOf("result", vocab.EvidenceResult("")))}
}

// Snapshot says what an environment was like at one time. Its items are kept apart and shared between snapshots.
type Snapshot struct{ ent.Schema }

// Mixin of Snapshot.
func (Snapshot) Mixin() []ent.Mixin { return []ent.Mixin{Record{}} }

// Fields of Snapshot.
func (Snapshot) Fields() []ent.Field {
	return []ent.Field{
		field.Int("environment_id").Immutable().Comment("The environment captured."),
		field.Enum("kind").GoType(vocab.SnapshotKind("")).Immutable().Comment("What it describes."),
		field.Time("captured_at").Immutable().Comment("When it was captured."),
		field.Time("last_seen_at").Comment("When a capture last gave the same facts."),
		field.String("tool").Default("").Immutable().Comment("What captured it."),
		field.String("content_hash").Immutable().Comment("SHA-256 over the canonical items: equal facts have an equal hash."),
		field.Int("item_count").Immutable().Comment("How many items it has."),
	}
}

// Edges of Snapshot.
func (Snapshot) Edges() []ent.Edge {
	return []ent.Edge{edge.To("environment", Environment.Type).Unique().Required().Immutable().Field("environment_id")}
}

// Indexes of Snapshot.
func (Snapshot) Indexes() []ent.Index {
	return []ent.Index{index.Fields("environment_id", "kind", "id")}
}

// Annotations of Snapshot.
func (Snapshot) Annotations() []schema.Annotation {
	return []schema.Annotation{checks(oneOf("kind", vocab.SnapshotKind("")))}
}

// DriftIgnore is a difference that a team has looked at and accepted, for a reason and for a time.
type DriftIgnore struct{ ent.Schema }

// Mixin of DriftIgnore.
func (DriftIgnore) Mixin() []ent.Mixin { return []ent.Mixin{Record{}} }

// Fields of DriftIgnore.
func (DriftIgnore) Fields() []ent.Field {
	return []ent.Field{
		field.Int("environment_id").Immutable().Comment("The environment that may differ, on either side of a comparison."),
		field.Enum("kind").GoType(vocab.SnapshotKind("")).Optional().Nillable().Comment("The kind of snapshots it is about; every kind when empty."),
		field.String("pattern").Comment("Matched against whole paths: * for any part of a segment, ** for any number of segments, ? for one character."),
		field.String("reason").Comment("Why the difference is accepted."),
		field.Time("expires_at").Optional().Nillable().Comment("When it stops to hide anything; never when empty."),
	}
}

// Edges of DriftIgnore.
func (DriftIgnore) Edges() []ent.Edge {
	return []ent.Edge{edge.To("environment", Environment.Type).Unique().Required().Immutable().Field("environment_id")}
}

// Indexes of DriftIgnore.
func (DriftIgnore) Indexes() []ent.Index { return []ent.Index{index.Fields("environment_id")} }

// Annotations of DriftIgnore.
func (DriftIgnore) Annotations() []schema.Annotation {
	return []schema.Annotation{checks(oneOf("kind", vocab.SnapshotKind("")))}
}

// SnapshotItem is a fact about an environment and the run of snapshots it held in, so that a snapshot that differs
// little from the one before costs little.
type SnapshotItem struct{ ent.Schema }

// Fields of SnapshotItem.
func (SnapshotItem) Fields() []ent.Field {
	return []ent.Field{
		field.Int("environment_id").Immutable().Comment("The environment described."),
		field.Enum("kind").GoType(vocab.SnapshotKind("")).Immutable().Comment("What kind of snapshot it belongs to."),
		field.String("path").Immutable().Comment("Where the fact stands, as in table/sessions/index/user_last_seen."),
		field.Bytes("value").Immutable().Comment("The fact as canonical JSON."),
		field.Int("since_snapshot_id").Immutable().Comment("The first snapshot that has it."),
		field.Int("until_snapshot_id").Optional().Nillable().Comment("The first later snapshot that does not; empty while it holds."),
	}
}

// Indexes of SnapshotItem.
func (SnapshotItem) Indexes() []ent.Index {
	return []ent.Index{index.Fields("environment_id", "kind", "path", "since_snapshot_id"), index.Fields("environment_id", "kind", "until_snapshot_id")}
}

// Annotations of SnapshotItem.
func (SnapshotItem) Annotations() []schema.Annotation {
	return []schema.Annotation{checks(oneOf("kind", vocab.SnapshotKind("")))}
}
