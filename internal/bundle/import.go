package bundle

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// errDry undoes an import that was only to be tried.
var errDry = errors.New("a trial")

// Import writes a bundle into an empty store, in one transaction, with all numbers, times and versions as they were; dryRun
// does the same and undoes it. Into a store that holds exactly these rows already it writes nothing. It is Conflict for a store
// that holds others, Malformed for a file that is damaged and Invalid, naming the lines, for rows that do not fit the model.
// The actor must be admin.
func Import(ctx context.Context, s *store.Store, r io.Reader, dryRun bool) (Report, error) {
	if err := auth.Require(ctx, vocab.ScopeAdmin); err != nil {
		return Report{}, err
	}
	all, err := tables()
	if err != nil {
		return Report{}, err
	}
	spool, err := os.CreateTemp("", "hindcast-import-*")
	if err != nil {
		return Report{}, fmt.Errorf("keeping the bundle aside: %w", err)
	}
	defer func() { _ = errors.Join(spool.Close(), os.Remove(spool.Name())) }() // it is a copy
	report, err := check(ctx, s, io.TeeReader(r, spool), all)
	if err != nil {
		return Report{}, err
	}
	report.Status = Imported
	if dryRun {
		report.Status = WouldImport
	}
	err = s.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		same, err := holds(ctx, tx, all, report)
		if err != nil {
			return err
		}
		if same {
			report.Status = Unchanged
			return nil
		}
		if _, err := spool.Seek(0, io.SeekStart); err != nil {
			return fmt.Errorf("reading the bundle again: %w", err)
		}
		w := &writer{tx: tx, now: s.Now(), past: map[string]int64{}}
		if err := newReader(bufio.NewReader(spool), all).read(func(t *table, row []any) error { return w.add(ctx, t, row) }); err != nil {
			return err
		}
		if err := w.flush(ctx); err != nil {
			return err
		}
		if dryRun {
			return errDry
		}
		return w.advance(ctx)
	})
	if errors.Is(err, errDry) {
		err = nil
	}
	return report, err
}

// check reads the whole bundle before anything is written, so that a slow or broken sender holds up nobody.
func check(ctx context.Context, s *store.Store, r io.Reader, all []*table) (Report, error) {
	in := newReader(r, all)
	if err := in.read(func(*table, []any) error { return ctx.Err() }); err != nil {
		return Report{}, err
	}
	status, err := s.Status(ctx)
	if err != nil {
		return Report{}, err
	}
	if in.header.SchemaVersion > status.Current {
		return Report{}, fault.New(fault.Conflict, "the bundle has schema version %d and this store %d: run a newer hindcast",
			in.header.SchemaVersion, status.Current)
	}
	sum := in.sums.trailer()
	return Report{
		ExportedAt: in.header.ExportedAt, SchemaVersion: in.header.SchemaVersion, Rows: sum.Rows, Counts: sum.Counts, SHA256: sum.SHA256,
	}, nil
}

// holds says whether the store has exactly the rows of the report; it is Conflict when it has others, and no when it is empty.
func holds(ctx context.Context, tx *store.Tx, all []*table, report Report) (bool, error) {
	names := make([]string, len(all))
	for i, t := range all {
		names[i] = t.name
	}
	if err := tx.LockTables(ctx, names...); err != nil {
		return false, err
	}
	there := newSums()
	if err := there.write(ctx, tx.SQL(), tx.Dialect(), all, io.Discard); err != nil {
		return false, err
	}
	sum := there.trailer()
	switch {
	case sum.Rows == 0:
		return report.Rows == 0, nil
	case sum.SHA256 == report.SHA256:
		return true, nil
	}
	return false, fault.New(fault.Conflict, "the store already holds %d rows: a bundle is imported into an empty store only", sum.Rows)
}
