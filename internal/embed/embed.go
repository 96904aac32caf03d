// Package embed keeps grants to show one record, what one search finds, or what differs between two environments, on pages of
// others: who may frame it, what of it is shown and until when. A grant is used by its token, which is signed and carries no
// right of whoever made it. What is shown is left to package draw, and how to package card.
//
// A grant follows the record: one made for a restricted record, by somebody who could read it, shows the record as long as it
// belongs to the same team; a record that is restricted later, or moves to another team, is not shown, since nobody who may see
// it agreed to that. A search and a comparison show what everybody may see and nothing else, whoever made the grant.
package embed

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/secret"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

const (
	// maxOrigins is how many origins may frame one view.
	maxOrigins = 20
	// lifetime is how long a grant works that says nothing else.
	lifetime = 7 * 24 * time.Hour
)

// Input is what a client may set on a grant, once.
type Input struct {
	// What is shown: the id of a record; search: and what to search for; or drift: and two environments, as in drift:ENV-1..ENV-2?kind=packages&attempt_id=ATT-3.
	Target string `json:"target" validate:"required" example:"FND-1" maxLength:"520"`
	// The parts that are shown, by the names of the members of the record; all of them when it is left out.
	Fields []string `json:"fields" example:"severity" maxItems:"200"`
	// The origins whose pages may frame it. Without the member, those that the server allows; with an empty list, none.
	AllowedOrigins []string `json:"allowed_origins" example:"https://wiki.example.com" maxItems:"20"`
	// When it stops to work; a week from now when it is left out.
	ExpiresAt *time.Time `json:"expires_at,omitempty" format:"date-time" example:"2027-03-09T08:00:00Z"`
	// Where it is used, for those who look through the list later.
	Note string `json:"note,omitempty" example:"Runbook page of the platform team" maxLength:"200"`
}

// Check notes every field that breaks a rule by itself.
func (in Input) Check(c *fault.Check) {
	c.Required("target", in.Target)
	if in.Target != "" {
		readSubject(in.Target, c)
	}
	c.List("fields", in.Fields)
	if n := len(in.AllowedOrigins); n > maxOrigins {
		c.Add("allowed_origins", "too_long", "has %d entries, at most %d are allowed", n, maxOrigins)
		return
	}
	for i, o := range in.AllowedOrigins {
		if _, ok := Origin(o); !ok {
			c.Add(fmt.Sprintf("allowed_origins[%d]", i), "invalid_format", "must be an origin such as https://wiki.example.com or https://*.example.com")
		}
	}
	c.Text("note", in.Note, fault.MaxTitle)
}

// Options say what grants may be made.
type Options struct {
	// Box seals the keys that sign; nil keeps them as they are.
	Box *secret.Box
	// Origins are those that the operator allows, as Origin writes them; any when empty.
	Origins []string
	// Names are the parts of a kind of record that a grant can be narrowed to; none for a kind that is not shown.
	Names func(vocab.Kind) []string
	// ComparedNames are the parts of a comparison that a grant can be narrowed to.
	ComparedNames []string
}

// Service keeps grants and lets their holders in.
type Service struct {
	*record.Records[*ent.Embed, *ent.EmbedMutation, Input]
	store *store.Store
	now   func() time.Time
	keys  *keyring
	opts  Options
}

// New keeps grants in s.
func New(s *store.Store, now func() time.Time, opts Options) *Service {
	e := &Service{store: s, now: now, keys: &keyring{store: s, now: now, box: opts.Box}, opts: opts}
	noun := noun
	noun.Rule, noun.Fill = e.rule, e.fill
	e.Records = record.New(s, now, noun)
	return e
}

func (s *Service) rule(ctx context.Context, tx *store.Tx, _ *ent.Embed, in Input, check *fault.Check) error {
	if in.ExpiresAt != nil && !in.ExpiresAt.After(s.now()) {
		check.Add("expires_at", "out_of_range", "must be in the future")
	}
	subject := readSubject(in.Target, check)
	s.narrow(subject, in.Fields, check)
	if attempt := subject.Compared.Attempt; !attempt.IsZero() { // whoever looks at the view is of no team
		team, err := record.RestrictedTo(ctx, tx.Client(), tx.Dialect(), attempt)
		if err != nil {
			return err
		}
		if team != "" {
			check.Add("target", "conflict", "cannot rank for %s, which is restricted", attempt)
		}
	}
	for i, o := range in.AllowedOrigins {
		origin, _ := Origin(o)
		if len(s.opts.Origins) > 0 && !slices.ContainsFunc(s.opts.Origins, func(allowed string) bool { return covers(allowed, origin) }) {
			check.Add(fmt.Sprintf("allowed_origins[%d]", i), "not_allowed", "is not an origin that this server lets frame its records")
		}
	}
	return nil
}

// narrow notes parts that what is shown does not have.
func (s *Service) narrow(subject Subject, fields []string, check *fault.Check) {
	names := s.opts.ComparedNames
	switch {
	case subject.Query != "":
		if len(fields) > 0 {
			check.Add("fields", "conflict", "are for a record and not for a search")
		}
		return
	case !subject.ID.IsZero():
		if names = s.opts.Names(subject.ID.Kind()); names == nil {
			check.Add("target", "wrong_kind", "a %s cannot be shown by itself", strings.ReplaceAll(subject.ID.Kind().Name, "_", " "))
			return
		}
	}
	for i, f := range fields {
		if !slices.Contains(names, f) {
			check.Add(fmt.Sprintf("fields[%d]", i), "invalid_choice", "must be one of %s", strings.Join(names, ", "))
		}
	}
}

func (s *Service) fill(ctx context.Context, tx *store.Tx, old *ent.Embed, in Input, m *ent.EmbedMutation) error {
	if old != nil {
		return nil
	}
	var noted fault.Check // nothing, since rule has looked at it
	subject := readSubject(in.Target, &noted)
	id, query := subject.ID, subject.Query
	if !subject.Compared.Base.IsZero() {
		id, query = subject.Compared.Base, subject.Compared.rest()
	}
	m.SetTargetKind(id.Prefix)
	m.SetTargetID(id.N)
	m.SetQuery(query)
	m.SetFields(record.ListOf(in.Fields))
	m.SetNote(in.Note)
	origins := []string{}
	for _, o := range in.AllowedOrigins {
		origin, _ := Origin(o)
		origins = append(origins, origin)
	}
	if in.AllowedOrigins == nil {
		origins = slices.Clone(record.ListOf(s.opts.Origins))
	}
	m.SetAllowedOrigins(origins)
	expires := s.now().Add(lifetime)
	if in.ExpiresAt != nil {
		expires = *in.ExpiresAt
	}
	m.SetExpiresAt(expires.UTC().Truncate(time.Second))
	if id.IsZero() {
		return nil
	}
	team, err := record.RestrictedTo(ctx, tx.Client(), tx.Dialect(), id)
	m.SetTeam(team)
	return err
}

var noun = record.Noun[*ent.Embed, *ent.EmbedMutation, Input]{
	Kind:    vocab.Embed,
	Table:   record.TableOf(func(c *ent.Client) *ent.EmbedClient { return c.Embed }, nil),
	Of:      inputOf,
	Apply:   func(Input, *ent.EmbedMutation) {}, // a grant is made once, by fill
	Visible: record.ThroughKinds("target_kind", "target_id"),
	Filters: []record.Filter{record.AnyRef("target", "target_kind", "target_id"), record.Text("created_by")},
}

func inputOf(e *ent.Embed) Input {
	expires := e.ExpiresAt.UTC()
	return Input{Target: Target(e), Fields: record.ListOf(e.Fields), AllowedOrigins: record.ListOf(e.AllowedOrigins), ExpiresAt: &expires, Note: e.Note}
}

// Origins are those that the operator allows, which a grant that names none has; without them a grant may name any.
func (s *Service) Origins() []string { return s.opts.Origins }

// Add makes a grant. It is Unavailable when there is no key to sign with.
func (s *Service) Add(ctx context.Context, in Input) (*ent.Embed, error) {
	if err := auth.Require(ctx, vocab.ScopeWrite); err != nil {
		return nil, err
	}
	if _, err := s.keys.signing(ctx); err != nil {
		return nil, err
	}
	return s.Records.Add(ctx, in)
}

// Remove revokes a grant: it stays in the list and works no more, from the next request on and on every server of the store.
func (s *Service) Remove(ctx context.Context, id, ifVersion int) error {
	if err := auth.Require(ctx, vocab.ScopeWrite); err != nil {
		return err
	}
	found, err := s.Get(auth.With(ctx, readerOf(ctx)), id)
	switch {
	case err != nil:
		return err
	case ifVersion != record.AnyVersion && ifVersion != found.Version:
		return fault.New(fault.Precondition, "%s is at version %d by now; read it again", vocab.Embed.ID(id), found.Version)
	case found.RevokedAt != nil:
		return nil
	}
	at := s.now().UTC()
	entry := record.Entry{Op: vocab.ChangeOpUpdate, Deed: "revoke", Changes: []vocab.FieldChange{{Field: "revoked_at", To: at}}}
	_, err = s.Amend(ctx, id, entry, func(m *ent.EmbedMutation) { m.SetRevokedAt(at) })
	return err
}

// readerOf is the actor of ctx, who may write and therefore read what it removes.
func readerOf(ctx context.Context) auth.Actor {
	actor := auth.From(ctx)
	actor.Scopes = append(slices.Clone(actor.Scopes), vocab.ScopeRead)
	return actor
}

// Actor reads on behalf of a grant: what everybody may see, and for a grant made for a restricted record what its team may see.
func Actor(e *ent.Embed) auth.Actor {
	return auth.Actor{Name: "embed:" + vocab.Embed.ID(e.ID).String(), Team: e.Team, Scopes: []vocab.Scope{vocab.ScopeRead}}
}

// Ancestors are the origins that may frame a grant now: those it names, as far as the operator still allows them.
func (s *Service) Ancestors(e *ent.Embed) []string {
	if len(s.opts.Origins) == 0 {
		return e.AllowedOrigins
	}
	return slices.DeleteFunc(slices.Clone(e.AllowedOrigins), func(origin string) bool {
		return !slices.ContainsFunc(s.opts.Origins, func(allowed string) bool { return covers(allowed, origin) })
	})
}
