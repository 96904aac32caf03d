package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
)

// Synonym is a group of words that mean the same to a search.
type Synonym struct{ ent.Schema }

// Mixin of Synonym.
func (Synonym) Mixin() []ent.Mixin { return []ent.Mixin{Record{}} }

// Fields of Synonym.
func (Synonym) Fields() []ent.Field {
	return []ent.Field{
		field.JSON("words", []string{}).Default([]string{}).Immutable().Comment("Words, or several words together, that mean the same."),
	}
}
