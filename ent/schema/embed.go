package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Embed is a grant to show one record, or what one search finds, on a page of somebody else without a token.
type Embed struct{ ent.Schema }

// Mixin of Embed.
func (Embed) Mixin() []ent.Mixin { return []ent.Mixin{Record{}} }

// Fields of Embed.
func (Embed) Fields() []ent.Field {
	return []ent.Field{
		field.String("target_kind").Default("").Immutable().Comment("The prefix of the record shown; that of environments for a comparison, empty for a search."),
		field.Int("target_id").Default(0).Immutable().Comment("The number of the record shown, or of the base of a comparison; 0 for a search."),
		field.String("query").Default("").Immutable().Comment("The search whose hits are shown, or the target and parameters of a comparison; empty for a record."),
		field.JSON("fields", []string{}).Default([]string{}).Immutable().Comment("The parts of the record that are shown; all when empty."),
		field.JSON("allowed_origins", []string{}).Default([]string{}).Immutable().Comment("The origins whose pages may frame it; none when empty."),
		field.String("team").Default("").Immutable().Comment("The team of a record that was restricted when the grant was made; a record restricted later is not shown."),
		field.Time("expires_at").Immutable().Comment("When it stops to work."),
		field.Time("revoked_at").Optional().Nillable().Comment("When it was revoked."),
		field.String("note").Default("").Immutable().Comment("Where it is used, in the words of whoever made it."),
	}
}

// Indexes of Embed.
func (Embed) Indexes() []ent.Index { return []ent.Index{index.Fields("target_kind", "target_id")} }
