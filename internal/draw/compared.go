package draw

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/card"
	"github.com/hindcast-kb/hindcast/internal/drift"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/parity"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

const (
	// MaxAreas is how many areas the picture of a comparison shows; the rest are counted together.
	MaxAreas = 12
	// comparedFresh is how long a comparison is believed. Many people look at one view, and a large comparison takes a second.
	comparedFresh = 5 * time.Second
	// maxCompared is how many comparisons are remembered.
	maxCompared = 100
)

// comparedBy is a comparison as asked by an actor; what makes a difference matter depends on the team.
type comparedBy struct {
	parity.Question
	team string
	all  bool
}

// comparedAt is the card of a comparison, with when it was made.
type comparedAt struct {
	card card.Card
	at   time.Time
}

// ComparedNames are the parts of a card of a comparison that it can be narrowed to.
func ComparedNames() []string {
	return []string{"areas", "attempt_id", "base", "differences", "hidden", "kind", "status", "target", "title", "type"}
}

// Compared draws what differs between two environments, with at most MaxHits differences. It is NotFound without one of the
// records. Environments that cannot be compared yet make a card that says so.
func (s *Service) Compared(ctx context.Context, q parity.Question) (Drawn, error) {
	if err := auth.Require(ctx, vocab.ScopeRead); err != nil {
		return Drawn{}, err
	}
	if q.Attempt != 0 { // an attempt that was just restricted is not told of, whatever is remembered
		if _, err := s.of.Attempts.Get(ctx, q.Attempt); err != nil {
			return Drawn{}, err
		}
	}
	actor := auth.From(ctx)
	by := comparedBy{q, actor.Team, actor.SeesAll()}
	s.mu.Lock()
	known, ok := s.compared[by]
	s.mu.Unlock()
	if ok && s.now().Sub(known.at) < comparedFresh {
		return Drawn{Card: known.card}, nil
	}
	// Who asks while another one compares waits for the same answer, whether or not the other one goes away.
	made, err, _ := s.comparing.Do(fmt.Sprint(by), func() (any, error) {
		return s.compare(context.WithoutCancel(ctx), q)
	})
	if err != nil {
		return Drawn{}, err
	}
	drawn := made.(card.Card)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.compared == nil || len(s.compared) >= maxCompared {
		s.compared = map[comparedBy]comparedAt{}
	}
	s.compared[by] = comparedAt{drawn, s.now()}
	return Drawn{Card: drawn}, nil
}

func (s *Service) compare(ctx context.Context, q parity.Question) (card.Card, error) {
	found, err := s.of.Parity.Compare(ctx, q)
	var silence *fault.Error
	if errors.As(err, &silence) && silence.Kind == fault.Conflict && found.Target.Environment != nil {
		err = nil // one of them has no snapshot of the kind
	}
	if err != nil {
		return card.Card{}, err
	}
	c := card.Card{
		Type: "drift", Title: found.Base.Name + " against " + found.Target.Name, URL: s.comparedPage(q),
		Fields: []card.Field{{Name: "kind", Label: "Kind", Value: string(q.Kind)}, s.side("base", found.Base), s.side("target", found.Target)},
	}
	if q.Attempt != 0 {
		id := vocab.Attempt.ID(q.Attempt)
		c.Fields = append(c.Fields, card.Field{Name: "attempt_id", Label: "Ranked for", Value: id.String(), URL: s.page(id)})
	}
	if silence != nil {
		c.Status, c.Tone = "not compared", card.Neutral
		c.Sections = []card.Section{{Name: "status", Label: "Why", Markdown: "They cannot be compared yet: " + silence.Message + "."}}
		return c, nil
	}
	hidden, blocking := 0, 0
	for _, h := range found.Hidden {
		hidden += h.Count
	}
	if hidden > 0 {
		c.Fields = append(c.Fields, card.Field{Name: "hidden", Label: "Hidden by ignore rules", Value: strconv.Itoa(hidden)})
	}
	c.Compared = &card.Compared{Areas: Areas(found.Changes, MaxAreas), Total: len(found.Changes)}
	for i, change := range found.Changes {
		if change.Blocking {
			blocking++
		}
		if i < MaxHits {
			c.Compared.Differences = append(c.Compared.Differences, card.Difference{
				Path: change.Path, Change: string(change.Change.Change), Why: change.Why, Blocking: change.Blocking,
			})
		}
	}
	switch n := len(found.Changes); {
	case blocking > 0:
		c.Status, c.Tone = fmt.Sprintf("%d blocking", blocking), card.Bad
	case n == 1:
		c.Status, c.Tone = "1 difference", card.Warn
	case n > 0:
		c.Status, c.Tone = fmt.Sprintf("%d differences", n), card.Warn
	default:
		c.Status, c.Tone = "no difference", card.Good
	}
	return c, nil
}

// side is one of the environments, with when what is compared was last seen to hold.
func (s *Service) side(name string, side parity.Side) card.Field {
	seen := "never"
	if !side.SeenAt.IsZero() {
		seen = card.Stamp(side.SeenAt)
	}
	return card.Field{Name: name, Label: side.Name + " as seen", Value: seen, URL: s.page(vocab.Environment.ID(side.ID))}
}

// comparedPage is the page of a comparison.
func (s *Service) comparedPage(q parity.Question) string {
	asked := url.Values{"target": {vocab.Environment.ID(q.Target).String()}, "kind": {string(q.Kind)}}
	if q.Attempt != 0 {
		asked.Set("attempt_id", vocab.Attempt.ID(q.Attempt).String())
	}
	return s.page(vocab.Environment.ID(q.Base)) + "/drift?" + asked.Encode()
}

// Areas count differences by the area they lie in: those that block first, then where most differs. What is beyond most areas is
// counted as one.
func Areas(changes []parity.Change, most int) []card.Area {
	at := map[string]int{}
	var areas []card.Area
	for _, change := range changes {
		name := drift.AreaOf(change.Path)
		i, known := at[name]
		if !known {
			i = len(areas)
			at[name], areas = i, append(areas, card.Area{Name: name})
		}
		areas[i].Count++
		if change.Blocking {
			areas[i].Blocking++
		}
	}
	slices.SortStableFunc(areas, func(a, b card.Area) int {
		return cmp.Or(cmp.Compare(b.Blocking, a.Blocking), cmp.Compare(b.Count, a.Count), cmp.Compare(a.Name, b.Name))
	})
	if len(areas) > most {
		rest := card.Area{Name: fmt.Sprintf("%d other areas", len(areas)-most+1)}
		for _, one := range areas[most-1:] {
			rest.Count, rest.Blocking = rest.Count+one.Count, rest.Blocking+one.Blocking
		}
		areas = append(areas[:most-1], rest)
	}
	return areas
}
