package schema

import (
	"encoding/json"
	"time"

	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Source is a place outside, such as a Jira site, whose deliveries we take.
type Source struct{ ent.Schema }

// Mixin of Source.
func (Source) Mixin() []ent.Mixin { return []ent.Mixin{Record{}} }

// Fields of Source.
func (Source) Fields() []ent.Field {
	return []ent.Field{
		field.String("name").Comment("The name people use."),
		field.Enum("product").GoType(vocab.SourceProduct("")).Comment("What sends the deliveries."),
		field.String("site").Default("").Comment("The base address of the site; empty when the deliveries tell it."),
		field.Enum("auth_kind").GoType(vocab.SourceAuth("")).Comment("How a delivery proves where it comes from."),
		field.String("auth_header").Default("").Comment("The header that carries a static token."),
		field.String("auth_query").Default("").Comment("The query parameter that may carry a static token; empty when none may."),
		field.JSON("secrets", []vocab.SealedSecret{}).Default([]vocab.SealedSecret{}).Sensitive().Comment("The encrypted keys, newest first; two during a rotation."),
		field.JSON("cidrs", []string{}).Default([]string{}).Comment("Networks that may deliver; all when empty."),
		field.Int("rate").Default(0).Comment("Deliveries a second that are taken; no limit when 0."),
		field.Enum("mode").GoType(vocab.SourceMode("")).Default(string(vocab.SourceModeLive)).Comment("What becomes of the deliveries."),
		field.JSON("bot_accounts", []string{}).Default([]string{}).Comment("Our own accounts on the site, whose changes are not answered."),
		field.JSON("rules", json.RawMessage{}).Comment("What issues become, as package jira reads it."),
		field.Int("rules_version").Default(1).Comment("Counts the changes of the rules."),
		field.Int("service_id").Optional().Nillable().Comment("The service that records belong to when no project says otherwise."),
		field.Int("environment_id").Optional().Nillable().Comment("The environment of attempts made for releases."),
		field.JSON("projects", map[string]string{}).Default(map[string]string{}).Comment("The ids of services by the key or id of a project."),
		field.JSON("alerts", []vocab.AlertRule{}).Default([]vocab.AlertRule{}).Comment("Which alerts become readings of which tripwires."),
		field.Enum("api_kind").GoType(vocab.SourceAPI("")).Default(string(vocab.SourceAPINone)).Comment("How we sign in at the site when we call it."),
		field.String("api_base").Default("").Comment("Where the REST API is, when it is neither at the site nor at the gateway."),
		field.String("api_cloud_id").Default("").Comment("The id of the site at the gateway, for scoped tokens."),
		field.String("api_email").Default("").Comment("The account of a token that signs in by name."),
		field.String("api_token").Default("").Sensitive().Comment("The encrypted token that we sign in with."),
		field.Bool("api_links").Default(true).Comment("Whether issues get links to the records that refer to them."),
		field.Bool("api_refetch").Default(false).Comment("Whether every change of an issue is read anew from the site."),
		field.String("api_project").Default("").Comment("The project that issues are made in unless told otherwise."),
		field.String("api_issue_type").Default("").Comment("The type of issues that are made unless told otherwise."),
		field.String("api_state").Default("").Comment("Why the site is not called at present; empty when it is."),
		field.Time("api_checked_at").Optional().Nillable().Comment("When the site last said who we are."),
		field.String("api_account").Default("").Comment("Our account on the site."),
		field.String("api_zone").Default("").Comment("The time zone of our account, in which searches are read."),
		field.Int64("hook_id").Default(0).Comment("The webhook that we registered at the site, which ends after a while; 0 for none."),
		field.String("hook_jql").Default("").Comment("The issues that the registered webhook is for."),
		field.JSON("hook_events", []string{}).Default([]string{}).Comment("The events that the registered webhook is for."),
		field.Time("hook_expires_at").Optional().Nillable().Comment("When the registered webhook ends."),
		field.Time("watermark").Optional().Nillable().Comment("Changes up to this time, by the clock of the site, have been read by a backfill."),
		field.Time("reconciled_at").Optional().Nillable().Comment("When all issues of the site were last compared with what is known."),
	}
}

// Edges of Source.
func (Source) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("service", Service.Type).Unique().Annotations(kept).Field("service_id"),
		edge.To("environment", Environment.Type).Unique().Annotations(kept).Field("environment_id"),
		edge.To("deliveries", Delivery.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
		edge.To("jobs", Job.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
	}
}

// Annotations of Source.
func (Source) Annotations() []schema.Annotation {
	return []schema.Annotation{checks(oneOf("product", vocab.SourceProduct("")), oneOf("auth_kind", vocab.SourceAuth("")), oneOf("mode", vocab.SourceMode("")),
		oneOf("api_kind", vocab.SourceAPI("")))}
}

// Delivery is one message that a source sent, byte for byte, and what became of it.
type Delivery struct{ ent.Schema }

// Mixin of Delivery.
func (Delivery) Mixin() []ent.Mixin { return []ent.Mixin{Record{}} }

// Fields of Delivery.
func (Delivery) Fields() []ent.Field {
	return []ent.Field{
		field.Int("source_id").Immutable().Comment("The source that sent it."),
		field.String("dedupe_key").Immutable().Comment("Names the message, so that it is kept once however often it is sent."),
		field.Bytes("raw").Optional().Sensitive().Comment("The body as it came over the wire; empty once its time is over."),
		field.String("encoding").Default("").Immutable().Comment("The content encoding of the body."),
		field.Int("size").Immutable().Comment("Bytes of the body."),
		field.String("sha256").Immutable().Comment("Hash of the body, in hexadecimal."),
		field.JSON("headers", map[string][]string{}).Default(map[string][]string{}).Comment("The headers without what proves authenticity."),
		field.String("url").Default("").Comment("The path and query without tokens."),
		field.String("key_id").Default("").Comment("The key that proved it authentic."),
		field.Bool("raw_gone").Default(false).Comment("True once the body was removed."),
		field.String("event").Default("").Comment("The name of the event."),
		field.String("lane").Default("").Comment("What it is about: deliveries of one lane are applied one after another."),
		field.String("issue_id").Default("").Comment("The issue it is about."),
		field.String("issue_key").Default("").Comment("The key of the issue."),
		field.Enum("status").GoType(vocab.DeliveryStatus("")).Default(string(vocab.DeliveryStatusReceived)).Comment("What became of it."),
		field.String("reason").Default("").Comment("Why, for one that was not applied."),
		field.String("error").Default("").Comment("What went wrong, without anything of the body."),
		field.JSON("effects", []string{}).Default([]string{}).Comment("The records it touched, or in a dry run what it would do."),
		field.Int("attempts").Default(0).Comment("How often it was tried."),
		field.Int("panics").Default(0).Comment("How often it made the worker panic."),
		field.Time("next_attempt_at").Comment("When it may be tried."),
		field.Time("lease_until").Optional().Nillable().Comment("Until when a worker that took it is taken to be alive."),
		field.String("lease_by").Default("").Comment("The worker that took it."),
		field.Int("seen").Default(1).Comment("How often it was sent."),
		field.Time("last_seen_at").Comment("When it was last sent."),
		field.Int("max_retry").Default(0).Comment("The greatest count of retries that the sender told."),
		field.Time("settled_at").Optional().Nillable().Comment("When it was settled."),
	}
}

// Edges of Delivery.
func (Delivery) Edges() []ent.Edge {
	return []ent.Edge{edge.From("source", Source.Type).Ref("deliveries").Unique().Required().Immutable().Field("source_id")}
}

// Indexes of Delivery.
func (Delivery) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("source_id", "dedupe_key").Unique(), index.Fields("status", "next_attempt_at", "id"), index.Fields("lane", "status"),
		index.Fields("issue_key"),
	}
}

// Annotations of Delivery.
func (Delivery) Annotations() []schema.Annotation {
	return []schema.Annotation{entsql.Annotation{Table: "deliveries"}, checks(oneOf("status", vocab.DeliveryStatus("")))}
}

// IssueState is what all deliveries so far told of an issue, and the record that it became.
type IssueState struct{ ent.Schema }

// Fields of IssueState.
func (IssueState) Fields() []ent.Field {
	return []ent.Field{
		field.String("site").Immutable().Comment("The base address of the site."),
		field.String("issue_id").Immutable().Comment("The id of the issue, which never changes."),
		field.String("key").Default("").Comment("The present key of the issue."),
		field.Int("source_id").Comment("The source whose rules decide."),
		field.JSON("state", json.RawMessage{}).Comment("The merged state, as package jira keeps it."),
		field.String("record_kind").Default("").Comment("The prefix of the record it became; empty for none."),
		field.Int("record_id").Default(0).Comment("The number of the record it became."),
		field.JSON("written", json.RawMessage{}).Optional().Comment("What was last written to the record from Jira, to tell our own edits from Jira's."),
		field.JSON("events", map[string]int{}).Default(map[string]int{}).Comment("The newest timeline event of each comment."),
		field.JSON("efforts", map[string]int{}).Default(map[string]int{}).Comment("The effort entry of each worklog."),
		field.JSON("parts", map[string]int{}).Default(map[string]int{}).Comment("The finding of each checklist line that was imported, by the key of the line."),
		field.Bool("ours").Default(false).Comment("True for an issue that was made from the record or imported: the record follows it whatever the rules say."),
		field.JSON("history", []json.RawMessage{}).Default([]json.RawMessage{}).Comment("The changes in Jira's order."),
		field.String("link").Default("").Comment("How the link stands: empty when well, or the reason it is not."),
		field.Int("revision").Default(1).Comment("Counts the changes."),
		field.Time("created_at").Immutable().Comment("When the issue was first heard of, in UTC."),
		field.Time("updated_at").Comment("When it last changed, in UTC."),
	}
}

// Indexes of IssueState.
func (IssueState) Indexes() []ent.Index {
	return []ent.Index{index.Fields("site", "issue_id").Unique(), index.Fields("record_kind", "record_id"), index.Fields("key")}
}

// Annotations of IssueState.
func (IssueState) Annotations() []schema.Annotation {
	return []schema.Annotation{entsql.Annotation{Table: "issue_states"}}
}

// SiteState is what is known of a version or a project of a site.
type SiteState struct{ ent.Schema }

// Fields of SiteState.
func (SiteState) Fields() []ent.Field {
	return []ent.Field{
		field.String("site").Immutable().Comment("The base address of the site."),
		field.Enum("kind").Values("version", "project").Immutable().Comment("What it is."),
		field.String("object_id").Immutable().Comment("Its id on the site."),
		field.JSON("state", json.RawMessage{}).Comment("The merged state, as package jira keeps it."),
		field.Int("attempt_id").Default(0).Comment("The attempt that a version is the release of."),
		field.Time("updated_at").Comment("When it last changed, in UTC."),
	}
}

// Indexes of SiteState.
func (SiteState) Indexes() []ent.Index {
	return []ent.Index{index.Fields("site", "kind", "object_id").Unique()}
}

// Annotations of SiteState.
func (SiteState) Annotations() []schema.Annotation {
	return []schema.Annotation{entsql.Annotation{Table: "site_states", Checks: map[string]string{"kind_words": `"kind" IN ('version', 'project')`}}}
}

// Job is one piece of work at a site: a link to set, an issue to make or to read, a search to go through. It is written in the
// transaction that asks for it and done by a worker later.
type Job struct{ ent.Schema }

// Mixin of Job.
func (Job) Mixin() []ent.Mixin { return []ent.Mixin{Record{}} }

// Fields of Job.
func (Job) Fields() []ent.Field {
	return []ent.Field{
		field.Int("source_id").Immutable().Comment("The source whose site it is done at."),
		field.Enum("kind").GoType(vocab.JobKind("")).Immutable().Comment("What is done."),
		field.String("dedupe_key").Immutable().Comment("Names the work, so that it is asked for once however often it is wanted."),
		field.String("issue").Default("").Comment("The id of the issue it is about, or its key."),
		field.String("target_kind").Default("").Comment("The prefix of the record it is for."),
		field.Int("target_id").Default(0).Comment("The number of the record it is for; 0 for none."),
		field.JSON("wanted", json.RawMessage{}).Optional().Comment("What shall be there when it is done."),
		field.String("pushed_hash").Default("").Comment("The hash of what was last written to the site."),
		field.JSON("progress", json.RawMessage{}).Optional().Comment("How far long work has come, so that it goes on from there."),
		field.JSON("writes", []time.Time{}).Default([]time.Time{}).Comment("When it wrote to the site of late."),
		field.Enum("state").GoType(vocab.JobState("")).Default(string(vocab.JobStateWaiting)).Comment("How it stands."),
		field.String("error").Default("").Comment("Why it did not succeed: a code, with Jira's own words where it gave any."),
		field.Int("attempts").Default(0).Comment("How often it was tried since it last succeeded."),
		field.Int("round").Default(1).Comment("Counts how often it was asked for, so that what is asked for during the work is not lost."),
		field.Time("next_attempt_at").Comment("When it may be tried."),
		field.Time("lease_until").Optional().Nillable().Comment("Until when a worker that took it is taken to be alive."),
		field.String("lease_by").Default("").Comment("The worker that took it."),
		field.Time("settled_at").Optional().Nillable().Comment("When it was last done."),
	}
}

// Edges of Job.
func (Job) Edges() []ent.Edge {
	return []ent.Edge{edge.From("source", Source.Type).Ref("jobs").Unique().Required().Immutable().Field("source_id")}
}

// Indexes of Job.
func (Job) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("source_id", "dedupe_key").Unique(), index.Fields("state", "next_attempt_at", "id"), index.Fields("target_kind", "target_id"),
	}
}

// Annotations of Job.
func (Job) Annotations() []schema.Annotation {
	return []schema.Annotation{entsql.Annotation{Table: "jobs"}, checks(oneOf("kind", vocab.JobKind("")), oneOf("state", vocab.JobState("")))}
}
