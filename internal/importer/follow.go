package importer

import (
	"net/url"
	"slices"
	"strings"

	"github.com/hindcast-kb/hindcast/internal/catalog"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/postmortem"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/review"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

func (p *planner) actions() {
	for _, a := range p.draft.Actions {
		if strings.TrimSpace(a.Title) == "" {
			p.keep("Actions (continued)", "- "+strings.TrimSpace(a.DoneCriterion+" "+a.Owner))
			continue
		}
		p.Actions = append(p.Actions, p.action(a))
	}
}

// action fills in what a follow-up must have and the text does not give, and says so.
func (p *planner) action(a postmortem.Action) Follow {
	title, rest := cut(oneLine(a.Title), fault.MaxTitle)
	keep := func(label, text string) {
		if text != "" {
			p.keep("Actions (continued)", "- "+title+"; "+label+": "+text)
		}
	}
	keep("title", rest)
	in := review.ActionInput{Knowledge: record.Knowledge{Tags: []string{}, Visibility: vocab.VisibilityInternal}, Title: title, Kind: a.Kind}
	if in.DoneCriterion, rest = cut(a.DoneCriterion, fault.MaxText); strings.TrimSpace(in.DoneCriterion) == "" {
		in.DoneCriterion = title
		p.note(a.Line, "the action %q does not say when it is done; its title stands in", title)
	}
	keep("done when", rest)
	if in.Owner, rest = cut(oneLine(a.Owner), fault.MaxName); in.Owner == "" {
		in.Owner = NoOwner
		p.note(a.Line, "the action %q has no owner; it is %s", title, NoOwner)
	}
	keep("owner", rest)
	var check fault.Check
	if in.DueOn = record.Date(a.Due); a.Due != "" {
		if in.DueOn.Check(&check, "due_on"); len(check.Fields) > 0 {
			in.DueOn = ""
			keep("due", a.Due)
		}
	}
	if a.Priority != "" {
		var known bool
		if in.Priority, known = priorityOf(a.Priority); !known || !strings.EqualFold(a.Priority, string(in.Priority)) {
			keep("priority", oneLine(a.Priority))
		}
	}
	if component, more := cut(oneLine(a.Component), fault.MaxListItem); component != "" && more == "" {
		in.Tags = append(in.Tags, component)
	} else {
		keep("component", a.Component)
	}
	return Follow{Input: in, Done: a.Done, References: p.linksOf(a)}
}

// linksOf are the links that stand in an action.
func (p *planner) linksOf(a postmortem.Action) []catalog.ReferenceInput {
	var links []catalog.ReferenceInput
	for _, named := range a.References {
		i := slices.IndexFunc(p.draft.References, func(r postmortem.Reference) bool { return r.URL == named || r.ExternalKey == named })
		if i < 0 {
			continue
		}
		if in, fine := reference(p.draft.References[i]); fine {
			links = append(links, in)
		}
	}
	return links
}

// references are the links of the text; those that a record cannot hold stay where the text has them and in the body.
func (p *planner) references() {
	for _, r := range p.draft.References {
		in, fine := reference(r)
		if !fine {
			p.keep("Links", "- "+oneLine(r.Title+" "+r.URL+" "+r.ExternalKey))
			continue
		}
		if _, rest := cut(oneLine(r.Title), fault.MaxTitle); rest != "" {
			p.keep("Links", "- "+oneLine(r.Title)+": "+r.URL)
		}
		p.References = append(p.References, in)
	}
}

// reference is a link as a record holds it; its target is set when it is written.
func reference(r postmortem.Reference) (catalog.ReferenceInput, bool) {
	title, _ := cut(oneLine(r.Title), fault.MaxTitle)
	in := catalog.ReferenceInput{Target: vocab.Review.ID(1), Kind: r.Kind, URL: r.URL, ExternalKey: r.ExternalKey, Title: title}
	if in.URL != "" {
		if u, err := url.Parse(in.URL); err == nil && u.User != nil {
			return in, false // an address that carries a credential is no link to keep
		}
	}
	var check fault.Check
	in.Check(&check)
	return in, len(check.Fields) == 0
}
