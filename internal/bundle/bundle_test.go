package bundle_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	entsql "entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"
	"github.com/google/go-cmp/cmp"

	"github.com/hindcast-kb/hindcast/ent/migrate"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/bundle"
	"github.com/hindcast-kb/hindcast/internal/dbtest"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// leftOut are the tables that belong to one server. A new table is in every bundle unless it is named here and in leftOut there.
var leftOut = []string{"tokens", "idempotency_keys", "settings", "changes", "sources", "deliveries", "embeds", "issue_states", "site_states", "jobs", "synonyms"}

func admin() context.Context { return auth.With(context.Background(), auth.System("test")) }

// fill writes rows 1 and 2 of every table of the model with a value in every column that can have one, and makes row 2 of
// lessons go again, so that a number is used up.
func fill(t *testing.T, s *store.Store) {
	t.Helper()
	err := s.Tx(admin(), func(ctx context.Context, tx *store.Tx) error {
		done := map[string]bool{}
		for len(done) < len(migrate.Tables) {
			for _, table := range migrate.Tables {
				if done[table.Name] || slices.ContainsFunc(table.ForeignKeys, func(fk *schema.ForeignKey) bool {
					return fk.RefTable.Name != table.Name && !done[fk.RefTable.Name]
				}) {
					continue
				}
				done[table.Name] = true
				if err := fillTable(ctx, tx, table); err != nil {
					return fmt.Errorf("%s: %w", table.Name, err)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatalf("filling the store: %v", err)
	}
}

func fillTable(ctx context.Context, tx *store.Tx, table *schema.Table) error {
	for n := 2; n >= 1; n-- { // row 1 refers to row 2 where a table refers to itself
		insert := entsql.Dialect(tx.Dialect()).Insert(table.Name)
		var names []string
		var values []any
		for _, c := range table.Columns {
			names, values = append(names, c.Name), append(values, sampleOf(table, c, n))
		}
		text, args := insert.Columns(names...).Values(values...).Query()
		if _, err := tx.SQL().ExecContext(ctx, text, args...); err != nil {
			return err
		}
	}
	return nil
}

func sampleOf(table *schema.Table, c *schema.Column, n int) any {
	for _, fk := range table.ForeignKeys {
		if fk.Columns[0] == c && fk.RefTable.Name == table.Name {
			if n == 2 {
				return nil
			}
			return 2
		}
	}
	if table.Name == "audit_entries" && c.Name == "target_kind" {
		return "LES"
	}
	if table.Name == "audit_entries" && c.Name == "target_id" {
		return 40 + n // records that are gone
	}
	switch c.Type {
	case field.TypeInt, field.TypeInt64:
		return n
	case field.TypeFloat64:
		return 0.1 + float64(n)
	case field.TypeBool:
		return n == 1
	case field.TypeTime:
		return time.Date(2026, 3, n, 8, 30, 0, 123_456_000, time.UTC)
	case field.TypeBytes:
		return []byte{0, 0xff, byte(n)}
	case field.TypeJSON:
		return json.RawMessage(`{"b": 1.50, "a": [1e3, "<&> é \" \\", null, 12345678901234567890], "n": ` + fmt.Sprint(n) + `}`)
	case field.TypeEnum:
		return c.Enums[n%len(c.Enums)]
	}
	return fmt.Sprintf("%s %d: “x” <&> \n é", c.Name, n)
}

func export(t *testing.T, s *store.Store) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := bundle.Export(admin(), s, &out); err != nil {
		t.Fatalf("exporting: %v", err)
	}
	return out.Bytes()
}

// withoutHeader leaves out the line that tells when the bundle was written.
func withoutHeader(raw []byte) string {
	_, rest, _ := strings.Cut(string(raw), "\n")
	return rest
}

func TestABundleHoldsEveryTableAndCrossesDatabasesUnchanged(t *testing.T) {
	t.Parallel()
	first := dbtest.SQLite(t)
	fill(t, first)
	was := export(t, first)
	kept := was
	for i, s := range []*store.Store{dbtest.Postgres(t), dbtest.SQLite(t)} {
		report, err := bundle.Import(admin(), s, bytes.NewReader(kept), false)
		if err != nil || report.Status != bundle.Imported {
			t.Fatalf("import %d = %+v, %v, want it imported", i, report, err)
		}
		for _, table := range migrate.Tables {
			left := slices.Contains(leftOut, table.Name)
			if want := map[bool]int{false: 2}[left]; report.Counts[table.Name] != want {
				t.Errorf("import %d has %d rows of %s, want %d", i, report.Counts[table.Name], table.Name, want)
			}
		}
		kept = export(t, s)
		if diff := cmp.Diff(withoutHeader(kept), withoutHeader(was)); diff != "" {
			t.Errorf("after import %d the store gives another bundle (-got +want): %s", i, diff)
		}
	}
}

func TestASecondImportChangesNothingAndAnotherStoreIsLeftAlone(t *testing.T) {
	t.Parallel()
	source := dbtest.SQLite(t)
	fill(t, source)
	raw := export(t, source)
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		for _, want := range []string{bundle.Imported, bundle.Unchanged} {
			if report, err := bundle.Import(admin(), s, bytes.NewReader(raw), false); err != nil || report.Status != want {
				t.Fatalf("import = %+v, %v, want %s", report, err, want)
			}
		}
		changes := s.Read().Change.Query().CountX(admin())
		if err := s.Tx(admin(), func(ctx context.Context, tx *store.Tx) error {
			return tx.Client().Service.UpdateOneID(1).SetTier("other").Exec(ctx)
		}); err != nil {
			t.Fatal(err)
		}
		before := export(t, s)
		if _, err := bundle.Import(admin(), s, bytes.NewReader(raw), false); !fault.Is(err, fault.Conflict) {
			t.Errorf("import into a store with other rows = %v, want a conflict", err)
		}
		if diff := cmp.Diff(withoutHeader(export(t, s)), withoutHeader(before)); diff != "" || s.Read().Change.Query().CountX(admin()) != changes {
			t.Errorf("a refused import changed the store: %s", diff)
		}
	})
}

func TestAServerKeepsItsOwnTokensAndTheirHistory(t *testing.T) {
	t.Parallel()
	source := dbtest.SQLite(t)
	fill(t, source)
	own := func(t *testing.T, s *store.Store, times int) {
		t.Helper()
		err := s.Tx(admin(), func(ctx context.Context, tx *store.Tx) error {
			for range times {
				tx.Client().AuditEntry.Create().SetAt(s.Now()).SetActor("operator").SetAction("create").SetTargetKind("TOK").SetTargetID(1).ExecX(ctx)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	before := withoutHeader(export(t, source))
	own(t, source, 1)
	raw := export(t, source)
	if diff := cmp.Diff(withoutHeader(raw), before); diff != "" {
		t.Errorf("the history of a token is exported (-got +want): %s", diff)
	}
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		own(t, s, 3)
		for _, want := range []string{bundle.WouldImport, bundle.Imported, bundle.Unchanged} {
			report, err := bundle.Import(admin(), s, bytes.NewReader(raw), want == bundle.WouldImport)
			if err != nil || report.Status != want {
				t.Fatalf("import = %+v, %v, want %s", report, err, want)
			}
		}
		if diff := cmp.Diff(withoutHeader(export(t, s)), before); diff != "" {
			t.Errorf("after the import the store gives another bundle (-got +want): %s", diff)
		}
		own(t, s, 1)
		if n := s.Read().AuditEntry.Query().CountX(admin()); n != 3+2+1 {
			t.Errorf("there are %d audit entries, want those of the server, of the bundle and a new one", n)
		}
	})
}

func TestATrialWritesNothing(t *testing.T) {
	t.Parallel()
	source := dbtest.SQLite(t)
	fill(t, source)
	raw := export(t, source)
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		empty := withoutHeader(export(t, s))
		report, err := bundle.Import(admin(), s, bytes.NewReader(raw), true)
		if err != nil || report.Status != bundle.WouldImport || report.Rows == 0 {
			t.Fatalf("trial = %+v, %v, want what would be imported", report, err)
		}
		if got := withoutHeader(export(t, s)); got != empty {
			t.Errorf("after a trial the store holds %s", got)
		}
		if n := s.Read().Change.Query().CountX(admin()); n != 0 {
			t.Errorf("after a trial the feed has %d entries", n)
		}
	})
}

func TestAfterAnImportTheFeedNamesEveryRecordAndNumbersGoOn(t *testing.T) {
	t.Parallel()
	source := dbtest.SQLite(t)
	fill(t, source)
	raw := export(t, source)
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		if _, err := bundle.Import(admin(), s, bytes.NewReader(raw), false); err != nil {
			t.Fatal(err)
		}
		fed := map[string]int{}
		for _, c := range s.Read().Change.Query().AllX(admin()) {
			fed[c.Kind]++
		}
		for _, table := range migrate.Tables {
			if kind, known := vocab.KindOf(table.Name); known && !slices.Contains(leftOut, table.Name) && fed[kind.Prefix] != 2 {
				t.Errorf("the feed names %d records of %s, want 2", fed[kind.Prefix], table.Name)
			}
		}
		err := s.Tx(admin(), func(ctx context.Context, tx *store.Tx) error {
			at := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
			svc := tx.Client().Service.Create().SetName("new").SetSlug("new").SetCreatedAt(at).SetUpdatedAt(at).SetCreatedBy("test").SaveX(ctx)
			les := tx.Client().Lesson.Create().SetTitle("new").SetWhen("w").SetThen("t").SetCreatedAt(at).SetUpdatedAt(at).SetCreatedBy("test").SaveX(ctx)
			if svc.ID != 3 || les.ID != 43 {
				t.Errorf("the next service and lesson are %d and %d, want 3 and 43, past a lesson that is gone", svc.ID, les.ID)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestADamagedBundleIsRefusedWholeAndSaysWhere(t *testing.T) {
	t.Parallel()
	source := dbtest.SQLite(t)
	fill(t, source)
	raw := string(export(t, source))
	lines := strings.SplitAfter(strings.TrimSuffix(raw, "\n"), "\n")
	lines[len(lines)-1] += "\n"
	end := len(lines) - 1
	join := func(edit func(l []string) []string) string { return strings.Join(edit(slices.Clone(lines)), "") }
	swap := func(i int, old, now string) string {
		return join(func(l []string) []string {
			if !strings.Contains(l[i], old) {
				t.Fatalf("line %d has no %s: %s", i+1, old, l[i])
			}
			l[i] = strings.Replace(l[i], old, now, 1)
			return l
		})
	}
	cases := map[string]struct {
		bundle string
		kind   fault.Kind
		says   string
	}{
		"nothing":                  {"", fault.Malformed, "empty"},
		"another file":             {"{\"a\":1}\n", fault.Malformed, "line 1 is not the header"},
		"a later form":             {swap(0, `"version":1`, `"version":2`), fault.Malformed, "version 2"},
		"a later schema":           {swap(0, `"schema_version":`, `"schema_version":9`), fault.Conflict, "newer hindcast"},
		"cut off between lines":    {join(func(l []string) []string { return l[:4] }), fault.Malformed, "after line 4 without its trailer"},
		"cut off within a line":    {raw[:len(lines[0])+40], fault.Malformed, "line 2"},
		"a line that is no JSON":   {swap(3, `{"table"`, `"table"`), fault.Malformed, "line 4"},
		"a changed value":          {swap(1, `“x”`, `“y”`), fault.Malformed, "changed after it was written"},
		"a line less":              {join(func(l []string) []string { return slices.Delete(l, 1, 2) }), fault.Malformed, "counts"},
		"a line twice":             {join(func(l []string) []string { return slices.Insert(l, 1, l[1]) }), fault.Invalid, "line 3"},
		"tables mixed":             {join(func(l []string) []string { return slices.Insert(l, end, l[1]) }), fault.Invalid, "stand together"},
		"lines after the trailer":  {raw + lines[1], fault.Malformed, "after the trailer"},
		"an unknown table":         {swap(1, `"table":"`, `"table":"x`), fault.Invalid, "line 2: table"},
		"an unknown column":        {swap(1, `"row":{`, `"row":{"nope":1,`), fault.Invalid, `no column "nope"`},
		"a missing column":         {swap(1, `"id"`, `"nope"`), fault.Invalid, "id of table"},
		"a word outside its list":  {join(replaceAll(`"kind":"staging"`, `"kind":"moon"`)), fault.Invalid, "must be one of"},
		"a text for a number":      {swap(1, `"id":1`, `"id":"1"`), fault.Invalid, "whole number"},
		"a null where none may be": {swap(1, `"actor":"actor 1: “x” <&> \n é"`, `"actor":null`), fault.Invalid, "null"},
		"a record that is missing": {resealed(t, lines, "upgrades"), fault.Invalid, "does not exist"},
	}
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		empty := withoutHeader(export(t, s))
		for name, tc := range cases {
			_, err := bundle.Import(admin(), s, strings.NewReader(tc.bundle), false)
			if text := detail(err); !fault.Is(err, tc.kind) || !strings.Contains(text, tc.says) {
				t.Errorf("%s: refused with %v (%s), want kind %d saying %q", name, err, text, tc.kind, tc.says)
			}
			if got := withoutHeader(export(t, s)); got != empty {
				t.Fatalf("%s: half of it was written: %s", name, got)
			}
		}
	})
}

func replaceAll(old, now string) func([]string) []string {
	return func(l []string) []string {
		for i := range l {
			l[i] = strings.Replace(l[i], old, now, 1)
		}
		return l
	}
}

// resealed leaves the rows of a table out and makes the trailer agree.
func resealed(t *testing.T, lines []string, table string) string {
	t.Helper()
	kept := slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return strings.HasPrefix(l, `{"table":"`+table+`"`) })
	return bundle.Seal(t, kept[:len(kept)-1])
}

func detail(err error) string {
	if err == nil {
		return ""
	}
	text := err.Error()
	var f *fault.Error
	if errors.As(err, &f) {
		for _, field := range f.Fields {
			text += "; " + field.Field + ": " + field.Message
		}
	}
	return text
}

func TestOnlyAdminMovesBundles(t *testing.T) {
	t.Parallel()
	s := dbtest.SQLite(t)
	ctx := auth.With(context.Background(), auth.Actor{Name: "x", Scopes: []vocab.Scope{vocab.ScopeRead, vocab.ScopeWrite}})
	if err := bundle.Export(ctx, s, &bytes.Buffer{}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("export without admin = %v, want it forbidden", err)
	}
	if _, err := bundle.Import(ctx, s, strings.NewReader(""), false); !fault.Is(err, fault.Forbidden) {
		t.Errorf("import without admin = %v, want it forbidden", err)
	}
}
