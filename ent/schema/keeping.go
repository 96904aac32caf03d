package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Transition is a move of a record from one state to another.
type Transition struct{ ent.Schema }

// Fields of Transition.
func (Transition) Fields() []ent.Field {
	return []ent.Field{
		field.String("target_kind").Immutable().Comment("The prefix of the record that moved."),
		field.Int("target_id").Immutable().Comment("The number of the record that moved."),
		field.String("from_state").Immutable().Comment("The state before; empty for the first."),
		field.String("to_state").Immutable().Comment("The state after."),
		field.String("reason").Default("").Immutable().Comment("Why, as given."),
		field.Time("at").Immutable().Comment("When it happened, which may be before it was recorded."),
		field.Time("created_at").Immutable().Comment("When it was recorded."),
		field.String("created_by").Immutable().Comment("Who recorded it."),
	}
}

// Indexes of Transition.
func (Transition) Indexes() []ent.Index {
	return []ent.Index{index.Fields("target_kind", "target_id", "at")}
}

// AuditEntry says who changed what, when, from what to what. Entries are only ever added.
type AuditEntry struct{ ent.Schema }

// Fields of AuditEntry.
func (AuditEntry) Fields() []ent.Field {
	return []ent.Field{
		field.Time("at").Immutable().Comment("When it was written, in UTC."),
		field.String("actor").Immutable().Comment("The name of the token or system part that acted."),
		field.Int("token_id").Optional().Nillable().Immutable().Comment("The token that acted; empty for system parts."),
		field.String("action").Immutable().Comment("What was done: create, update, delete, transition, or the name of another deed."),
		field.String("target_kind").Immutable().Comment("The prefix of the record."),
		field.Int("target_id").Immutable().Comment("The number of the record."),
		field.JSON("changes", []vocab.FieldChange{}).Default([]vocab.FieldChange{}).Immutable().Comment("What each changed field was and became."),
		field.String("reason").Default("").Immutable().Comment("Why, as given."),
		field.String("request_id").Default("").Immutable().Comment("The request that did it."),
		field.String("hash").Default("").Immutable().Comment("SHA-256 over the hash of the entry before and this entry, in hexadecimal."),
	}
}

// Indexes of AuditEntry.
func (AuditEntry) Indexes() []ent.Index {
	return []ent.Index{index.Fields("target_kind", "target_id", "id")}
}

// Annotations of AuditEntry.
func (AuditEntry) Annotations() []schema.Annotation {
	return []schema.Annotation{entsql.Annotation{Table: "audit_entries"}}
}

// Change is one entry of the feed that search and subscriptions follow. It is written in the transaction of the write.
type Change struct{ ent.Schema }

// Fields of Change.
func (Change) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("txid").Immutable().
			SchemaType(map[string]string{dialect.Postgres: "bigint", dialect.SQLite: "integer"}).
			Annotations(entsql.DefaultExprs(map[string]string{
				dialect.Postgres: "((pg_current_xact_id())::text)::bigint",
				dialect.SQLite:   "0",
			})).Optional().
			Comment("The transaction that wrote it: a reader on Postgres waits for all older ones before it reads on."),
		field.String("kind").Immutable().Comment("The prefix of the record."),
		field.Int("record_id").Immutable().Comment("The number of the record."),
		field.Enum("op").GoType(vocab.ChangeOp("")).Immutable().Comment("What the write did."),
		field.Time("at").Immutable().Comment("When it was written, in UTC."),
	}
}

// Indexes of Change.
func (Change) Indexes() []ent.Index {
	return []ent.Index{index.Fields("txid", "id"), index.Fields("kind", "record_id")}
}

// Annotations of Change.
func (Change) Annotations() []schema.Annotation {
	return []schema.Annotation{checks(oneOf("op", vocab.ChangeOp("")))}
}

// IdempotencyKey remembers the answer to a request, so that the same request sent again changes nothing.
type IdempotencyKey struct{ ent.Schema }

// Fields of IdempotencyKey.
func (IdempotencyKey) Fields() []ent.Field {
	return []ent.Field{
		field.String("principal").Immutable().Comment("The token that sent the request."),
		field.String("key").Immutable().Comment("The key it sent."),
		field.String("fingerprint").Immutable().Comment("SHA-256 over method, path, query and body."),
		field.Enum("state").Values("running", "committed", "answered").Default("running").
			Comment("Running until the write commits, committed with it, answered once the response is kept."),
		field.Int("status").Default(0).Comment("The status of the kept response."),
		field.JSON("headers", map[string]string{}).Default(map[string]string{}).Comment("The headers of the kept response that a client relies on."),
		field.Bytes("body").Optional().Comment("The body of the kept response."),
		field.String("location").Default("").Comment("The record written, so that a response lost in a crash can be made again."),
		field.Time("created_at").Immutable().Comment("When the request came."),
		field.Time("lease_until").Comment("Until when a running request is taken to be alive."),
		field.Time("expires_at").Comment("When the key may be used anew."),
	}
}

// Indexes of IdempotencyKey.
func (IdempotencyKey) Indexes() []ent.Index {
	return []ent.Index{index.Fields("principal", "key").Unique(), index.Fields("expires_at")}
}

// Annotations of IdempotencyKey.
func (IdempotencyKey) Annotations() []schema.Annotation {
	return []schema.Annotation{entsql.Annotation{Checks: map[string]string{"state_words": `"state" IN ('running', 'committed', 'answered')`}}}
}

// Token lets a caller in.
type Token struct{ ent.Schema }

// Mixin of Token.
func (Token) Mixin() []ent.Mixin { return []ent.Mixin{Record{}} }

// Fields of Token.
func (Token) Fields() []ent.Field {
	return []ent.Field{
		field.String("name").Immutable().Comment("Who it is for; it appears in audit entries."),
		field.String("key").Unique().Immutable().Comment("The public part, by which it is looked up."),
		field.String("secret_hash").Sensitive().Immutable().Comment("SHA-256 of the secret part, in hexadecimal; the secret itself is not kept."),
		field.JSON("scopes", []vocab.Scope{}).Immutable().Comment("What it may do."),
		field.String("team").Default("").Immutable().Comment("The team whose restricted records it may see."),
		field.Time("expires_at").Optional().Nillable().Comment("When it stops to work."),
		field.Time("revoked_at").Optional().Nillable().Comment("When it was revoked."),
		field.Time("last_used_at").Optional().Nillable().Comment("When it was last used, to the minute."),
	}
}

// Setting is a value that the server keeps for itself, such as the mark that the first token was made.
type Setting struct{ ent.Schema }

// Fields of Setting.
func (Setting) Fields() []ent.Field {
	return []ent.Field{
		field.String("name").Unique().Immutable().Comment("The name of the value."),
		field.Bytes("value").Comment("The value."),
		field.Time("updated_at").Comment("When it was last set."),
	}
}

// GateEvaluation is one answer of the gate, with the brief that was true at the time.
type GateEvaluation struct{ ent.Schema }

// Fields of GateEvaluation.
func (GateEvaluation) Fields() []ent.Field {
	return []ent.Field{
		field.Int("attempt_id").Immutable().Comment("The attempt asked about."),
		field.Enum("decision").GoType(vocab.GateDecision("")).Immutable().Comment("The answer."),
		field.String("brief_hash").Immutable().Comment("SHA-256 over the content of the brief."),
		field.Bytes("verdict").Immutable().Comment("The whole answer as JSON."),
		field.Bytes("brief").Immutable().Comment("The brief as JSON."),
		field.Time("at").Immutable().Comment("When it was evaluated, in UTC."),
		field.String("asked_by").Immutable().Comment("The token that asked."),
	}
}

// Edges of GateEvaluation.
func (GateEvaluation) Edges() []ent.Edge {
	return []ent.Edge{edge.To("attempt", Attempt.Type).Unique().Required().Immutable().Field("attempt_id")}
}

// Indexes of GateEvaluation.
func (GateEvaluation) Indexes() []ent.Index { return []ent.Index{index.Fields("attempt_id", "at")} }

// Annotations of GateEvaluation.
func (GateEvaluation) Annotations() []schema.Annotation {
	return []schema.Annotation{checks(oneOf("decision", vocab.GateDecision("")))}
}
