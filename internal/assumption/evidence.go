package assumption

import (
	"context"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/evidence"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// EvidenceInput is what a client may say about an observation.
type EvidenceInput struct {
	// AssumptionID comes from the path.
	AssumptionID vocab.ID `json:"-"`
	// What it does to the assumption.
	Result vocab.EvidenceResult `json:"result" validate:"required" example:"supports"`
	// Where it was observed.
	EnvironmentID vocab.ID `json:"environment_id" validate:"required" swaggertype:"string" example:"ENV-1"`
	// When it was observed, which may be long before it is recorded.
	ObservedAt *time.Time `json:"observed_at" validate:"required" format:"date-time" example:"2026-03-02T08:00:00Z"`
	// What was seen.
	Summary string `json:"summary" validate:"required" example:"The index list of both databases is the same" maxLength:"100000"`
	// How it was observed; a later run of the same method answers the earlier one.
	Method string `json:"method,omitempty" example:"schema comparison" maxLength:"200"`
	// Where it can be read.
	URL string `json:"url,omitempty" format:"uri" example:"https://ci.example.com/runs/12" maxLength:"2000"`
}

// Check notes every field that breaks a rule by itself.
func (in EvidenceInput) Check(c *fault.Check) {
	fault.RequiredChoice(c, "result", in.Result)
	c.RequiredRef("environment_id", in.EnvironmentID, vocab.Environment)
	if in.ObservedAt == nil {
		c.Add("observed_at", "required", "is required")
	}
	c.Required("summary", in.Summary)
	c.Text("summary", in.Summary, fault.MaxText)
	c.Text("method", in.Method, fault.MaxTitle)
	c.URL("url", in.URL)
}

// EvidenceService keeps evidence. What it writes moves the standing of the assumption in the same transaction.
type EvidenceService struct {
	*record.Records[*ent.Evidence, *ent.EvidenceMutation, EvidenceInput]
	store       *store.Store
	assumptions *Service
}

// NewEvidence keeps evidence in s, for the given assumptions.
func NewEvidence(s *store.Store, now func() time.Time, assumptions *Service) *EvidenceService {
	service := &EvidenceService{store: s, assumptions: assumptions}
	service.Records = record.New(s, now, service.noun(now))
	return service
}

func (s *EvidenceService) noun(now func() time.Time) record.Noun[*ent.Evidence, *ent.EvidenceMutation, EvidenceInput] {
	return record.Noun[*ent.Evidence, *ent.EvidenceMutation, EvidenceInput]{
		Kind:    vocab.Evidence,
		Table:   record.TableOf(func(c *ent.Client) *ent.EvidenceClient { return c.Evidence }, nil),
		Of:      evidenceInputOf,
		Apply:   applyEvidence,
		Visible: record.ThroughParent(vocab.Evidence),
		Filters: []record.Filter{
			record.Word("result", vocab.EvidenceResult("")), record.Ref("environment_id", vocab.Environment), record.Text("method"), withdrawn,
		},
		Sorts: []string{evidence.FieldObservedAt},
		Rule: func(ctx context.Context, tx *store.Tx, _ *ent.Evidence, in EvidenceInput, check *fault.Check) error {
			record.NotFuture(check, "observed_at", in.ObservedAt, now())
			_, err := s.assumptions.Load(ctx, tx.Client(), in.AssumptionID.N)
			return err
		},
		Fill: func(_ context.Context, _ *store.Tx, _ *ent.Evidence, in EvidenceInput, m *ent.EvidenceMutation) error {
			m.SetObservedAt(record.Happened(*in.ObservedAt, now()))
			return nil
		},
		After: func(ctx context.Context, tx *store.Tx, _, after *ent.Evidence) error {
			return s.assumptions.reweigh(ctx, tx, after.AssumptionID, "evidence", nil)
		},
	}
}

var withdrawn = record.Filter{
	Name: "withdrawn", Words: []string{"true", "false"}, Doc: "Only evidence that was withdrawn, or that was not.",
	Where: func(s *entsql.Selector, values []string, _ time.Time) *entsql.Predicate {
		var anyOf []*entsql.Predicate
		for _, v := range values {
			if v == "true" {
				anyOf = append(anyOf, entsql.NotNull(s.C(evidence.FieldWithdrawnAt)))
			} else {
				anyOf = append(anyOf, entsql.IsNull(s.C(evidence.FieldWithdrawnAt)))
			}
		}
		return entsql.Or(anyOf...)
	},
}

func evidenceInputOf(e *ent.Evidence) EvidenceInput {
	observed := e.ObservedAt.UTC()
	return EvidenceInput{
		AssumptionID: vocab.Assumption.ID(e.AssumptionID), Result: e.Result, EnvironmentID: vocab.Environment.ID(e.EnvironmentID),
		ObservedAt: &observed, Summary: e.Summary, Method: e.Method, URL: e.URL,
	}
}

func applyEvidence(in EvidenceInput, m *ent.EvidenceMutation) {
	m.SetAssumptionID(in.AssumptionID.N)
	m.SetResult(in.Result)
	m.SetEnvironmentID(in.EnvironmentID.N)
	m.SetSummary(in.Summary)
	m.SetMethod(in.Method)
	m.SetURL(in.URL)
}

// Withdrawal asks that evidence no longer counts.
type Withdrawal struct {
	// Why it is withdrawn.
	Reason string `json:"reason" validate:"required" example:"The comparison ran against the wrong host" maxLength:"100000"`
}

// Check notes a withdrawal without a reason.
func (w Withdrawal) Check(c *fault.Check) {
	c.Required("reason", w.Reason)
	c.Text("reason", w.Reason, fault.MaxText)
}

// Withdraw takes evidence back; it stays to be read and counts for nothing. It is Invalid without a reason, NotFound, and
// Conflict for evidence that was withdrawn before.
func (s *EvidenceService) Withdraw(ctx context.Context, id int, w Withdrawal) (*ent.Evidence, error) {
	if err := auth.Require(ctx, vocab.ScopeWrite); err != nil {
		return nil, err
	}
	var check fault.Check
	if w.Check(&check); len(check.Fields) > 0 {
		return nil, check.Err()
	}
	var kept *ent.Evidence
	err := s.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		row, err := s.Load(ctx, tx.Client(), id)
		if err != nil {
			return err
		}
		if row.WithdrawnAt != nil {
			return fault.New(fault.Conflict, "%s was withdrawn before", vocab.Evidence.ID(id))
		}
		at := s.Now()
		entry := record.Entry{Op: vocab.ChangeOpUpdate, Deed: "withdraw", Reason: w.Reason, Changes: []vocab.FieldChange{{Field: "withdrawn_at", To: at}}}
		kept, err = s.Amend(ctx, id, entry, func(m *ent.EvidenceMutation) {
			m.SetWithdrawnAt(at)
			m.SetWithdrawnBy(auth.From(ctx).Name)
			m.SetWithdrawnReason(w.Reason)
		})
		return err
	})
	return kept, err
}
