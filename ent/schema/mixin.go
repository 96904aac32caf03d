// Package schema is the model: one file per entity, with fields, edges and indexes. It holds no rule and no hook; enum
// words come from package vocab.
package schema

import (
	"strings"

	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"entgo.io/ent/schema/mixin"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Record is mixed into every record that has an id outside.
type Record struct{ mixin.Schema }

// Fields of every record.
func (Record) Fields() []ent.Field {
	return []ent.Field{
		field.Time("created_at").Immutable().Comment("When the record was written, in UTC."),
		field.Time("updated_at").Comment("When the record last changed, in UTC."),
		field.String("created_by").Immutable().Comment("The name of the token or the system part that wrote it."),
		field.Int("version").Default(1).Comment("Counts the changes, from 1; it is the entity tag."),
	}
}

// Indexes of every record: the order of lists, and what changed since.
func (Record) Indexes() []ent.Index {
	return []ent.Index{index.Fields("created_at", "id"), index.Fields("updated_at", "id")}
}

// Knowledge is mixed into records that carry what was learned and may be kept from other teams.
type Knowledge struct{ mixin.Schema }

// Fields of knowledge records.
func (Knowledge) Fields() []ent.Field {
	return []ent.Field{
		field.JSON("tags", []string{}).Default([]string{}).Comment("Free words to find the record by."),
		field.Enum("visibility").GoType(vocab.Visibility("")).Default(string(vocab.VisibilityInternal)).
			Comment("Who may see the record: everyone with a token, or its team only."),
		field.String("team").Default("").Comment("The team that may see the record when it is restricted."),
		field.Bool("sample").Default(false).Comment("True for demonstration data, which figures leave out."),
	}
}

// Annotations of knowledge records.
func (Knowledge) Annotations() []schema.Annotation {
	return []schema.Annotation{checks(oneOf("visibility", vocab.Visibility("")))}
}

// kept marks an optional link whose record may not go while the link stands; ent would empty the link instead.
var kept = entsql.OnDelete(entsql.NoAction)

// words is what the database may hold in a column.
type words struct {
	column string
	list   []string
}

func oneOf[W vocab.Word](column string, list W) words { return words{column, list.Values()} }

// checks makes CHECK constraints, since ent guards enums in Go only and raw SQL would get past it.
// The constraints are named after their column; ent gives each table its own.
func checks(columns ...words) entsql.Annotation {
	constraints := make(map[string]string, len(columns))
	for _, c := range columns {
		constraints[c.column+"_words"] = `"` + c.column + `" IN ('` + strings.Join(c.list, "', '") + "')"
	}
	return entsql.Annotation{Checks: constraints}
}
