// Package draw puts records, answers of searches and comparisons of environments on cards, for embeds and pages: what of a record is shown, under which name
// and in which order, and how good its status is. It reads as the actor of the context, so that a card shows nothing that its
// reader may not know of. How a card looks is left to package card.
package draw

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/assumption"
	"github.com/hindcast-kb/hindcast/internal/brief"
	"github.com/hindcast-kb/hindcast/internal/card"
	"github.com/hindcast-kb/hindcast/internal/catalog"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/finding"
	"github.com/hindcast-kb/hindcast/internal/incident"
	"github.com/hindcast-kb/hindcast/internal/index"
	"github.com/hindcast-kb/hindcast/internal/lesson"
	"github.com/hindcast-kb/hindcast/internal/parity"
	"github.com/hindcast-kb/hindcast/internal/review"
	"github.com/hindcast-kb/hindcast/internal/search"
	"github.com/hindcast-kb/hindcast/internal/upgrade"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Services are what records are read from.
type Services struct {
	Upgrades     *upgrade.Upgrades
	Attempts     *upgrade.Attempts
	Decisions    *upgrade.Decisions
	Assumptions  *assumption.Service
	Findings     *finding.Service
	Lessons      *lesson.Service
	Incidents    *incident.Service
	Reviews      *review.Service
	Actions      *review.Actions
	Runbooks     *catalog.Runbooks
	Catalog      *catalog.Services
	Environments *catalog.Environments
	References   *catalog.References
	Briefs       *brief.Service
	Parity       *parity.Service
	Index        *index.Index
}

// Service draws cards.
type Service struct {
	of   Services
	now  func() time.Time
	base string // the address of the pages, without a slash at the end

	mu        sync.Mutex
	kept      map[vocab.ID]called
	compared  map[comparedBy]comparedAt
	comparing singleflight.Group
}

// called is the name of a service or an environment, which everybody may know and which hardly ever changes.
type called struct {
	name string
	read time.Time
}

const (
	// nameFresh is how long a name is believed.
	nameFresh = 30 * time.Second
	maxNames  = 10_000
)

// remembered are the names that are known and fresh; the others are left to be read.
func (s *Service) remembered(ids []vocab.ID) (found named, rest []vocab.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found = named{}
	for _, id := range ids {
		if k, ok := s.kept[id]; ok && s.now().Sub(k.read) < nameFresh {
			found[id] = k.name
		} else {
			rest = append(rest, id)
		}
	}
	return found, rest
}

func (s *Service) remember(found named) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept == nil || len(s.kept) > maxNames {
		s.kept = map[vocab.ID]called{}
	}
	for id, name := range found {
		if id.Is(vocab.Service) || id.Is(vocab.Environment) {
			s.kept[id] = called{name, s.now()}
		}
	}
}

// New draws what the services read; publicURL is the address that people use.
func New(of Services, now func() time.Time, publicURL string) *Service {
	return &Service{of: of, now: now, base: strings.TrimSuffix(publicURL, "/")}
}

// Drawn is a card with what decides where it may go.
type Drawn struct {
	Card card.Card
	// Restricted says that only one team may see the record.
	Restricted bool
}

// Kinds are the kinds of record that can be drawn.
func Kinds() []vocab.Kind {
	return []vocab.Kind{
		vocab.Upgrade, vocab.Attempt, vocab.Assumption, vocab.Finding, vocab.Lesson, vocab.Incident, vocab.Decision, vocab.Action,
		vocab.Review, vocab.Runbook, vocab.Service,
	}
}

// Card draws a record. It is NotFound when there is none that the actor may know of, or none of a kind that is drawn.
func (s *Service) Card(ctx context.Context, id vocab.ID) (Drawn, error) {
	sheet, err := s.read(ctx, id)
	if err != nil {
		return Drawn{}, err
	}
	links, err := s.of.References.OfTargets(ctx, []vocab.ID{id})
	if err != nil {
		return Drawn{}, err
	}
	for _, l := range links[id] {
		sheet.Links = append(sheet.Links, card.Link{Kind: string(l.Kind), Title: l.Title, URL: l.URL, Key: l.ExternalKey})
	}
	return Drawn{Card: sheet.Card, Restricted: sheet.restricted}, nil
}

func (s *Service) read(ctx context.Context, id vocab.ID) (*sheet, error) {
	switch id.Kind() {
	case vocab.Upgrade:
		e, err := s.of.Upgrades.Get(ctx, id.N)
		return drawn(s, ctx, e, err, s.upgrade)
	case vocab.Attempt:
		e, err := s.of.Attempts.Get(ctx, id.N)
		return drawn(s, ctx, e, err, s.attempt)
	case vocab.Assumption:
		e, err := s.of.Assumptions.Get(ctx, id.N)
		return drawn(s, ctx, e, err, s.assumption)
	case vocab.Finding:
		e, err := s.of.Findings.Get(ctx, id.N)
		return drawn(s, ctx, e, err, s.finding)
	case vocab.Lesson:
		e, err := s.of.Lessons.Get(ctx, id.N)
		return drawn(s, ctx, e, err, s.lesson)
	case vocab.Incident:
		e, err := s.of.Incidents.Get(ctx, id.N)
		return drawn(s, ctx, e, err, s.incident)
	case vocab.Decision:
		e, err := s.of.Decisions.Get(ctx, id.N)
		return drawn(s, ctx, e, err, s.decision)
	case vocab.Action:
		e, err := s.of.Actions.Get(ctx, id.N)
		return drawn(s, ctx, e, err, s.action)
	case vocab.Review:
		e, err := s.of.Reviews.Get(ctx, id.N)
		return drawn(s, ctx, e, err, s.review)
	case vocab.Runbook:
		e, err := s.of.Runbooks.Get(ctx, id.N)
		return drawn(s, ctx, e, err, s.runbook)
	case vocab.Service:
		e, err := s.of.Catalog.Get(ctx, id.N)
		return drawn(s, ctx, e, err, s.service)
	}
	return nil, fault.New(fault.NotFound, "%s is not a record that can be shown", id)
}

// named are the names of services and environments that a card mentions, read before it is drawn.
type named map[vocab.ID]string

// drawn draws a row that was read. The draw function is called twice: the first time to learn which records it mentions.
func drawn[E interface{ Meta() ent.Meta }](s *Service, ctx context.Context, e E, err error, draw func(E, named) *sheet) (*sheet, error) {
	if err != nil {
		return nil, err
	}
	first := draw(e, nil)
	if len(first.mentions) > 0 {
		names, err := s.names(ctx, first.mentions)
		if err != nil {
			return nil, err
		}
		first = draw(e, names)
	}
	meta := e.Meta()
	at := meta.UpdatedAt.UTC()
	first.UpdatedAt, first.restricted = &at, meta.Visibility == vocab.VisibilityRestricted
	return first, nil
}

// names reads what the mentioned records are called, as far as the actor may know of them.
func (s *Service) names(ctx context.Context, ids []vocab.ID) (named, error) {
	found, rest := s.remembered(ids)
	if len(rest) == 0 {
		return found, nil
	}
	numbers := map[vocab.Kind][]int{}
	for _, id := range rest {
		numbers[id.Kind()] = append(numbers[id.Kind()], id.N)
	}
	for kind, ns := range numbers {
		switch kind {
		case vocab.Service:
			rows, err := s.of.Catalog.ByIDs(ctx, ns)
			if err != nil {
				return nil, err
			}
			for n, e := range rows {
				found[kind.ID(n)] = e.Name
			}
		case vocab.Environment:
			rows, err := s.of.Environments.ByIDs(ctx, ns)
			if err != nil {
				return nil, err
			}
			for n, e := range rows {
				found[kind.ID(n)] = e.Name
			}
		case vocab.Upgrade:
			rows, err := s.of.Upgrades.ByIDs(ctx, ns)
			if err != nil {
				return nil, err
			}
			for n, e := range rows {
				found[kind.ID(n)] = e.Title
			}
		}
	}
	s.remember(found)
	return found, nil
}

// Names are the parts of a kind of record that a card can be narrowed to; none for a kind that is not drawn.
func (s *Service) Names(kind vocab.Kind) []string {
	var sheet *sheet
	switch kind {
	case vocab.Upgrade:
		sheet = s.upgrade(&ent.Upgrade{}, nil)
	case vocab.Attempt:
		sheet = s.attempt(&ent.Attempt{}, nil)
	case vocab.Assumption:
		sheet = s.assumption(&ent.Assumption{}, nil)
	case vocab.Finding:
		sheet = s.finding(&ent.Finding{}, nil)
	case vocab.Lesson:
		sheet = s.lesson(&ent.Lesson{}, nil)
	case vocab.Incident:
		sheet = s.incident(&ent.Incident{}, nil)
	case vocab.Decision:
		sheet = s.decision(&ent.Decision{}, nil)
	case vocab.Action:
		sheet = s.action(&ent.Action{}, nil)
	case vocab.Review:
		sheet = s.review(&ent.Review{}, nil)
	case vocab.Runbook:
		sheet = s.runbook(&ent.Runbook{}, nil)
	case vocab.Service:
		sheet = s.service(&ent.Service{}, nil)
	default:
		return nil
	}
	names := append([]string{"id", "type", "title", "updated_at"}, sheet.Names()...)
	for _, b := range Badges() {
		if b != StatusBadgeOf(kind) && slices.Contains(badgeKinds(b), kind) {
			names = append(names, b)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// MaxHits is how many hits of a search a card shows at most.
const MaxHits = 50

// Search draws what a search finds, best first.
func (s *Service) Search(ctx context.Context, query string, limit int) (Drawn, error) {
	result, docs, err := s.of.Index.Search(ctx, search.Request{Text: query, Limit: limit})
	if err != nil {
		return Drawn{}, err
	}
	c := card.Card{Type: "search", Title: query, URL: s.base + "/search?q=" + url.QueryEscape(query), Total: result.Total, Items: []card.Item{}}
	for _, hit := range result.Hits {
		d := docs[hit.ID]
		if d == nil {
			continue
		}
		item := card.Item{ID: hit.ID, Type: d.ID.Kind().Name, Title: hit.Title, URL: s.page(d.ID)}
		if status := d.Fields["status"]; len(status) > 0 {
			item.Status = status[0]
		}
		c.Items = append(c.Items, item)
	}
	return Drawn{Card: c}, nil
}

func (s *Service) page(id vocab.ID) string { return s.base + "/" + id.Kind().Path + "/" + id.String() }

// sheet is a card being drawn.
type sheet struct {
	card.Card
	of         *Service
	names      named
	mentions   []vocab.ID
	restricted bool
}

func (s *Service) sheet(kind vocab.Kind, n int, title string, names named) *sheet {
	id := kind.ID(n)
	return &sheet{of: s, names: names, Card: card.Card{ID: id.String(), Type: kind.Name, Title: title, URL: s.page(id)}}
}

func (s *sheet) status(word string, tone card.Tone) { s.Status, s.Tone = word, tone }

func (s *sheet) fact(name, label, value string) {
	s.Fields = append(s.Fields, card.Field{Name: name, Label: label, Value: value})
}

// word is a fact from a closed list, as people write it.
func (s *sheet) word(name, label, value string) {
	s.fact(name, label, strings.ReplaceAll(value, "_", " "))
}

func (s *sheet) list(name, label string, values []string) {
	s.fact(name, label, strings.Join(values, ", "))
}

func (s *sheet) at(name, label string, at *time.Time) {
	value := ""
	if at != nil {
		value = card.Stamp(*at)
	}
	s.fact(name, label, value)
}

func (s *sheet) day(name, label string, at *time.Time) {
	value := ""
	if at != nil {
		value = at.UTC().Format(time.DateOnly)
	}
	s.fact(name, label, value)
}

func (s *sheet) number(name, label string, n *int) {
	value := ""
	if n != nil {
		value = strconv.Itoa(*n)
	}
	s.fact(name, label, value)
}

// ref is a fact that names another record: by its name where that is known, and by its id.
func (s *sheet) ref(name, label string, kind vocab.Kind, n *int) {
	if n == nil || *n == 0 {
		s.fact(name, label, "")
		return
	}
	id := kind.ID(*n)
	s.mention(id)
	value := id.String()
	if called := s.names[id]; called != "" {
		value = called
	}
	s.Fields = append(s.Fields, card.Field{Name: name, Label: label, Value: value, URL: s.of.page(id)})
}

// mention asks for the name of a record.
func (s *sheet) mention(id vocab.ID) {
	if id.Is(vocab.Service) || id.Is(vocab.Environment) || id.Is(vocab.Upgrade) {
		s.mentions = append(s.mentions, id)
	}
}

func (s *sheet) text(name, label, markdown string) {
	s.Sections = append(s.Sections, card.Section{Name: name, Label: label, Markdown: markdown})
}
