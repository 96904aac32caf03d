package jirasync

import (
	"context"
	"errors"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/issuestate"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/inbox"
	"github.com/hindcast-kb/hindcast/internal/jira"
)

// Explain says what a payload would become on top of what is known of its issue. Nothing is written. It is Invalid for a body that
// no delivery could have.
func (p *Processor) Explain(ctx context.Context, source *ent.Source, address string, body []byte) (jira.Event, jira.Decision, error) {
	e, err := inbox.Decode(source, address, body)
	whole(&e, source, p.now())
	var bad *jira.DecodeError
	if errors.As(err, &bad) {
		var check fault.Check
		check.Add("body", string(bad.Code), "%s", bad)
		return e, jira.Decision{}, check.Err()
	}
	rules, err := inbox.Rules(source)
	if err != nil {
		return e, jira.Decision{}, err
	}
	var state jira.State
	row, err := p.store.Client(ctx).IssueState.Query().Where(issuestate.Site(e.Site), issuestate.IssueID(string(e.IssueID))).Only(ctx)
	switch {
	case err == nil:
		if state, err = openState(row.State); err != nil {
			return e, jira.Decision{}, err
		}
	case !ent.IsNotFound(err):
		return e, jira.Decision{}, p.store.Fault(err)
	}
	next, _ := state.Apply(rules.Prepare(state, e))
	return e, rules.Match(next, e.Kind), nil
}
