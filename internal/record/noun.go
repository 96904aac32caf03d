package record

import (
	"context"
	"time"

	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Input is what a client may set on a record.
type Input interface {
	// Check notes every field that breaks a rule by itself.
	Check(*fault.Check)
}

// Noun declares how one kind of record is kept. Of, Apply, Table, Kind and Visible are needed; the others say what is
// particular about the noun.
type Noun[E Entity, M Mutation, I Input] struct {
	Kind  vocab.Kind
	Table Table[E, M]
	// Of reads the entity back as the input that would make it.
	Of func(E) I
	// Apply writes the input to a mutation, for a new record as for a changed one: what the input leaves out is cleared.
	Apply func(I, M)
	// Visible says which rows the actor may know of.
	Visible Visible
	// Filters are what lists can ask for beside the common filters.
	Filters []Filter
	// Sorts are columns that lists can be ordered by beside created_at, updated_at and id; none of them may be null.
	Sorts []string

	// Rule notes what is wrong with the input given the rows of the transaction; old is the zero E for a new record.
	Rule func(ctx context.Context, tx *store.Tx, old E, in I, check *fault.Check) error
	// Guard refuses a change or deletion because of the state that the record is in.
	Guard func(ctx context.Context, tx *store.Tx, old E, op vocab.ChangeOp) error
	// Fill sets what no client may set. On create old is the zero E.
	Fill func(ctx context.Context, tx *store.Tx, old E, in I, m M) error
	// After runs in the transaction once the record is written, with the row before (zero on create) and after.
	After func(ctx context.Context, tx *store.Tx, before, after E) error
	// States is how the record moves between states; nil when it has none.
	States *States[E, M]
}

// Records runs the deeds of one noun.
type Records[E Entity, M Mutation, I Input] struct {
	noun  Noun[E, M, I]
	store *store.Store
	now   func() time.Time
}

// New makes the deeds of a noun over a store.
func New[E Entity, M Mutation, I Input](s *store.Store, now func() time.Time, noun Noun[E, M, I]) *Records[E, M, I] {
	return &Records[E, M, I]{noun: noun, store: s, now: now}
}

// Kind is the kind of record kept.
func (r *Records[E, M, I]) Kind() vocab.Kind { return r.noun.Kind }

// Of reads the entity back as the input that would make it.
func (r *Records[E, M, I]) Of(e E) I { return r.noun.Of(e) }

// ID is the id of an entity of this kind.
func (r *Records[E, M, I]) ID(e E) vocab.ID { return r.noun.Kind.ID(e.Meta().ID) }

// Filters are all filters that lists of this noun accept, the common ones apart.
func (r *Records[E, M, I]) Filters() []Filter { return r.noun.Filters }

// Sorts are all columns that lists of this noun can be ordered by.
func (r *Records[E, M, I]) Sorts() []string {
	return append([]string{"created_at", "updated_at", "id"}, r.noun.Sorts...)
}

// States are the words that a transition of this noun may name, or nil.
func (r *Records[E, M, I]) States() []string {
	if r.noun.States == nil {
		return nil
	}
	return r.noun.States.words()
}
