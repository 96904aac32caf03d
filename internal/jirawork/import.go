package jirawork

import (
	"context"
	"errors"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/jira"
	"github.com/hindcast-kb/hindcast/internal/markup"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// ImportRequest names an issue that gathers many observations.
type ImportRequest struct {
	// The key or the id of the issue.
	Key string `json:"key" validate:"required" example:"UPG-100" maxLength:"120"`
	// The source at whose site it is; the only one with a connection when it is not given.
	Source vocab.ID `json:"source,omitzero" swaggertype:"string" example:"SRC-1"`
}

// ImportedPart is one part of the issue, and what became of it.
type ImportedPart struct {
	// What the part is to the issue: subtask, the name of a link, or checklist.
	Relation string `json:"relation" example:"subtask" maxLength:"120"`
	// The issue that the part is; empty for a line of a checklist.
	IssueKey string `json:"issue_key,omitempty" example:"UPG-101" maxLength:"120"`
	// What it says.
	Title string `json:"title" example:"Sessions expire early" maxLength:"200"`
	// The finding it became.
	FindingID vocab.ID `json:"finding_id,omitzero" swaggertype:"string" example:"FND-7"`
	// Whether the finding was made, was known, or could not be made.
	Status string `json:"status" example:"created" enums:"created,known,failed" maxLength:"20"`
	// Why it could not be made.
	Error string `json:"error,omitempty" example:"forbidden (status 403)" maxLength:"500"`
}

// Imported is what an issue was taken apart into.
type Imported struct {
	// The key of the issue.
	Key string `json:"key" example:"UPG-100" maxLength:"120"`
	// How many findings were made.
	Created int `json:"created" example:"12" minimum:"0"`
	// How many were there already.
	Known int `json:"known" example:"0" minimum:"0"`
	// How many could not be made; asking again tries them again.
	Failed int `json:"failed" example:"0" minimum:"0"`
	// The parts in their order: subtasks, linked issues, lines of the checklist.
	Parts []ImportedPart `json:"parts" maxItems:"1000"`
}

const (
	// importTime bounds the calls of one import, within the time of the request.
	importTime = 25 * time.Second
	// maxParts is how many parts of an issue are taken.
	maxParts = 1000
)

// Import takes an issue apart into findings: its subtasks, the issues it links to, and the lines of its checklist. Asked again it
// makes what is new and leaves the rest. It is Invalid for an issue that the site does not show, Conflict for a source without a
// connection, and Unavailable while the site does not answer.
func (s *Service) Import(ctx context.Context, r ImportRequest) (Imported, error) {
	if err := auth.Require(ctx, vocab.ScopeAdmin); err != nil {
		return Imported{}, err
	}
	var check fault.Check
	check.Required("key", r.Key)
	check.Text("key", r.Key, fault.MaxName)
	check.Ref("source", r.Source, vocab.Source)
	if check.Err() != nil {
		return Imported{}, check.Err()
	}
	from, err := s.importFrom(ctx, r.Source)
	if err != nil {
		return Imported{}, err
	}
	client, err := s.dial(from)
	if err != nil {
		return Imported{}, noConnection(from.ID, err)
	}
	extra, err := customFields(from)
	if err != nil {
		return Imported{}, err
	}
	calls, cancel := context.WithTimeout(ctx, importTime)
	defer cancel()
	parent, err := client.GetIssue(calls, r.Key, extra...)
	s.seen("import", err)
	if err != nil {
		return Imported{}, importFault(r.Key, err)
	}
	out := Imported{Key: parent.Key, Parts: []ImportedPart{}}
	for i, part := range jira.Explode(parent, markup.FromJSON(parent.Description.Value)) {
		if i == maxParts {
			break
		}
		one, err := s.importPart(ctx, calls, client, from, parent, part, extra)
		if err != nil {
			return Imported{}, err
		}
		switch one.Status {
		case "created":
			out.Created++
		case "known":
			out.Known++
		default:
			out.Failed++
		}
		out.Parts = append(out.Parts, one)
	}
	return out, nil
}

func (s *Service) importFrom(ctx context.Context, id vocab.ID) (*ent.Source, error) {
	if !id.IsZero() {
		return s.sources.Get(ctx, id.N)
	}
	var check fault.Check
	from, err := s.sourceFor(ctx, id, &check)
	if err == nil && from == nil {
		check = fault.Check{}
		check.Add("source", "required", "is required unless exactly one source has a connection to its site")
		err = check.Err()
	}
	return from, err
}

// importFault is a call that failed, for whoever asked for the import.
func importFault(key string, err error) error {
	var failure *jira.APIError
	if errors.As(err, &failure) && (failure.Code == jira.CodeNotFound || failure.Code == jira.CodeForbidden) {
		var check fault.Check
		check.Add("key", "not_found", "%s is no issue that the site shows us", key)
		return check.Err()
	}
	f := fault.Wrap(fault.Unavailable, err, "the site does not answer: %s", reasonOf(err))
	f.RetryAfter = time.Minute
	return f
}

// importPart makes the finding of one part, in a transaction of its own.
func (s *Service) importPart(ctx, calls context.Context, client *jira.Client, from *ent.Source, parent jira.Issue, part jira.Part, extra []string) (ImportedPart, error) {
	out := ImportedPart{Relation: part.Relation, IssueKey: part.Issue.Key, Title: part.Title, Status: "failed"}
	issue := parent
	if part.Issue.ID != "" {
		var err error
		if issue, err = client.GetIssue(calls, string(part.Issue.ID), extra...); err != nil {
			s.seen("import", err)
			out.Error = reasonOf(err)
			return out, nil
		}
	}
	err := s.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		var created bool
		var err error
		if part.Issue.ID != "" {
			out.FindingID, created, err = s.jira.Import(ctx, tx, from, issue)
		} else {
			out.FindingID, created, err = s.jira.ImportLine(ctx, tx, from, parent, part)
		}
		out.Status = "known"
		if created {
			out.Status = "created"
		}
		return err
	})
	return out, err
}
