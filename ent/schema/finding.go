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

// Finding is something observed that was not expected.
type Finding struct{ ent.Schema }

// Mixin of Finding.
func (Finding) Mixin() []ent.Mixin { return []ent.Mixin{Record{}, Knowledge{}} }

// Fields of Finding.
func (Finding) Fields() []ent.Field {
	return []ent.Field{
		field.String("title").Comment("What was seen, in one line."),
		field.Int("attempt_id").Optional().Nillable().Comment("The attempt it was seen on."),
		field.Int("incident_id").Optional().Nillable().Comment("The incident it belongs to."),
		field.Int("service_id").Optional().Nillable().Comment("The service it was seen in."),
		field.String("component").Default("").Comment("The part of the service."),
		field.String("observed").Default("").Comment("What happened."),
		field.String("expected").Default("").Comment("What was expected."),
		field.Enum("severity").GoType(vocab.Severity("")).Comment("The impact."),
		field.Enum("priority").GoType(vocab.Priority("")).Optional().Comment("The order of work."),
		field.Enum("detected_by").GoType(vocab.DetectedBy("")).Optional().Comment("Who noticed first."),
		field.Time("detected_at").Optional().Nillable().Comment("When it was noticed."),
		field.Int("environment_id").Optional().Nillable().Comment("Where it was seen."),
		field.Enum("attribution").GoType(vocab.Attribution("")).Default(string(vocab.AttributionUndetermined)).Comment("How it relates to the change."),
		field.Enum("attribution_basis").GoType(vocab.AttributionBasis("")).Optional().Comment("What the attribution rests on."),
		field.String("workaround").Default("").Comment("What helps until it is resolved."),
		field.Enum("status").GoType(vocab.FindingStatus("")).Default(string(vocab.FindingStatusReported)).Comment("The state of the finding."),
	}
}

// Edges of Finding.
func (Finding) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("attempt", Attempt.Type).Unique().Annotations(kept).Field("attempt_id"),
		edge.To("incident", Incident.Type).Unique().Annotations(kept).Field("incident_id"),
		edge.To("service", Service.Type).Unique().Annotations(kept).Field("service_id"),
		edge.To("environment", Environment.Type).Unique().Annotations(kept).Field("environment_id"),
		edge.To("assumptions", Assumption.Type),
		edge.From("lessons", Lesson.Type).Ref("findings"),
	}
}

// Indexes of Finding.
func (Finding) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("attempt_id"), index.Fields("incident_id"), index.Fields("service_id", "component"),
		index.Fields("status"), index.Fields("attribution"),
	}
}

// Annotations of Finding.
func (Finding) Annotations() []schema.Annotation {
	return []schema.Annotation{checks(
		oneOf("severity", vocab.Severity("")), oneOf("priority", vocab.Priority("")), oneOf("detected_by", vocab.DetectedBy("")),
		oneOf("attribution", vocab.Attribution("")), oneOf("attribution_basis", vocab.AttributionBasis("")), oneOf("status", vocab.FindingStatus("")))}
}

// Recurrence says that a finding or incident came back.
type Recurrence struct{ ent.Schema }

// Mixin of Recurrence.
func (Recurrence) Mixin() []ent.Mixin { return []ent.Mixin{Record{}} }

// Fields of Recurrence.
func (Recurrence) Fields() []ent.Field {
	return []ent.Field{
		field.String("from_kind").Immutable().Comment("The prefix of the earlier record."),
		field.Int("from_id").Immutable().Comment("The number of the earlier record."),
		field.String("to_kind").Immutable().Comment("The prefix of the later record."),
		field.Int("to_id").Immutable().Comment("The number of the later record."),
		field.Enum("kind").GoType(vocab.RecurrenceKind("")).Comment("In what way it came back."),
		field.String("explanation").Default("").Comment("What the two have in common."),
		field.Enum("status").GoType(vocab.RecurrenceStatus("")).Default(string(vocab.RecurrenceStatusSuggested)).Comment("Whether people agree; a rejected pair never returns."),
	}
}

// Indexes of Recurrence.
func (Recurrence) Indexes() []ent.Index {
	return []ent.Index{index.Fields("from_kind", "from_id", "to_kind", "to_id").Unique(), index.Fields("to_kind", "to_id")}
}

// Annotations of Recurrence.
func (Recurrence) Annotations() []schema.Annotation {
	return []schema.Annotation{checks(oneOf("kind", vocab.RecurrenceKind("")), oneOf("status", vocab.RecurrenceStatus("")))}
}

// Incident is harm to users, or harm that was close.
type Incident struct{ ent.Schema }

// Mixin of Incident.
func (Incident) Mixin() []ent.Mixin { return []ent.Mixin{Record{}, Knowledge{}} }

// Fields of Incident.
func (Incident) Fields() []ent.Field {
	return []ent.Field{
		field.String("title").Comment("What happened, in one line."),
		field.Enum("severity").GoType(vocab.Severity("")).Comment("The impact."),
		field.Enum("priority").GoType(vocab.Priority("")).Optional().Comment("The order of work."),
		field.Int("service_id").Optional().Nillable().Comment("The service harmed."),
		field.Int("attempt_id").Optional().Nillable().Comment("The attempt it happened on."),
		field.Enum("attempt_relation").GoType(vocab.AttemptRelation("")).Optional().Comment("Whether the attempt triggered it."),
		field.String("impact").Default("").Comment("Who was harmed and how."),
		field.Time("impact_start").Optional().Nillable().Comment("When the harm began."),
		field.Time("impact_end").Optional().Nillable().Comment("When it was over."),
		field.Time("detected_at").Optional().Nillable().Comment("When it was noticed."),
		field.Enum("detected_by").GoType(vocab.DetectedBy("")).Optional().Comment("Who noticed first."),
		field.Bool("near_miss").Default(false).Comment("True when harm was close and did not happen."),
		field.Enum("status").GoType(vocab.IncidentStatus("")).Default(string(vocab.IncidentStatusOpen)).Comment("The state of the incident."),
	}
}

// Edges of Incident.
func (Incident) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("service", Service.Type).Unique().Annotations(kept).Field("service_id"),
		edge.To("attempt", Attempt.Type).Unique().Annotations(kept).Field("attempt_id"),
		edge.From("lessons", Lesson.Type).Ref("incidents"),
		edge.From("reviews", Review.Type).Ref("incidents"),
	}
}

// Indexes of Incident.
func (Incident) Indexes() []ent.Index {
	return []ent.Index{index.Fields("attempt_id"), index.Fields("service_id"), index.Fields("status")}
}

// Annotations of Incident.
func (Incident) Annotations() []schema.Annotation {
	return []schema.Annotation{checks(
		oneOf("severity", vocab.Severity("")), oneOf("priority", vocab.Priority("")), oneOf("attempt_relation", vocab.AttemptRelation("")),
		oneOf("detected_by", vocab.DetectedBy("")), oneOf("status", vocab.IncidentStatus("")))}
}

// Event is an entry of the timeline of an attempt, an incident or a finding. It is never edited; a correction supersedes it.
type Event struct{ ent.Schema }

// Mixin of Event.
func (Event) Mixin() []ent.Mixin { return []ent.Mixin{Record{}} }

// Fields of Event.
func (Event) Fields() []ent.Field {
	return []ent.Field{
		field.Int("attempt_id").Optional().Nillable().Immutable().Comment("The attempt it is an event of."),
		field.Int("incident_id").Optional().Nillable().Immutable().Comment("The incident it is an event of."),
		field.Int("finding_id").Optional().Nillable().Immutable().Comment("The finding it is an event of, for comments that came from an issue tracker."),
		field.Time("occurred_at").Immutable().Comment("When it happened, which may be long before it was recorded."),
		field.Enum("kind").GoType(vocab.EventKind("")).Immutable().Comment("What it records."),
		field.String("text").Immutable().Comment("What happened."),
		field.String("source").Default("").Immutable().Comment("Where it was seen: a dashboard, a role, a channel."),
		field.Bool("acted_on").Default(false).Immutable().Comment("True when something was done because of it."),
		field.Int("supersedes_id").Optional().Nillable().Immutable().Comment("The event that this one corrects."),
		field.String("external_key").Default("").Immutable().Comment("Its name where it came from, so that it is recorded once."),
	}
}

// Edges of Event.
func (Event) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("attempt", Attempt.Type).Unique().Immutable().Annotations(kept).Field("attempt_id"),
		edge.To("incident", Incident.Type).Unique().Immutable().Annotations(kept).Field("incident_id"),
		edge.To("finding", Finding.Type).Unique().Immutable().Annotations(kept).Field("finding_id"),
		edge.To("superseded_by", Event.Type).StorageKey(edge.Symbol("events_events_supersedes")).Annotations(kept), // with no way back, ent would tie the two to each other
		edge.From("supersedes", Event.Type).Ref("superseded_by").Unique().Immutable().Field("supersedes_id"),
	}
}

// Indexes of Event.
func (Event) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("attempt_id", "occurred_at"), index.Fields("incident_id", "occurred_at"), index.Fields("finding_id", "occurred_at"),
		index.Fields("supersedes_id").Unique().StorageKey("events_supersedes_id_key"),
	}
}

// Annotations of Event.
func (Event) Annotations() []schema.Annotation {
	return []schema.Annotation{entsql.Annotation{Table: "events"}, checks(oneOf("kind", vocab.EventKind("")))}
}
