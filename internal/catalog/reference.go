package catalog

import (
	"context"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/predicate"
	"github.com/hindcast-kb/hindcast/ent/recordreference"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// ReferenceInput is what a client may set on a reference.
type ReferenceInput struct {
	// The record that the link belongs to.
	Target vocab.ID `json:"target" validate:"required" swaggertype:"string" example:"FND-1"`
	// What the link points at.
	Kind vocab.ReferenceKind `json:"kind" validate:"required" example:"jira"`
	// Where it leads; may be left out when external_key is given.
	URL string `json:"url,omitempty" format:"uri" example:"https://jira.example.com/browse/UPG-12" maxLength:"2000"`
	// The name outside, such as a Jira key; may be left out when url is given.
	ExternalKey string `json:"external_key,omitempty" example:"UPG-12" maxLength:"200"`
	// What a reader sees.
	Title string `json:"title,omitempty" example:"Sessions expire early" maxLength:"200"`
	// What the link is to the record.
	Role string `json:"role,omitempty" example:"tracked in" maxLength:"120"`
}

// Check notes every field that breaks a rule by itself.
func (in ReferenceInput) Check(c *fault.Check) {
	c.RequiredRef("target", in.Target, vocab.Kinds()...)
	fault.RequiredChoice(c, "kind", in.Kind)
	c.URL("url", in.URL)
	c.Text("external_key", in.ExternalKey, fault.MaxTitle)
	c.Text("title", in.Title, fault.MaxTitle)
	c.Text("role", in.Role, fault.MaxName)
	if in.URL == "" && in.ExternalKey == "" {
		c.Add("url", "required", "is required unless external_key is given")
	}
}

// References keeps the links of records.
type References struct {
	*record.Records[*ent.RecordReference, *ent.RecordReferenceMutation, ReferenceInput]
	store *store.Store
}

// NewReferences keeps references in s.
func NewReferences(s *store.Store, now func() time.Time) *References {
	return &References{record.New(s, now, references), s}
}

var references = record.Noun[*ent.RecordReference, *ent.RecordReferenceMutation, ReferenceInput]{
	Kind:  vocab.Reference,
	Table: record.TableOf(func(c *ent.Client) *ent.RecordReferenceClient { return c.RecordReference }, nil),
	Of: func(e *ent.RecordReference) ReferenceInput {
		return ReferenceInput{
			Target: targetOf(e), Kind: e.Kind, URL: e.URL, ExternalKey: e.ExternalKey, Title: e.Title, Role: e.Role,
		}
	},
	Apply: func(in ReferenceInput, m *ent.RecordReferenceMutation) {
		m.SetTargetKind(in.Target.Prefix)
		m.SetTargetID(in.Target.N)
		m.SetKind(in.Kind)
		m.SetURL(in.URL)
		m.SetExternalKey(in.ExternalKey)
		m.SetTitle(in.Title)
		m.SetRole(in.Role)
	},
	Visible: record.ThroughKinds("target_kind", "target_id"),
	Filters: []record.Filter{
		record.AnyRef("target", "target_kind", "target_id"), record.Word("kind", vocab.ReferenceKind("")), record.Text("external_key"),
	},
	Rule: func(_ context.Context, _ *store.Tx, old *ent.RecordReference, in ReferenceInput, check *fault.Check) error {
		if old != nil && targetOf(old) != in.Target {
			check.Add("target", "immutable", "cannot be changed; delete the reference and make another")
		}
		return nil
	},
}

func targetOf(e *ent.RecordReference) vocab.ID { return vocab.ID{Prefix: e.TargetKind, N: e.TargetID} }

// OfTargets reads the references of the given records, oldest first; the caller must have seen the records.
func (s *References) OfTargets(ctx context.Context, targets []vocab.ID) (map[vocab.ID][]*ent.RecordReference, error) {
	if err := auth.Require(ctx, vocab.ScopeRead); err != nil || len(targets) == 0 {
		return nil, err
	}
	anyOf := make([]predicate.RecordReference, len(targets))
	for i, id := range targets {
		anyOf[i] = recordreference.And(recordreference.TargetKind(id.Prefix), recordreference.TargetID(id.N))
	}
	rows, err := s.store.Client(ctx).RecordReference.Query().Where(recordreference.Or(anyOf...)).
		Order(ent.Asc(recordreference.FieldID)).All(ctx)
	found := make(map[vocab.ID][]*ent.RecordReference, len(targets))
	for _, row := range rows {
		found[targetOf(row)] = append(found[targetOf(row)], row)
	}
	return found, s.store.Fault(err)
}
