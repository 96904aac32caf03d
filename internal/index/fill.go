package index

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hindcast-kb/hindcast/internal/feed"
	"github.com/hindcast-kb/hindcast/internal/search"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// pageSize is how many records are read at a time.
const pageSize = 1000

// build fills a new engine with all records. The mark is taken first, so that what changes meanwhile is applied again afterwards.
func (x *Index) build(ctx context.Context) (built, error) {
	b := built{engine: x.newEngine()}
	var err error
	if b.mark, err = feed.End(ctx, x.store); err != nil {
		return built{}, err
	}
	for _, l := range loaders() {
		if err := x.fill(ctx, b.engine, l); err != nil {
			return built{}, err
		}
	}
	last, err := x.appendSynonyms(ctx, nil)
	if err != nil {
		return built{}, err
	}
	if last, err = x.appendModel(ctx, last); err != nil {
		return built{}, err
	}
	if err := b.engine.Apply(append(last, search.Change{Seq: int64(b.mark.Seq), Mark: markText(b.mark)})); err != nil {
		x.complain(ctx, "the model of meanings is left out", err) // search goes on without
	}
	return b, nil
}

// fill applies all records of one kind, page by page.
func (x *Index) fill(ctx context.Context, e Engine, l loader) error {
	for last := 0; ; {
		docs, err := l.load(ctx, x.store.Read(), after(last, pageSize))
		if err != nil {
			return x.store.Fault(fmt.Errorf("reading all %s to search: %w", l.kind.Table, err))
		}
		if len(docs) == 0 {
			return nil
		}
		ids := make([]vocab.ID, len(docs))
		for i, d := range docs {
			ids[i] = d.ID
			last = max(last, d.ID.N)
		}
		keys, err := keysOf(ctx, x.store.Read(), ids)
		if err != nil {
			return x.store.Fault(err)
		}
		changes := make([]search.Change, len(docs))
		for i, d := range docs {
			changes[i] = d.change(keys[d.ID])
		}
		if err := e.Apply(changes); err != nil {
			return err
		}
	}
}

// markText is a place in the feed as snapshots keep it, with the layout of the documents.
func markText(m feed.Mark) string { return layout + "/" + m.String() }

// load reads the snapshot file; it is false where there is none that fits the database.
func (x *Index) load(ctx context.Context) (built, bool) {
	b := built{engine: x.newEngine()}
	kept, ok := b.engine.(Keeper)
	if x.file == "" || !ok {
		return built{}, false
	}
	err := x.read(ctx, &b, kept)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		x.complain(ctx, "the snapshot of the search index is left aside", err)
	}
	if err != nil {
		return built{}, false
	}
	x.saved = b.mark
	return b, true
}

func (x *Index) read(ctx context.Context, b *built, kept Keeper) error {
	file, err := os.Open(x.file)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := kept.Load(bufio.NewReaderSize(file, 1<<20)); err != nil {
		return err
	}
	version, mark, _ := strings.Cut(b.engine.Stats().Mark, "/")
	if version != layout {
		return fmt.Errorf("%w: its documents have layout %q, not %q", search.ErrSnapshot, version, layout)
	}
	if b.mark, err = feed.ParseMark(mark); err != nil {
		return err
	}
	held, err := feed.Holds(ctx, x.store, b.mark)
	if err == nil && !held {
		err = fmt.Errorf("%w: it is of another database", search.ErrSnapshot)
	}
	return err
}

// save writes the snapshot file where something has changed since. A failure is told and otherwise costs the next start some time.
func (x *Index) save() {
	mark, _ := x.position()
	kept, ok := x.current().(Keeper)
	if x.file == "" || !ok || mark == x.saved || mark == (feed.Mark{}) {
		return
	}
	if err := x.write(kept); err != nil {
		x.log.Warn("writing the snapshot of the search index", "cause", err.Error())
		return
	}
	x.saved = mark
}

// write puts the new file in the place of the old one only once it is whole.
func (x *Index) write(kept Keeper) (err error) {
	file, err := os.CreateTemp(filepath.Dir(x.file), snapshotName+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	buffered := bufio.NewWriterSize(file, 1<<20)
	err = kept.Save(buffered)
	if err == nil {
		err = buffered.Flush()
	}
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), x.file)
}
