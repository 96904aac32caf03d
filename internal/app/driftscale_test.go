package app_test

import (
	"fmt"
	"net/http"
	"runtime"
	"testing"
	"time"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
)

// estate is 5,000 tables of 12 objects each; a hundredth of the columns is other in each step.
func estate(step int) map[string]any {
	items := make(map[string]any, 60_000)
	for table := range 5_000 {
		path := fmt.Sprintf("table/table_%04d", table)
		items[path] = map[string]any{"kind": "table"}
		for column := range 9 {
			size := 50
			if (table*9+column)%100 == step {
				size = 60
			}
			items[fmt.Sprintf("%s/column/column_%d", path, column)] = map[string]any{"type": fmt.Sprintf("character varying(%d)", size), "nullable": true}
		}
		items[path+fmt.Sprintf("/key/table_%04d_pkey", table)] = map[string]any{"definition": "PRIMARY KEY (column_0)"}
		items[path+fmt.Sprintf("/index/by_column_%04d", table)] = map[string]any{"columns": []string{"column_1", "column_2 DESC"}}
	}
	return items
}

// TestSixtyThousandObjectsAreComparedOverHTTP asks for the whole way: reading both sides, comparing, ranking, writing. It logs what
// that took, and does not judge it: the machine may be busy with other tests.
func TestSixtyThousandObjectsAreComparedOverHTTP(t *testing.T) {
	apptest.Each(t, func(t *testing.T, server *apptest.Server) {
		s := teller{server, t}
		g := s.stage("dependency")
		start := time.Now()
		s.captures(g.prod, "schema", "", estate(0))
		stored := time.Since(start)
		s.captures(g.dev, "schema", "", estate(1))
		attempt := s.add("/attempts", map[string]any{"upgrade_id": g.upgrade, "environment_id": g.prod, "changed_areas": []string{"table_0042", "sessions"}})
		start = time.Now()
		answer := s.Must(t, http.StatusOK, "GET", api+"/environments/"+g.dev+"/drift?attempt_id="+attempt, nil)
		took := time.Since(start)
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		t.Logf("stored in %s, compared in %s, %d MB taken from the system", stored, took, memory.Sys>>20)
		if n := len(answer.Body["items"].([]any)); n != 900 {
			t.Errorf("%d differ, want 900", n)
		}
	})
}
