package feed_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/dbtest"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/feed"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

var at = time.Date(2026, 3, 2, 9, 0, 0, 123000, time.UTC)

func write(t *testing.T, s *store.Store, n int, before func()) {
	t.Helper()
	err := s.Tx(context.Background(), func(ctx context.Context, tx *store.Tx) error {
		if err := feed.Append(ctx, tx, vocab.Finding.ID(n), vocab.ChangeOpCreate, at); err != nil {
			return err
		}
		before()
		return nil
	})
	if err != nil {
		t.Errorf("writing change %d: %v", n, err)
	}
}

// readAll reads until want entries have come; transactions of other tests on the same server may hold them back for a while.
func readAll(t *testing.T, s *store.Store, want int) []feed.Entry {
	t.Helper()
	var all []feed.Entry
	for deadline := time.Now().Add(30 * time.Second); len(all) < want && time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		var mark feed.Mark
		if len(all) > 0 {
			mark = all[len(all)-1].Mark
		}
		entries, err := feed.Read(context.Background(), s, mark, 2)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, entries...)
	}
	return all
}

func numbers(entries []feed.Entry) []int {
	var n []int
	for _, e := range entries {
		n = append(n, e.ID.N)
	}
	return n
}

func TestChangesAreReadInOrderAndOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		for n := 1; n <= 5; n++ {
			write(t, s, n, func() {})
		}
		all := readAll(t, s, 5)
		if diff := cmp.Diff(numbers(all), []int{1, 2, 3, 4, 5}); diff != "" {
			t.Fatalf("read (-got +want):\n%s", diff)
		}
		ctx, last := context.Background(), all[4].Mark
		end, err := feed.End(ctx, s)
		if err != nil || end != last {
			t.Errorf("the end is %v, %v; want %v", end, err, last)
		}
		if pending, err := feed.Pending(ctx, s, last); pending || err != nil {
			t.Errorf("after the last, pending = %v, %v", pending, err)
		}
		if held, err := feed.Holds(ctx, s, last); !held || err != nil {
			t.Errorf("the feed does not hold its own mark: %v", err)
		}
		other := last
		other.At = other.At.Add(time.Microsecond)
		if held, err := feed.Holds(ctx, s, other); held || err != nil {
			t.Errorf("the feed holds a mark of another: %v", err)
		}
		if m, there, err := feed.At(ctx, s, last.Seq); !there || m != last || err != nil {
			t.Errorf("the mark of sequence %d is %v, %v, %v; want %v", last.Seq, m, there, err, last)
		}
		if _, there, err := feed.At(ctx, s, last.Seq+1); there || err != nil {
			t.Errorf("a sequence not written has a mark: %v", err)
		}
	})
}

func TestALateCommitIsNeverSkipped(t *testing.T) {
	t.Parallel()
	s := dbtest.Postgres(t)
	begun, commit, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		write(t, s, 1, func() {
			close(begun)
			<-commit
		})
	}()
	<-begun
	write(t, s, 2, func() {}) // a later transaction commits first
	entries, err := feed.Read(context.Background(), s, feed.Mark{}, 10)
	if err != nil || len(entries) != 0 {
		t.Errorf("while the older one runs, %v, %v are read; want none, or the older would be skipped", numbers(entries), err)
	}
	if pending, err := feed.Pending(context.Background(), s, feed.Mark{}); !pending || err != nil {
		t.Errorf("a change held back is not pending: %v", err)
	}
	close(commit)
	<-done
	if diff := cmp.Diff(numbers(readAll(t, s, 2)), []int{1, 2}); diff != "" {
		t.Errorf("read (-got +want):\n%s", diff)
	}
}

func TestChangesOfACopiedDatabaseComeFirst(t *testing.T) {
	t.Parallel()
	s := dbtest.Postgres(t)
	write(t, s, 1, func() {})
	if _, err := s.Writer().Exec("UPDATE changes SET txid = txid + 1000000000"); err != nil { // as if from a server that had run longer
		t.Fatal(err)
	}
	if err := feed.Adopt(context.Background(), s); err != nil {
		t.Fatal(err)
	}
	write(t, s, 2, func() {})
	if diff := cmp.Diff(numbers(readAll(t, s, 2)), []int{1, 2}); diff != "" {
		t.Errorf("read (-got +want):\n%s", diff)
	}
}

func TestListenersAreWoken(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, stop := context.WithCancel(context.Background())
		woken, ended := make(chan struct{}, 100), make(chan struct{})
		go func() {
			defer close(ended)
			s.Listen(ctx, feed.Channel, func() { woken <- struct{}{} })
		}()
		await := func(what string) {
			t.Helper()
			select {
			case <-woken:
			case <-time.After(10 * time.Second):
				t.Fatalf("not woken %s", what)
			}
		}
		await("at the start")
		write(t, s, 1, func() {})
		await("by a write")
		stop()
		<-ended
	})
}

func TestMarksAreReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := feed.Mark{
			Txid: rapid.Int64Min(0).Draw(t, "txid"), Seq: rapid.IntMin(0).Draw(t, "seq"),
			At: time.UnixMicro(rapid.Int64Range(0, 1<<52).Draw(t, "at")).UTC(),
		}
		if got, err := feed.ParseMark(m.String()); err != nil || got != m {
			t.Fatalf("%q is read as %v, %v; want %v", m.String(), got, err, m)
		}
	})
	for _, text := range []string{"", "1", "1.2", "1.2.x", "1.2.3.4", "..", "a.b.c"} {
		if _, err := feed.ParseMark(text); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q is taken for a mark: %v", text, err)
		}
	}
}

// Every write and every second asks for what is behind the last change, so that must not cost more the longer the feed is. The
// least of many times is compared within one run; walking the feed would take hundreds of times as long.
func TestTheEndIsReadWithoutWalkingTheFeed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		grow := func(rows int) {
			for range rows / 1000 {
				err := s.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
					return tx.Client().Change.MapCreateBulk(make([]struct{}, 1000), func(c *ent.ChangeCreate, i int) {
						c.SetKind(vocab.Finding.Prefix).SetRecordID(i).SetOp(vocab.ChangeOpUpdate).SetAt(at)
					}).Exec(ctx)
				})
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		quickest := func() time.Duration {
			end, pending, err := feed.Mark{}, true, error(nil)
			for start := time.Now(); pending && time.Since(start) < 30*time.Second; { // a transaction of another test may hold the newest back
				if end, err = feed.End(ctx, s); err == nil {
					pending, err = feed.Pending(ctx, s, end)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			least := time.Hour
			for range 50 {
				began := time.Now()
				if entries, err := feed.Read(ctx, s, end, 10); err != nil || len(entries) > 0 {
					t.Fatalf("behind the end: %v, %v", entries, err)
				}
				if pending, err := feed.Pending(ctx, s, end); err != nil || pending {
					t.Fatalf("pending behind the end: %v, %v", pending, err)
				}
				least = min(least, time.Since(began))
			}
			return least
		}
		grow(1000)
		short := quickest()
		grow(60_000)
		if long := quickest(); long > 10*short {
			t.Errorf("the end of 61,000 changes is read in %v, of 1,000 in %v", long, short)
		}
	})
}

func FuzzParseMark(f *testing.F) {
	f.Add("0.0.0")
	f.Add("7.42.1700000000000000")
	f.Fuzz(func(t *testing.T, text string) {
		if m, err := feed.ParseMark(text); err == nil {
			if again, err := feed.ParseMark(m.String()); err != nil || again != m {
				t.Errorf("%q is read as %v and then as %v, %v", text, m, again, err)
			}
		}
	})
}
