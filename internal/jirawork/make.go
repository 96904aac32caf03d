package jirawork

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/job"
	"github.com/hindcast-kb/hindcast/internal/audit"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/catalog"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/inbox"
	"github.com/hindcast-kb/hindcast/internal/jira"
	"github.com/hindcast-kb/hindcast/internal/markup"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

type (
	references = *catalog.References
	updating   = *ent.JobUpdateOne
	settling   = func(ctx context.Context, tx *store.Tx, update updating) error
)

// progress is what work remembers from one attempt to the next.
type progress struct {
	// Ambiguous says that the outcome of the attempt before is not known.
	Ambiguous bool `json:"ambiguous,omitempty"`
}

func (t *task) ambiguous() bool {
	var p progress
	return len(t.Progress) > 0 && json.Unmarshal(t.Progress, &p) == nil && p.Ambiguous
}

// IssueRequest asks to make an issue from a record.
type IssueRequest struct {
	// The source at whose site the issue is made; the only one with a connection when it is not given.
	SourceID vocab.ID `json:"source_id,omitzero" swaggertype:"string" example:"SRC-1"`
	// The key of the project; that of the source when it is not given.
	Project string `json:"project,omitempty" example:"UPG" maxLength:"120"`
	// The type of the issue; that of the source when it is not given, and else Task.
	IssueType string `json:"issue_type,omitempty" example:"Task" maxLength:"120"`
	// Labels of the issue, beside the one that marks it as ours.
	Labels []string `json:"labels,omitempty" example:"postmortem" maxItems:"20"`
}

// Check notes every field that breaks a rule by itself.
func (r IssueRequest) Check(c *fault.Check) {
	c.Ref("source_id", r.SourceID, vocab.Source)
	c.Text("project", r.Project, fault.MaxName)
	c.Text("issue_type", r.IssueType, fault.MaxName)
	c.List("labels", r.Labels)
	for _, label := range r.Labels {
		if strings.ContainsAny(label, " \t\n") {
			c.Add("labels", "invalid_format", "must not have spaces")
			break
		}
	}
}

// MakeIssue asks to make an issue from an action or a finding. Asked again it is the same work: a record has one issue. It is
// NotFound for a record the caller may not know of, Conflict for a restricted one, and Invalid for a request that cannot be met.
func (s *Service) MakeIssue(ctx context.Context, id vocab.ID, r IssueRequest) (*ent.Job, error) {
	if err := auth.Require(ctx, vocab.ScopeWrite); err != nil {
		return nil, err
	}
	var check fault.Check
	r.Check(&check)
	from, err := s.sourceFor(ctx, r.SourceID, &check)
	if err != nil {
		return nil, err
	}
	if from != nil {
		if r.Project == "" {
			r.Project = from.APIProject
		}
		if r.Project == "" {
			check.Add("project", "required", "is required, since the source names no project for new issues")
		}
		if r.IssueType == "" {
			r.IssueType = from.APIIssueType
		}
		if r.IssueType == "" {
			r.IssueType = "Task"
		}
	}
	if check.Err() != nil {
		return nil, check.Err()
	}
	shown, err := s.card(ctx, id)
	if err != nil {
		return nil, err
	}
	if shown == nil {
		return nil, fault.New(fault.NotFound, "%s does not exist", id)
	}
	if shown.restricted {
		return nil, fault.New(fault.Conflict, "%s is restricted, so nothing of it is sent to a site", id)
	}
	r.SourceID = vocab.Source.ID(from.ID)
	return s.put(ctx, inbox.Ask{Source: from.ID, Kind: vocab.JobKindCreate, Key: "create:" + id.String(), Target: id, Wanted: r})
}

// sourceFor is the source that a request names, or the only one that can be called.
func (s *Service) sourceFor(ctx context.Context, id vocab.ID, check *fault.Check) (*ent.Source, error) {
	sites, err := s.callable(ctx)
	if err != nil {
		return nil, err
	}
	if id.IsZero() {
		if len(sites) == 1 {
			return sites[0], nil
		}
		check.Add("source_id", "required", "is required: %d sources have a connection to their site", len(sites))
		return nil, nil
	}
	for _, one := range sites {
		if one.ID == id.N {
			return one, nil
		}
	}
	check.Add("source_id", "not_connected", "names no source with a connection to its site")
	return nil, nil
}

// put writes work that is done once on behalf of the caller, unless it was asked for before and did not fail.
func (s *Service) put(ctx context.Context, a inbox.Ask) (*ent.Job, error) {
	var row *ent.Job
	err := s.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		known, err := tx.Client().Job.Query().Where(job.SourceID(a.Source), job.DedupeKey(a.Key)).Only(ctx)
		switch {
		case err == nil && known.State != vocab.JobStateFailed: // what was asked for first is what is done
			row = known
			return nil
		case err != nil && !ent.IsNotFound(err):
			return err
		}
		id, err := inbox.Put(ctx, tx, s.now(), auth.From(ctx).Name, a)
		if err != nil {
			return err
		}
		if err := s.asked(ctx, tx, a.Target, a.Kind); err != nil {
			return err
		}
		row, err = tx.Client().Job.Get(ctx, id)
		return err
	})
	if err == nil {
		s.Wake()
	}
	return row, err
}

// asked keeps in the audit that somebody asked for work, with what it is for.
func (s *Service) asked(ctx context.Context, tx *store.Tx, target vocab.ID, kind vocab.JobKind) error {
	return audit.Record(ctx, tx, audit.Entry{Target: target, Action: "ask_" + string(kind), Changes: []vocab.FieldChange{}, At: s.now()})
}

// create makes an issue from a record, unless there is one: known here, or marked there.
func (s *Service) create(ctx context.Context, t *task) (result, error) {
	target := t.target()
	if known, err := s.jira.IssueOf(ctx, target); err != nil || known != nil {
		return result{settle: func(_ context.Context, _ *store.Tx, update updating) error {
			update.SetIssue(known.IssueID)
			return nil
		}}, err
	}
	var wanted IssueRequest
	if err := json.Unmarshal(t.Wanted, &wanted); err != nil {
		return result{}, fmt.Errorf("reading what was wanted: %w", err)
	}
	draft, err := s.draft(ctx, target, wanted)
	if err != nil {
		return result{}, err
	}
	ref, _, err := t.client.EnsureIssue(ctx, draft)
	if err != nil {
		return result{}, err
	}
	issue, err := t.client.GetIssue(ctx, string(ref.ID))
	if err != nil {
		return result{}, err
	}
	return result{pushed: hashOf(draft), settle: func(ctx context.Context, tx *store.Tx, update updating) error {
		update.SetIssue(string(ref.ID))
		return s.jira.Adopt(ctx, tx, t.source, issue, target)
	}}, nil
}

// draft is the issue that is made from a record.
func (s *Service) draft(ctx context.Context, id vocab.ID, wanted IssueRequest) (jira.Draft, error) {
	text, title := "", ""
	switch c := s.store.Client(ctx); {
	case id.Is(vocab.Action):
		row, err := c.Action.Get(ctx, id.N)
		if err != nil {
			return jira.Draft{}, s.store.Fault(err)
		}
		title, text = row.Title, "Done when: "+row.DoneCriterion
	case id.Is(vocab.Finding):
		row, err := c.Finding.Get(ctx, id.N)
		if err != nil {
			return jira.Draft{}, s.store.Fault(err)
		}
		title, text = row.Title, row.Observed
		if row.Expected != "" {
			text += "\n\nExpected: " + row.Expected
		}
	}
	text = strings.TrimSpace(text) + "\n\n[" + id.String() + "](" + s.page(id) + ")"
	return jira.Draft{
		Project: wanted.Project, Type: wanted.IssueType, Summary: clip(title, 250), Description: markup.ToWiki(text), Labels: wanted.Labels,
		Marker: jira.Marker(id.String()), Mark: jira.Property{Entity: id.Kind().Name, ID: id.String(), Rev: 1},
	}, nil
}

// CommentRequest asks to write a comment on the issue that a reference leads to.
type CommentRequest struct {
	// What the comment says, in Markdown.
	Text string `json:"text" validate:"required" example:"The index is in place in both environments." maxLength:"30000"`
}

// Check notes every field that breaks a rule by itself.
func (r CommentRequest) Check(c *fault.Check) {
	c.Required("text", r.Text)
	c.Text("text", r.Text, 30_000)
}

// Comment asks to write a comment on the issue that a reference leads to. The same comment asked for again is the same work. It is
// NotFound for a reference the caller may not know of, and Conflict for one that leads to no issue of a site that can be called.
func (s *Service) Comment(ctx context.Context, id int, r CommentRequest) (*ent.Job, error) {
	if err := auth.Require(ctx, vocab.ScopeWrite); err != nil {
		return nil, err
	}
	var check fault.Check
	if r.Check(&check); check.Err() != nil {
		return nil, check.Err()
	}
	row, err := s.references.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	sites, err := s.callable(ctx)
	if err != nil {
		return nil, err
	}
	var ask inbox.Ask
	err = s.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		target := vocab.ID{Prefix: row.TargetKind, N: row.TargetID}
		one := tie{target, keyOf(row), row.URL}
		from, issue, err := s.issueAt(ctx, tx, sites, one)
		if err != nil {
			return err
		}
		if row.Kind != vocab.ReferenceKindJira || one.key == "" || from == nil {
			return fault.New(fault.Conflict, "%s leads to no issue of a site that can be called", vocab.Reference.ID(id))
		}
		mark := jira.Property{Entity: "comment", ID: target.String(), Hash: hashOf(r.Text)[:16]}
		ask = inbox.Ask{Source: from.ID, Kind: vocab.JobKindComment, Key: "comment:" + issue + ":" + mark.ID + ":" + mark.Hash, Issue: issue, Target: target,
			Wanted: wantedComment{markup.ToWiki(r.Text), mark}}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s.put(ctx, ask)
}

type wantedComment struct {
	Wiki string        `json:"wiki"`
	Mark jira.Property `json:"mark"`
}

// comment writes a comment. After an attempt whose outcome is not known it looks for the comment first.
func (s *Service) comment(ctx context.Context, t *task) (result, error) {
	var wanted wantedComment
	if err := json.Unmarshal(t.Wanted, &wanted); err != nil {
		return result{}, fmt.Errorf("reading what was wanted: %w", err)
	}
	if t.ambiguous() {
		if there, err := t.client.HasComment(ctx, t.Issue, wanted.Mark); err != nil || there {
			return result{}, err
		}
	}
	within, err := s.withinBudget(ctx, t)
	if err != nil {
		return result{}, err
	}
	if !within {
		return s.suspend(t), nil
	}
	_, err = t.client.AddComment(ctx, t.Issue, wanted.Wiki, wanted.Mark)
	return result{pushed: wanted.Mark.Hash}, err
}
