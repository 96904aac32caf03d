package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Service is something that a team runs and upgrades.
type Service struct{ ent.Schema }

// Mixin of Service.
func (Service) Mixin() []ent.Mixin { return []ent.Mixin{Record{}} }

// Fields of Service.
func (Service) Fields() []ent.Field {
	return []ent.Field{
		field.String("name").Comment("The name people use."),
		field.String("slug").Unique().Comment("The name in addresses and labels; made from the name when none is given."),
		field.String("tier").Default("").Comment("How much depends on it, in the team's own words."),
		field.String("owner_team").Default("").Comment("The team that answers for it."),
		field.String("description").Default("").Comment("What it does."),
		field.String("catalog_ref").Default("").Comment("Its entity in a service catalog, such as component:default/shop."),
	}
}

// Environment is a place where a service runs.
type Environment struct{ ent.Schema }

// Mixin of Environment.
func (Environment) Mixin() []ent.Mixin { return []ent.Mixin{Record{}} }

// Fields of Environment.
func (Environment) Fields() []ent.Field {
	return []ent.Field{
		field.String("name").Unique().Comment("The name people use."),
		field.Enum("kind").GoType(vocab.EnvironmentKind("")).Comment("What the environment is for."),
		field.Int("parity_target_id").Optional().Nillable().Comment("The environment this one is meant to equal."),
	}
}

// Edges of Environment.
func (Environment) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("parity_sources", Environment.Type).StorageKey(edge.Symbol("environments_environments_parity_target")).Annotations(kept), // with no way back, ent would tie the two to each other
		edge.From("parity_target", Environment.Type).Ref("parity_sources").Unique().Field("parity_target_id"),
	}
}

// Annotations of Environment.
func (Environment) Annotations() []schema.Annotation {
	return []schema.Annotation{checks(oneOf("kind", vocab.EnvironmentKind("")))}
}

// Runbook is a page that says what to do.
type Runbook struct{ ent.Schema }

// Mixin of Runbook.
func (Runbook) Mixin() []ent.Mixin { return []ent.Mixin{Record{}, Knowledge{}} }

// Fields of Runbook.
func (Runbook) Fields() []ent.Field {
	return []ent.Field{
		field.String("title").Comment("What the runbook is for."),
		field.String("url").Comment("Where it is read."),
		field.Int("service_id").Optional().Nillable().Comment("The service it is about."),
		field.JSON("areas", []string{}).Default([]string{}).Comment("Components or tables it is about."),
		field.JSON("alert_names", []string{}).Default([]string{}).Comment("Alerts that lead to it."),
		field.Time("reviewed_at").Optional().Nillable().Comment("When somebody last found it right."),
		field.Int("review_every_days").Optional().Nillable().Comment("Days after which a review is stale."),
		field.Time("review_due_at").Optional().Nillable().Comment("Derived: reviewed_at plus review_every_days, so that lists can ask for health."),
		field.Enum("link_status").GoType(vocab.LinkStatus("")).Default(string(vocab.LinkStatusUnchecked)).Comment("What the last check of the link found."),
		field.Time("link_checked_at").Optional().Nillable().Comment("When the link was last checked."),
	}
}

// Edges of Runbook.
func (Runbook) Edges() []ent.Edge {
	return []ent.Edge{edge.To("service", Service.Type).Unique().Annotations(kept).Field("service_id")}
}

// Annotations of Runbook.
func (Runbook) Annotations() []schema.Annotation {
	return []schema.Annotation{checks(oneOf("link_status", vocab.LinkStatus("")))}
}

// RecordReference is a link from a record to something outside: an issue, a page, a pull request, a dashboard.
type RecordReference struct{ ent.Schema }

// Mixin of RecordReference.
func (RecordReference) Mixin() []ent.Mixin { return []ent.Mixin{Record{}} }

// Fields of RecordReference.
func (RecordReference) Fields() []ent.Field {
	return []ent.Field{
		field.String("target_kind").Immutable().Comment("The prefix of the record the link belongs to."),
		field.Int("target_id").Immutable().Comment("The number of the record the link belongs to."),
		field.Enum("kind").GoType(vocab.ReferenceKind("")).Comment("What the link points at."),
		field.String("url").Default("").Comment("Where it leads; may be empty when external_key is given."),
		field.String("external_key").Default("").Comment("The name outside, such as a Jira key."),
		field.String("title").Default("").Comment("What a reader sees."),
		field.String("role").Default("").Comment("What the link is to the record, such as tracked in."),
	}
}

// Indexes of RecordReference.
func (RecordReference) Indexes() []ent.Index {
	return []ent.Index{index.Fields("target_kind", "target_id"), index.Fields("external_key")}
}

// Annotations of RecordReference.
func (RecordReference) Annotations() []schema.Annotation {
	return []schema.Annotation{checks(oneOf("kind", vocab.ReferenceKind("")))}
}
