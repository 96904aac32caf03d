package importer

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/runbook"
	"github.com/hindcast-kb/hindcast/ent/service"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/catalog"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/markup"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/runbookdoc"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// What became of a runbook.
const (
	RunbookImported  = "imported"
	RunbookUpdated   = "updated"
	RunbookUnchanged = "unchanged"
	RunbookLeftOut   = "left_out"
	RunbookRefused   = "refused"
)

// RunbookResult says what became of one runbook of a file.
type RunbookResult struct {
	// The name of the file.
	Name string `json:"name" example:"runbooks/node/NodeFull.md" maxLength:"500"`
	// What became of it: left_out for a file that holds no runbook.
	Status string `json:"status" enums:"imported,updated,unchanged,left_out,refused" example:"imported"`
	// The runbook; empty for one that was not written.
	ID vocab.ID `json:"id,omitzero" swaggertype:"string" example:"RBK-1"`
	// What the runbook is for.
	Title string `json:"title,omitempty" example:"Node is full" maxLength:"200"`
	// Where it is read.
	URL string `json:"url,omitempty" example:"https://runbooks.example.com/node/NodeFull" maxLength:"2000"`
	// What is wrong with it.
	Errors []fault.Field `json:"errors,omitempty" maxItems:"200"`
}

// ImportRunbooks reads one file and writes its runbooks; dryRun only says what it would write. A runbook that was imported before is
// found by where it came from: what its file says takes the place of what it said before, and what people added stays. The actor
// must be admin.
func (s *Service) ImportRunbooks(ctx context.Context, name, text, base string, dryRun bool) ([]RunbookResult, error) {
	if err := auth.Require(ctx, vocab.ScopeAdmin); err != nil {
		return nil, err
	}
	if !utf8.ValidString(text) {
		return []RunbookResult{refusedRunbook(name, errors.New("the file is not text in UTF-8"))}, nil
	}
	pages, err := runbookdoc.Read(name, []byte(text), base)
	switch {
	case runbookdoc.NoRunbook(err):
		return []RunbookResult{{Name: name, Status: RunbookLeftOut}}, nil
	case err != nil:
		return []RunbookResult{refusedRunbook(name, err)}, nil
	}
	results := make([]RunbookResult, len(pages))
	for i, page := range pages {
		result := RunbookResult{Name: name}
		err := s.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error { return s.runbook(ctx, tx, page, &result, dryRun) })
		if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) {
			result, err = refusedRunbook(name, err), nil
		}
		if err != nil {
			return nil, err
		}
		results[i] = result
	}
	return results, nil
}

func refusedRunbook(name string, err error) RunbookResult {
	result := RunbookResult{Name: name, Status: RunbookRefused, Errors: []fault.Field{{Field: "file", Code: "unreadable", Message: err.Error()}}}
	var known *fault.Error
	if errors.As(err, &known) && len(known.Fields) > 0 {
		result.Errors = known.Fields
	}
	return result
}

func (s *Service) runbook(ctx context.Context, tx *store.Tx, page runbookdoc.Page, result *RunbookResult, dryRun bool) error {
	serviceID, err := s.serviceOf(ctx, tx, page.Service)
	if err != nil {
		return err
	}
	result.Title, result.URL = page.Title, page.URL
	known, err := tx.Client().Runbook.Query().Where(runbook.ImportKey(page.Key)).Only(ctx)
	switch {
	case ent.IsNotFound(err):
		in := written(catalog.RunbookInput{ImportKey: page.Key}, page, serviceID)
		result.Status = RunbookImported
		if dryRun {
			var check fault.Check
			in.Check(&check)
			return check.Err()
		}
		added, err := s.runbooks.Add(ctx, in)
		if err == nil {
			result.ID = vocab.Runbook.ID(added.ID)
		}
		return err
	case err != nil:
		return err
	}
	result.ID, result.Status = vocab.Runbook.ID(known.ID), RunbookUnchanged
	was := s.runbooks.Of(known)
	if same(was, written(was, page, serviceID)) {
		return nil
	}
	result.Status = RunbookUpdated
	if dryRun {
		return nil
	}
	_, err = s.runbooks.Change(ctx, known.ID, record.AnyVersion, func(in catalog.RunbookInput) (catalog.RunbookInput, error) {
		return written(in, page, serviceID), nil
	})
	return err
}

// written is a runbook with what a file says of it; what the file does not say stays as it is.
func written(in catalog.RunbookInput, page runbookdoc.Page, serviceID vocab.ID) catalog.RunbookInput {
	in.Title, in.URL, in.Body = page.Title, page.URL, markup.Clean(page.Body)
	if !serviceID.IsZero() {
		in.ServiceID = serviceID
	}
	in.Areas, in.AlertNames, in.Tags = joined(in.Areas, page.Areas), joined(in.AlertNames, page.Alerts), joined(in.Tags, page.Tags)
	return in
}

// joined is a list with what another adds to it.
func joined(list, more []string) []string {
	out := slices.Clone(record.ListOf(list))
	for _, m := range more {
		if !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	return out
}

func same(a, b catalog.RunbookInput) bool {
	return a.Title == b.Title && a.URL == b.URL && a.Body == b.Body && a.ServiceID == b.ServiceID && len(a.Areas) == len(b.Areas) &&
		len(a.AlertNames) == len(b.AlertNames) && len(a.Tags) == len(b.Tags)
}

// serviceOf finds a service by its name, its slug or its entity in a catalog; none is no error.
func (s *Service) serviceOf(ctx context.Context, tx *store.Tx, called string) (vocab.ID, error) {
	if called == "" {
		return vocab.ID{}, nil
	}
	_, bare, found := strings.Cut(called, "/")
	if !found {
		bare = called
	}
	row, err := tx.Client().Service.Query().Where(service.Or(service.CatalogRefEqualFold(called), service.Slug(catalog.Slug(bare)), service.NameEqualFold(bare))).
		Order(ent.Asc(service.FieldID)).First(ctx)
	if ent.IsNotFound(err) {
		return vocab.ID{}, nil
	}
	if err != nil {
		return vocab.ID{}, err
	}
	return vocab.Service.ID(row.ID), nil
}
