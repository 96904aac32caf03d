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

// Lesson is a practice learned, with the moment it is for.
type Lesson struct{ ent.Schema }

// Mixin of Lesson.
func (Lesson) Mixin() []ent.Mixin { return []ent.Mixin{Record{}, Knowledge{}} }

// Fields of Lesson.
func (Lesson) Fields() []ent.Field {
	return []ent.Field{
		field.String("title").Comment("The lesson in one line."),
		field.String("when").Comment("The trigger: when to remember it."),
		field.String("then").Comment("The practice: what to do."),
		field.String("because").Default("").Comment("What happened without it."),
		field.String("check").Default("").Comment("How to see that it was done."),
		field.String("success_criterion").Default("").Comment("How to see that it helped."),
		field.JSON("applies_to", vocab.AppliesTo{}).Default(vocab.AppliesTo{}).Comment("Which attempts it is for."),
		field.Time("review_by").Optional().Nillable().Comment("When it must be looked at again; after that it is stale."),
		field.Int("supersedes_id").Optional().Nillable().Comment("The lesson it takes the place of."),
		field.Enum("status").GoType(vocab.LessonStatus("")).Default(string(vocab.LessonStatusDraft)).Comment("The state of the lesson."),
	}
}

// Edges of Lesson.
func (Lesson) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("findings", Finding.Type),
		edge.To("assumptions", Assumption.Type),
		edge.To("incidents", Incident.Type),
		edge.To("superseded_by", Lesson.Type).StorageKey(edge.Symbol("lessons_lessons_supersedes")).Annotations(kept), // with no way back, ent would tie the two to each other
		edge.From("supersedes", Lesson.Type).Ref("superseded_by").Unique().Field("supersedes_id"),
	}
}

// Indexes of Lesson.
func (Lesson) Indexes() []ent.Index { return []ent.Index{index.Fields("status")} }

// Annotations of Lesson.
func (Lesson) Annotations() []schema.Annotation {
	return []schema.Annotation{checks(oneOf("status", vocab.LessonStatus("")))}
}

// LessonScope is one value of a lesson's applies_to, in a form that can be looked up.
type LessonScope struct{ ent.Schema }

// Fields of LessonScope.
func (LessonScope) Fields() []ent.Field {
	return []ent.Field{
		field.Int("lesson_id").Immutable().Comment("The lesson."),
		field.String("dimension").Immutable().Comment("The dimension: kind, service, area, tag, or learned_on for an empty applies_to."),
		field.String("value").Immutable().Comment("The value, lower-cased; an id by its number."),
	}
}

// Edges of LessonScope.
func (LessonScope) Edges() []ent.Edge {
	return []ent.Edge{edge.To("lesson", Lesson.Type).Unique().Required().Immutable().Field("lesson_id").
		Annotations(entsql.OnDelete(entsql.Cascade))}
}

// Indexes of LessonScope.
func (LessonScope) Indexes() []ent.Index {
	return []ent.Index{index.Fields("dimension", "value"), index.Fields("lesson_id")}
}

// LessonApplication is a lesson shown to an attempt, and the team's answer.
type LessonApplication struct{ ent.Schema }

// Mixin of LessonApplication.
func (LessonApplication) Mixin() []ent.Mixin { return []ent.Mixin{Record{}} }

// Fields of LessonApplication.
func (LessonApplication) Fields() []ent.Field {
	return []ent.Field{
		field.Int("lesson_id").Immutable().Comment("The lesson."),
		field.Int("attempt_id").Immutable().Comment("The attempt it was shown to."),
		field.Enum("response").GoType(vocab.LessonResponse("")).Optional().Comment("The answer."),
		field.String("reason").Default("").Comment("Why it was not applied."),
		field.Enum("outcome").GoType(vocab.LessonOutcome("")).Optional().Comment("What became of it once the attempt had ended."),
		field.Time("answered_at").Optional().Nillable().Comment("When it was answered."),
		field.String("answered_by").Default("").Comment("Who answered."),
		field.Time("assessed_at").Optional().Nillable().Comment("When its outcome was recorded."),
		field.Enum("status").GoType(vocab.ApplicationStatus("")).Default(string(vocab.ApplicationStatusSurfaced)).Comment("The state of the answer."),
	}
}

// Edges of LessonApplication.
func (LessonApplication) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("lesson", Lesson.Type).Unique().Required().Immutable().Field("lesson_id"),
		edge.To("attempt", Attempt.Type).Unique().Required().Immutable().Field("attempt_id"),
	}
}

// Indexes of LessonApplication.
func (LessonApplication) Indexes() []ent.Index {
	return []ent.Index{index.Fields("attempt_id", "lesson_id").Unique(), index.Fields("lesson_id")}
}

// Annotations of LessonApplication.
func (LessonApplication) Annotations() []schema.Annotation {
	return []schema.Annotation{checks(
		oneOf("response", vocab.LessonResponse("")), oneOf("outcome", vocab.LessonOutcome("")), oneOf("status", vocab.ApplicationStatus("")))}
}

// Action is a follow-up with an owner and a criterion for done.
type Action struct{ ent.Schema }

// Mixin of Action.
func (Action) Mixin() []ent.Mixin { return []ent.Mixin{Record{}, Knowledge{}} }

// Fields of Action.
func (Action) Fields() []ent.Field {
	return []ent.Field{
		field.String("title").Comment("What is to be done."),
		field.String("done_criterion").Comment("How to see that it is done."),
		field.String("owner").Comment("Who does it, by role or team."),
		field.Time("due_on").Optional().Nillable().Comment("The day it is due; it is overdue from the next day on, in UTC."),
		field.Enum("priority").GoType(vocab.Priority("")).Optional().Comment("The order of work."),
		field.Enum("kind").GoType(vocab.ActionKind("")).Optional().Comment("What it is meant to do."),
		field.Int("finding_id").Optional().Nillable().Comment("The finding it follows up."),
		field.Int("lesson_id").Optional().Nillable().Comment("The lesson it follows up."),
		field.Int("review_id").Optional().Nillable().Comment("The review it came from."),
		field.Enum("status").GoType(vocab.ActionStatus("")).Default(string(vocab.ActionStatusOpen)).Comment("The state of the action."),
	}
}

// Edges of Action.
func (Action) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("finding", Finding.Type).Unique().Annotations(kept).Field("finding_id"),
		edge.To("lesson", Lesson.Type).Unique().Annotations(kept).Field("lesson_id"),
		edge.To("review", Review.Type).Unique().Annotations(kept).Field("review_id"),
	}
}

// Indexes of Action.
func (Action) Indexes() []ent.Index {
	return []ent.Index{index.Fields("finding_id"), index.Fields("lesson_id"), index.Fields("review_id"), index.Fields("status", "due_on")}
}

// Annotations of Action.
func (Action) Annotations() []schema.Annotation {
	return []schema.Annotation{checks(oneOf("priority", vocab.Priority("")), oneOf("kind", vocab.ActionKind("")), oneOf("status", vocab.ActionStatus("")))}
}

// Review is what a team wrote down after an attempt or an incident.
type Review struct{ ent.Schema }

// Mixin of Review.
func (Review) Mixin() []ent.Mixin { return []ent.Mixin{Record{}, Knowledge{}} }

// Fields of Review.
func (Review) Fields() []ent.Field {
	return []ent.Field{
		field.String("title").Comment("What is reviewed."),
		field.String("summary").Default("").Comment("What happened, in a paragraph."),
		field.String("impact").Default("").Comment("Who was harmed and how."),
		field.String("went_well").Default("").Comment("What helped."),
		field.String("went_poorly").Default("").Comment("What did not."),
		field.String("lucky").Default("").Comment("Where it could have been worse."),
		field.String("body").Default("").Comment("Text of an imported review that belongs to no other field."),
		field.JSON("contributing_factors", []vocab.Factor{}).Default([]vocab.Factor{}).Comment("The conditions that together made it possible."),
		field.JSON("participants", []string{}).Default([]string{}).Comment("The roles that took part."),
		field.JSON("amendments", []vocab.Amendment{}).Default([]vocab.Amendment{}).Comment("The changes since it was published, oldest first."),
		field.Time("published_at").Optional().Nillable().Comment("When it was published."),
		field.String("import_key").Optional().Nillable().Unique().Comment("The content key of the file it was imported from; a second import finds it."),
		field.Enum("status").GoType(vocab.ReviewStatus("")).Default(string(vocab.ReviewStatusDraft)).Comment("The state of the review."),
	}
}

// Edges of Review.
func (Review) Edges() []ent.Edge {
	return []ent.Edge{edge.To("attempts", Attempt.Type), edge.To("incidents", Incident.Type)}
}

// Annotations of Review.
func (Review) Annotations() []schema.Annotation {
	return []schema.Annotation{checks(oneOf("status", vocab.ReviewStatus("")))}
}
