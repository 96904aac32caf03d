package record

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// clockSkew is how far ahead of our clock a caller's time may be before it is taken for a mistake.
const clockSkew = 5 * time.Minute

// Move asks for a transition.
type Move struct {
	// To is the state wanted.
	To string `json:"to" validate:"required" example:"triaged" maxLength:"40"`
	// Reason says why.
	Reason string `json:"reason,omitempty" example:"reproduced by QA" maxLength:"100000"`
	// At is when it happened; now, unless it is being recorded later.
	At *time.Time `json:"at,omitempty" format:"date-time"`
}

// Check notes a move without a state, or with a time to come.
func (m Move) Check(c *fault.Check) {
	c.Required("to", m.To)
	c.Text("to", m.To, fault.MaxName)
	c.Text("reason", m.Reason, fault.MaxText)
}

// States says how a record moves between states.
type States[E Entity, M Mutation] struct {
	// Of is the state the record is in.
	Of func(E) string
	// Set writes the state.
	Set func(M, string)
	// Moves are the states reachable from each state.
	Moves map[string][]string
	// Guard gives every condition of the move that is not met.
	Guard func(ctx context.Context, tx *store.Tx, e E, move Move) ([]fault.Field, error)
	// Effect sets what else the move changes on the record.
	Effect func(ctx context.Context, tx *store.Tx, e E, move Move, m M) error
	// Scope is what the actor needs; write when empty.
	Scope vocab.Scope
}

func (s *States[E, M]) words() []string {
	var all []string
	for _, to := range s.Moves {
		all = append(all, to...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Transition moves a record to another state. It is Conflict with every unmet guard when the move is not allowed, and
// otherwise fails as Change does.
func (r *Records[E, M, I]) Transition(ctx context.Context, id, ifVersion int, move Move) (E, error) {
	states := r.noun.States
	if err := r.checkMove(move); err != nil {
		var none E
		return none, err
	}
	at := r.now()
	if move.At == nil {
		move.At = &at
	}
	entry := Entry{Op: vocab.ChangeOpTransition, Reason: move.Reason, Scope: states.Scope, Changes: make([]vocab.FieldChange, 1)}
	return r.rewrite(ctx, id, ifVersion, entry, func(ctx context.Context, tx *store.Tx, old E) (func(M) error, error) {
		from := states.Of(old)
		if err := states.allow(ctx, tx, old, r.noun.Kind.ID(id), move); err != nil {
			return nil, err
		}
		entry.Changes[0] = vocab.FieldChange{Field: "status", From: from, To: move.To}
		if err := recordTransition(ctx, tx, r.noun.Kind.ID(id), from, move, r.now()); err != nil {
			return nil, err
		}
		return func(m M) error {
			states.Set(m, move.To)
			if states.Effect == nil {
				return nil
			}
			return states.Effect(ctx, tx, old, move, m)
		}, nil
	})
}

func (r *Records[E, M, I]) checkMove(move Move) error {
	var check fault.Check
	move.Check(&check)
	if words := r.noun.States.words(); move.To != "" && !slices.Contains(words, move.To) {
		check.Add("to", "invalid_choice", "must be one of %s", strings.Join(words, ", "))
	}
	if move.At != nil && move.At.After(r.now().Add(clockSkew)) {
		check.Add("at", "out_of_range", "must not be in the future")
	}
	return check.Err()
}

// allow is Conflict when the move is not in the table, or with every guard that is not met.
func (s *States[E, M]) allow(ctx context.Context, tx *store.Tx, e E, id vocab.ID, move Move) error {
	from := s.Of(e)
	if !slices.Contains(s.Moves[from], move.To) {
		return s.notAllowed(id, from, move.To)
	}
	if s.Guard == nil {
		return nil
	}
	unmet, err := s.Guard(ctx, tx, e, move)
	if err != nil || len(unmet) == 0 {
		return err
	}
	conflict := fault.New(fault.Conflict, "%s cannot become %s yet", id, move.To)
	conflict.Fields = unmet
	return conflict
}

func (s *States[E, M]) notAllowed(id vocab.ID, from, to string) error {
	conflict := fault.New(fault.Conflict, "%s is %s, which cannot become %s", id, from, to)
	message := "nothing follows " + from
	if next := s.Moves[from]; len(next) > 0 {
		message = from + " can become " + strings.Join(next, ", ")
	}
	conflict.Fields = []fault.Field{{Field: "to", Code: "transition_not_allowed", Message: message}}
	return conflict
}

func recordTransition(ctx context.Context, tx *store.Tx, id vocab.ID, from string, move Move, now time.Time) error {
	return tx.Client().Transition.Create().
		SetTargetKind(id.Prefix).SetTargetID(id.N).SetFromState(from).SetToState(move.To).SetReason(move.Reason).
		SetAt(*move.At).SetCreatedAt(now).SetCreatedBy(auth.From(ctx).Name).Exec(ctx)
}

// Next are the states that e can move to, guards apart, in order of their names.
func (s *States[E, M]) Next(e E) []string { return slices.Clone(s.Moves[s.Of(e)]) }

// MovesOf turns lines such as "planned: ready cancelled" into the table of moves.
func MovesOf(lines ...string) map[string][]string {
	moves := make(map[string][]string, len(lines))
	for _, line := range lines {
		from, to, _ := strings.Cut(line, ":")
		moves[from] = strings.Fields(to)
	}
	return moves
}

// Force moves a record to a state that readings or another deed of a domain package lead to: no table of moves is asked, and
// fill sets what else changes.
func (r *Records[E, M, I]) Force(ctx context.Context, id int, move Move, fill func(M)) (E, error) {
	states := r.noun.States
	entry := Entry{Op: vocab.ChangeOpTransition, Reason: move.Reason, Changes: make([]vocab.FieldChange, 1)}
	return r.rewrite(ctx, id, AnyVersion, entry, func(ctx context.Context, tx *store.Tx, old E) (func(M) error, error) {
		from := states.Of(old)
		entry.Changes[0] = vocab.FieldChange{Field: "status", From: from, To: move.To}
		return func(m M) error {
			states.Set(m, move.To)
			fill(m)
			return nil
		}, recordTransition(ctx, tx, r.noun.Kind.ID(id), from, move, r.now())
	})
}
