package search

import (
	"sync"
)

// Options of an Engine.
type Options struct {
	// Texts gives the texts of hits; without it answers carry no titles and snippets.
	Texts TextLoader
}

// Engine is the index of one replica. All methods may be called at the same time; changes are
// applied one batch after the other.
type Engine struct {
	texts TextLoader

	writer   sync.Mutex // held by whoever changes the index
	mu       sync.RWMutex
	index    *index
	seq      int64
	mark     string
	synonyms synonyms
	vocab    *vocabulary
	spelling spelling
	scratch  sync.Pool

	compacting bool           // held by writer
	generation int            // of the content; a Load begins a new one
	background sync.WaitGroup // compactions under way
}

// New makes an empty engine.
func New(o Options) *Engine {
	e := &Engine{texts: o.Texts, index: newIndex(), vocab: &vocabulary{}, spelling: newSpelling()}
	e.synonyms = readSynonyms(StarterSynonyms())
	e.scratch.New = func() any { return new(scratch) }
	return e
}

// chunk is how many changes share one hold of the lock, so that searches wait some milliseconds at most.
const chunk = 64

// Apply makes the changes visible in the order given. A change whose model cannot be read is an
// error; all other changes are still applied.
func (e *Engine) Apply(changes []Change) error {
	e.writer.Lock()
	defer e.writer.Unlock()
	var failed error
	texts := make([]analysed, chunk)
	for len(changes) > 0 {
		n := min(chunk, len(changes))
		if err := e.applyChunk(changes[:n], texts); err != nil {
			failed = err
		}
		changes = changes[n:]
		e.refreshVocabulary()
	}
	e.compact()
	return failed
}

// applyChunk analyses without the lock and then indexes under it.
func (e *Engine) applyChunk(changes []Change, texts []analysed) error {
	for i, c := range changes {
		if c.Doc != nil {
			texts[i].read(c.Doc.Title, c.Doc.Body)
		}
	}
	var failed error
	e.mu.Lock()
	defer e.mu.Unlock()
	for i, c := range changes {
		switch {
		case c.Doc != nil:
			e.index.put(c.Doc, &texts[i])
		case c.Model != nil:
			m, err := readModel(c.Model)
			if err != nil {
				failed = err
				break
			}
			e.index.setModel(m)
		case c.Synonyms != nil:
			e.synonyms = readSynonyms(c.Synonyms)
		default:
			e.index.remove(c.ID)
		}
		e.seq = max(e.seq, c.Seq)
		if c.Mark != "" {
			e.mark = c.Mark
		}
	}
	return failed
}

// Stats describes the index.
type Stats struct {
	Seq       int64
	Mark      string
	Documents int // live
	Deleted   int // waiting for compaction
	Words     int // distinct surface forms
	Terms     int
	// Model is the number of documents the semantic model was trained on; 0 without one.
	Model int
}

// Stats are of the moment.
func (e *Engine) Stats() Stats {
	e.mu.RLock()
	defer e.mu.RUnlock()
	s := Stats{
		Seq: e.seq, Mark: e.mark, Documents: e.index.size() - e.index.dead, Deleted: e.index.dead,
		Words: e.index.words.len(), Terms: e.index.terms.len(),
	}
	if m := e.index.model; m != nil {
		s.Model = m.documents
	}
	return s
}
