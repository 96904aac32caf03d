package embed

import (
	"net/url"
	"strings"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

const (
	// searchMark begins the target of a grant that shows a search, and driftMark that of one that shows a comparison.
	searchMark = "search:"
	driftMark  = "drift:"
	// between stands between the two environments of a comparison.
	between = ".."
	// maxQuery is how many characters a search may have.
	maxQuery = 512
)

// Subject is what a grant shows: a record, what a search finds, or what differs between two environments. One of them is set.
type Subject struct {
	ID       vocab.ID
	Query    string
	Compared Comparison
}

// Comparison asks what differs between two environments.
type Comparison struct {
	Base, Target vocab.ID
	Kind         vocab.SnapshotKind
	// Attempt ranks what differs; the zero ID for none.
	Attempt vocab.ID
}

// rest is a comparison without its base, as it is kept: parameters that say nothing are left out, the others are in a fixed order.
func (c Comparison) rest() string {
	asked := url.Values{}
	if c.Kind != vocab.SnapshotKindSchema {
		asked.Set("kind", string(c.Kind))
	}
	if !c.Attempt.IsZero() {
		asked.Set("attempt_id", c.Attempt.String())
	}
	if len(asked) == 0 {
		return c.Target.String()
	}
	return c.Target.String() + "?" + asked.Encode()
}

// String is a subject as the target of a grant.
func (s Subject) String() string {
	switch {
	case s.Query != "":
		return searchMark + s.Query
	case !s.Compared.Base.IsZero():
		return driftMark + s.Compared.Base.String() + between + s.Compared.rest()
	}
	return s.ID.String()
}

// Subject is what a grant would show. It is Invalid for a target that says nothing that could be shown.
func (in Input) Subject() (Subject, error) {
	var check fault.Check
	subject := readSubject(in.Target, &check)
	return subject, check.Err()
}

// SubjectOf is what a grant shows. A comparison is kept as its base, which cannot be shown by itself, and the rest of the question.
func SubjectOf(e *ent.Embed) Subject {
	var check fault.Check
	return readSubject(Target(e), &check)
}

// readSubject reads the target of a grant. It notes what is wrong with it, and the records that it names.
func readSubject(target string, c *fault.Check) Subject {
	if query, search := strings.CutPrefix(target, searchMark); search {
		c.Required("target", query)
		c.Text("target", query, maxQuery)
		return Subject{Query: query}
	}
	if pair, compared := strings.CutPrefix(target, driftMark); compared {
		return Subject{Compared: readComparison(pair, c)}
	}
	id, err := vocab.ParseID(target)
	if err != nil {
		c.Add("target", "invalid_format", "must be the id of a record, such as FND-1, search: and what to search for, or drift: and two environments, such as drift:ENV-1..ENV-2")
		return Subject{}
	}
	c.Ref("target", id, vocab.Kinds()...)
	return Subject{ID: id}
}

func readComparison(pair string, c *fault.Check) Comparison {
	pair, asked, _ := strings.Cut(pair, "?")
	base, target, two := strings.Cut(pair, between)
	values, err := url.ParseQuery(asked)
	if err != nil || !two {
		c.Add("target", "invalid_format", "must name two environments, such as drift:ENV-1..ENV-2, and may end in ?kind= and &attempt_id=")
		return Comparison{}
	}
	id := func(text string, kind vocab.Kind) vocab.ID {
		id, err := vocab.ParseID(text)
		if err != nil || !id.Is(kind) {
			c.Add("target", "invalid_format", "must name an %s, such as %s, where it has %q", kind.Name, kind.ID(1), text)
			return vocab.ID{}
		}
		c.Ref("target", id, kind)
		return id
	}
	out := Comparison{Base: id(base, vocab.Environment), Target: id(target, vocab.Environment), Kind: vocab.SnapshotKindSchema}
	if !out.Base.IsZero() && out.Base == out.Target {
		c.Add("target", "invalid_choice", "must name two environments that are not the same")
	}
	for name, given := range values {
		switch {
		case len(given) > 1:
			c.Add("target", "invalid_format", "has %s twice", name)
		case name == "kind":
			out.Kind = vocab.SnapshotKind(given[0])
			fault.RequiredChoice(c, "target", out.Kind)
		case name == "attempt_id":
			out.Attempt = id(given[0], vocab.Attempt)
		default:
			c.Add("target", "invalid_format", "has %q, which is no parameter of a comparison", name)
		}
	}
	return out
}

// Target is what a grant shows, as it was written when it was made.
func Target(e *ent.Embed) string {
	switch {
	case e.TargetKind == vocab.Environment.Prefix:
		return driftMark + targetID(e).String() + between + e.Query
	case e.Query != "":
		return searchMark + e.Query
	}
	return targetID(e).String()
}

func targetID(e *ent.Embed) vocab.ID { return vocab.ID{Prefix: e.TargetKind, N: e.TargetID} }
