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
		field.String("link_detail").Default("").Comment("What the last check met, such as the status of the answer."),
		field.String("link_final_url").Default("").Comment("Where the link led to in the end; empty unless it was redirected."),
		field.Int("link_failures").Default(0).Comment("How often in a row the page was not there."),
		field.Time("link_failing_since").Optional().Nillable().Comment("When the page was first not there, as long as it is not."),
		field.Time("link_next_check_at").Optional().Nillable().Comment("When the link is to be checked next; at once when empty."),
		field.JSON("match_rules", []vocab.RunbookRule{}).Default([]vocab.RunbookRule{}).Comment("What a finding or incident must be like for the runbook to be for it; any rule will do."),
		field.String("body").Default("").Comment("What the page says, as Markdown, where it was imported."),
		field.String("content_hash").Default("").Comment("Derived: SHA-256 over the body, in hexadecimal; empty without one."),
		field.Time("content_changed_at").Optional().Nillable().Comment("When the body was last found changed."),
		field.String("import_key").Optional().Nillable().Unique().Comment("Names the file or catalog link it was imported from; a second import finds it."),
	}
}

// Edges of Runbook.
func (Runbook) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("service", Service.Type).Unique().Annotations(kept).Field("service_id"),
		edge.To("feedback", RunbookFeedback.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
	}
}

// Indexes of Runbook.
func (Runbook) Indexes() []ent.Index { return []ent.Index{index.Fields("link_next_check_at")} }

// Annotations of Runbook.
func (Runbook) Annotations() []schema.Annotation {
	return []schema.Annotation{checks(oneOf("link_status", vocab.LinkStatus("")))}
}

// RunbookFeedback is what somebody who used a runbook says of it. Entries are only ever added.
type RunbookFeedback struct{ ent.Schema }

// Fields of RunbookFeedback.
func (RunbookFeedback) Fields() []ent.Field {
	return []ent.Field{
		field.Int("runbook_id").Immutable().Comment("The runbook that was used."),
		field.Enum("verdict").GoType(vocab.RunbookVerdict("")).Immutable().Comment("What the use of it showed."),
		field.String("used_for_kind").Default("").Immutable().Comment("The prefix of the finding, incident or attempt it was used for; empty when it is not said."),
		field.Int("used_for_id").Default(0).Immutable().Comment("The number of the record it was used for."),
		field.String("note").Default("").Immutable().Comment("What helped, or what is wrong with the page."),
		field.Time("created_at").Immutable().Comment("When it was said, in UTC."),
		field.String("created_by").Immutable().Comment("The token that said it."),
	}
}

// Edges of RunbookFeedback.
func (RunbookFeedback) Edges() []ent.Edge {
	return []ent.Edge{edge.From("runbook", Runbook.Type).Ref("feedback").Unique().Required().Immutable().Field("runbook_id")}
}

// Indexes of RunbookFeedback.
func (RunbookFeedback) Indexes() []ent.Index { return []ent.Index{index.Fields("runbook_id", "id")} }

// Annotations of RunbookFeedback.
func (RunbookFeedback) Annotations() []schema.Annotation {
	return []schema.Annotation{entsql.Annotation{Table: "runbook_feedback"}, checks(oneOf("verdict", vocab.RunbookVerdict("")))}
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
