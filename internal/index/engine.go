package index

import (
	"context"
	"io"

	"github.com/hindcast-kb/hindcast/internal/search"
)

// Engine is all that an index asks of a search engine. That of package search lives in the memory of every replica; one that
// hands on to another system, such as OpenSearch, needs these five methods. All of them may be called at the same time.
type Engine interface {
	// Apply makes the changes visible in the order given. After an error the changes that caused none are visible.
	Apply(changes []search.Change) error
	// Search is search.ErrCursor for a cursor that belongs to another question, and answers every question otherwise.
	Search(ctx context.Context, r search.Request) (search.Result, error)
	Suggest(ctx context.Context, r search.SuggestRequest) ([]search.Completion, error)
	Similar(ctx context.Context, r search.SimilarRequest) ([]search.SimilarItem, error)
	// Stats tell what has been applied; Stats.Mark is that of the newest change that had one.
	Stats() search.Stats
}

// Keeper is an Engine whose content can be kept in a file, so that a start need not read all records.
type Keeper interface {
	Save(w io.Writer) error
	// Load is search.ErrSnapshot for what Save did not write, or not to the end; the engine is then as before.
	Load(r io.Reader) error
}

// Learner is an Engine that trains a model on what it holds, which comes to the engines of all replicas as a change.
type Learner interface {
	NeedsModel() bool
	// TrainModel is nil when there is too little to learn from.
	TrainModel() []byte
}

var _ interface {
	Engine
	Keeper
	Learner
} = (*search.Engine)(nil)
