package drift

import (
	"encoding/json"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// bigSchema is 5,000 tables of 12 objects each, as a client posts it. Every hundredth object differs from step to step.
func bigSchema(step int) map[string]json.RawMessage {
	items := make(map[string]json.RawMessage, 60_000)
	for table := range 5_000 {
		path := fmt.Sprintf("table/billing.table_%04d", table)
		items[path] = json.RawMessage(`{"kind":"table"}`)
		for column := range 8 {
			size := 50
			if (table*8+column)%100 == step {
				size = 50 + step
			}
			items[fmt.Sprintf("%s/column/column_%d", path, column)] = fmt.Appendf(nil, `{"type": "character varying(%d)", "nullable": true, "default": "'nobody'::character varying"}`, size)
		}
		items[path+"/key/"+fmt.Sprintf("table_%04d_pkey", table)] = json.RawMessage(`{"definition": "PRIMARY KEY (column_0)"}`)
		items[path+"/index/"+fmt.Sprintf("table_%04d_column_1_idx", table)] = json.RawMessage(`{"columns": ["column_1", "column_2 DESC"], "method": "btree", "where": "(column_3 IS NOT NULL)"}`)
		items[path+"/foreign_key/"+fmt.Sprintf("table_%04d_fkey%d", table, step)] = json.RawMessage(`{"definition": "FOREIGN KEY (column_4) REFERENCES users(id) ON DELETE CASCADE"}`)
	}
	return items
}

var bigContext = Context{Attempt: "ATT-1", ChangedAreas: []string{"table_0042", "sessions", "column:table_0100.column_3"}, Findings: []Record{{"FND-1", []string{"billing"}}}}

func TestSixtyThousandObjectsCompareInTwoSeconds(t *testing.T) {
	base, target := snapshotOf(t, vocab.SnapshotKindSchema, bigSchema(0)), snapshotOf(t, vocab.SnapshotKindSchema, bigSchema(1))
	start := time.Now()
	changes := Rank(Diff(base, target, prodDev), bigContext)
	took := time.Since(start)
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	t.Logf("%d objects against %d: %d changes in %s; %d MB taken from the system", len(base.Items()), len(target.Items()), len(changes), took, memory.Sys>>20)
	if len(base.Items()) != 60_000 || len(changes) != 400 { // the foreign keys differ by a made-up name only
		t.Errorf("%d objects and %d changes, want 60000 and 400", len(base.Items()), len(changes))
	}
	if took > 2*time.Second {
		t.Errorf("took %s, want 2s at most", took)
	}
	if memory.Sys > 512<<20 {
		t.Errorf("took %d MB, want 512 at most", memory.Sys>>20)
	}
}

func TestSnapshotsShareWhatDoesNotDiffer(t *testing.T) {
	stored := map[Hash]int{}
	one := 0
	for step := range 4 {
		s := snapshotOf(t, vocab.SnapshotKindSchema, bigSchema(step))
		for _, item := range s.Items() {
			stored[item.Hash] = len(item.Path) + len(item.Value)
		}
		if step == 0 {
			for _, item := range s.Items() {
				one += len(item.Path) + len(item.Value)
			}
		}
	}
	all := 0
	for _, size := range stored {
		all += size
	}
	if all > 2*one {
		t.Errorf("four snapshots need %d bytes, one needs %d: want twice that at most", all, one)
	}
}

func BenchmarkCanonical60kObjects(b *testing.B) {
	items := bigSchema(0)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := New(vocab.SnapshotKindSchema, items); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDiff60kObjects(b *testing.B) {
	base, target := snapshotOf(b, vocab.SnapshotKindSchema, bigSchema(0)), snapshotOf(b, vocab.SnapshotKindSchema, bigSchema(1))
	b.ReportAllocs()
	for b.Loop() {
		if got := Rank(Diff(base, target, prodDev), bigContext); len(got) == 0 {
			b.Fatal("nothing differs")
		}
	}
}

func BenchmarkDiff60kObjectsAllDifferent(b *testing.B) {
	base, target := snapshotOf(b, vocab.SnapshotKindSchema, bigSchema(0)), snapshotOf(b, vocab.SnapshotKindSchema, map[string]any{"table/other": 1})
	b.ReportAllocs()
	for b.Loop() {
		if got := Rank(Diff(base, target, prodDev), bigContext); len(got) == 0 {
			b.Fatal("nothing differs")
		}
	}
}
