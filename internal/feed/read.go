package feed

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/change"
	"github.com/hindcast-kb/hindcast/ent/predicate"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Mark is a place in the order in which the feed is read: by the transaction that wrote a change and then by its sequence. The
// zero Mark is before the first change.
type Mark struct {
	Txid int64
	Seq  int
	// At is when the change was written. It tells the feed of one store from that of another.
	At time.Time
}

// String is the form that ParseMark reads.
func (m Mark) String() string {
	return fmt.Sprintf("%d.%d.%d", m.Txid, m.Seq, m.At.UnixMicro())
}

// ParseMark reads a mark; it is Invalid for any other text.
func ParseMark(text string) (Mark, error) {
	parts := strings.Split(text, ".")
	var numbers [3]int64
	if len(parts) != len(numbers) {
		return Mark{}, fault.New(fault.Invalid, "%q is not a place in the feed", text)
	}
	for i, part := range parts {
		n, err := strconv.ParseInt(part, 10, 64)
		if err != nil {
			return Mark{}, fault.New(fault.Invalid, "%q is not a place in the feed", text)
		}
		numbers[i] = n
	}
	return Mark{Txid: numbers[0], Seq: int(numbers[1]), At: time.UnixMicro(numbers[2]).UTC()}, nil
}

// Before says whether m comes before n in the order of reading.
func (m Mark) Before(n Mark) bool {
	if m.Txid != n.Txid {
		return m.Txid < n.Txid
	}
	return m.Seq < n.Seq
}

// Entry is one change of the feed.
type Entry struct {
	Mark Mark
	ID   vocab.ID
	Op   vocab.ChangeOp
}

func entryOf(c *ent.Change) Entry {
	return Entry{Mark: markOf(c), ID: vocab.ID{Prefix: c.Kind, N: c.RecordID}, Op: c.Op}
}

func markOf(c *ent.Change) Mark { return Mark{Txid: c.Txid, Seq: c.ID, At: c.At.UTC()} }

// Read gives up to limit changes after the mark, in an order in which no later commit can put another before them: changes of a
// transaction are left for later while an older one is still running.
func Read(ctx context.Context, s *store.Store, after Mark, limit int) ([]Entry, error) {
	rows, err := s.Read().Change.Query().
		Where(s.Settled(change.FieldTxid), behind(s, after)).
		Order(change.ByTxid(), change.ByID()).Limit(limit).All(ctx)
	if err != nil {
		return nil, s.Fault(err)
	}
	entries := make([]Entry, len(rows))
	for i, row := range rows {
		entries[i] = entryOf(row)
	}
	return entries, nil
}

func behind(s *store.Store, m Mark) predicate.Change {
	return s.Behind(change.FieldTxid, change.FieldID, m.Txid, m.Seq)
}

// End is the mark of the last change that Read would give.
func End(ctx context.Context, s *store.Store) (Mark, error) {
	last, err := s.Read().Change.Query().Where(s.Settled(change.FieldTxid)).
		Order(change.ByTxid(entsql.OrderDesc()), change.ByID(entsql.OrderDesc())).First(ctx)
	switch {
	case ent.IsNotFound(err):
		return Mark{}, nil
	case err != nil:
		return Mark{}, s.Fault(err)
	}
	return markOf(last), nil
}

// Pending says whether there are changes after the mark, those included that Read does not give yet.
func Pending(ctx context.Context, s *store.Store, after Mark) (bool, error) {
	// The order leads PostgreSQL to the index also when it does not know yet how long the feed has become.
	there, err := s.Read().Change.Query().Where(behind(s, after)).Order(change.ByTxid(), change.ByID()).Exist(ctx)
	return there, s.Fault(err)
}

// Holds says whether the change at the mark is one of this feed.
func Holds(ctx context.Context, s *store.Store, m Mark) (bool, error) {
	there, err := s.Read().Change.Query().Where(change.ID(m.Seq), change.Txid(m.Txid), change.At(m.At)).Exist(ctx)
	return there, s.Fault(err)
}

// At is the mark of the first change whose sequence is seq or more, and whether there is one yet.
func At(ctx context.Context, s *store.Store, seq int) (Mark, bool, error) {
	row, err := s.Read().Change.Query().Where(change.IDGTE(seq)).Order(change.ByID()).First(ctx)
	switch {
	case ent.IsNotFound(err):
		return Mark{}, false, nil
	case err != nil:
		return Mark{}, false, s.Fault(err)
	}
	return markOf(row), true, nil
}

// Adopt makes changes that came with a copy of another server's data come before all that this server writes.
func Adopt(ctx context.Context, s *store.Store) error {
	return s.AdoptTransactions(ctx, change.Table, change.FieldTxid)
}
