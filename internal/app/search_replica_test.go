package app_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/dbtest"
	"github.com/hindcast-kb/hindcast/internal/store"
)

func TestAStartWithASnapshotAnswersAsOneWithout(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "search.snapshot")
	cfg := store.Config{DataDir: dir, SQLiteSynchronous: "normal"}
	const question = "/api/v1/search?q=quoll+hunts&facets=severity,tag&explain=true"
	var want string
	t.Run("the first writes", func(t *testing.T) {
		s := apptest.Start(t, cfg)
		var last apptest.Answer
		for i := range 30 {
			last = s.Must(t, http.StatusCreated, "POST", "/api/v1/findings", map[string]any{
				"title": fmt.Sprintf("Quoll %d hunts", i), "severity": "low", "tags": []string{fmt.Sprint("t", i%3)},
			})
		}
		want = trace(fresh(t, s, s.Token, question, last))
	})
	if info, err := os.Stat(file); err != nil || info.Size() == 0 {
		t.Fatalf("a stop leaves no snapshot: %v", err)
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	foreign := foreignSnapshot(t)
	for name, content := range map[string][]byte{
		"as it was": whole, "torn": whole[:len(whole)/2], "empty": {}, "flipped": flipped(whole), "of another database": foreign, "missing": nil,
	} {
		t.Run(name, func(t *testing.T) {
			if content == nil {
				if err := os.Remove(file); err != nil {
					t.Fatal(err)
				}
			} else if err := os.WriteFile(file, content, 0o600); err != nil {
				t.Fatal(err)
			}
			s := apptest.Start(t, cfg)
			ready(t, s)
			if diff := cmp.Diff(trace(s.Must(t, http.StatusOK, "GET", question, nil)), want); diff != "" {
				t.Errorf("it answers otherwise (-got +want):\n%s", diff)
			}
		})
	}
}

func TestAnOlderSnapshotIsBroughtUpToDate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "search.snapshot")
	cfg := store.Config{DataDir: dir, SQLiteSynchronous: "normal"}
	t.Run("the first writes", func(t *testing.T) {
		s := apptest.Start(t, cfg)
		for i := range 3 {
			made := s.Must(t, http.StatusCreated, "POST", "/api/v1/findings", map[string]any{"title": fmt.Sprintf("Bettong %d digs", i), "severity": "low"})
			fresh(t, s, s.Token, "/api/v1/search", made)
		}
	})
	old, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("the second writes more", func(t *testing.T) {
		s := apptest.Start(t, cfg)
		s.Must(t, http.StatusNoContent, "DELETE", "/api/v1/findings/FND-1", nil)
		s.Must(t, http.StatusOK, "PATCH", "/api/v1/findings/FND-2", map[string]any{"title": "Potoroo digs"})
		s.Must(t, http.StatusCreated, "POST", "/api/v1/synonyms", map[string]any{"words": []string{"bettong", "woylie"}})
	})
	if err := os.WriteFile(file, old, 0o600); err != nil { // as after a kill before the next snapshot
		t.Fatal(err)
	}
	s := apptest.Start(t, cfg)
	ready(t, s)
	wantIDs(t, "what is left", s.Must(t, http.StatusOK, "GET", "/api/v1/search?q=bettong", nil), "FND-3")
	wantIDs(t, "what was changed", s.Must(t, http.StatusOK, "GET", "/api/v1/search?q=potoroo", nil), "FND-2")
	wantIDs(t, "by a synonym", s.Must(t, http.StatusOK, "GET", "/api/v1/search?q=woylie&literal=true", nil), "FND-3")
}

func flipped(content []byte) []byte {
	other := append([]byte(nil), content...)
	other[len(other)/3] ^= 0x40
	return other
}

func ready(t *testing.T, s *apptest.Server) {
	t.Helper()
	for range 1000 {
		if s.Call(t, "GET", "/readyz", nil).Status == http.StatusOK {
			return
		}
	}
	t.Fatal("the server does not become ready")
}

func foreignSnapshot(t *testing.T) []byte {
	t.Helper()
	dir := t.TempDir()
	t.Run("another database", func(t *testing.T) {
		s := apptest.Start(t, store.Config{DataDir: dir, SQLiteSynchronous: "normal"})
		s.Clock.Move(3_600_000_000_000)
		for range 30 {
			made := s.Must(t, http.StatusCreated, "POST", "/api/v1/findings", map[string]any{"title": "Something else hunts", "severity": "low"})
			fresh(t, s, s.Token, "/api/v1/search?q=hunts", made)
		}
	})
	content, err := os.ReadFile(filepath.Join(dir, "search.snapshot"))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// TestTwoReplicasAgree writes through both at the same time, by chance, and compares what they answer once they are level.
func TestTwoReplicasAgree(t *testing.T) {
	t.Parallel()
	cfg := store.Config{DatabaseURL: dbtest.PostgresURL(t)}
	replicas := []*apptest.Server{apptest.Start(t, cfg), apptest.Start(t, cfg)}
	var writers sync.WaitGroup
	for w, s := range replicas {
		writers.Go(func() {
			dice := rand.New(rand.NewPCG(7, uint64(w)))
			var own []string
			for i := range 60 {
				switch path := "/api/v1/findings"; {
				case len(own) > 0 && dice.IntN(4) == 0:
					s.Must(t, http.StatusNoContent, "DELETE", path+"/"+own[0], nil)
					own = own[1:]
				case len(own) > 0 && dice.IntN(3) == 0:
					s.Must(t, http.StatusOK, "PATCH", path+"/"+own[len(own)-1], map[string]any{
						"title": fmt.Sprintf("Wallaby %d of %d jumps", i, w), "visibility": "restricted", "team": "alpha",
					})
				default:
					own = append(own, s.Must(t, http.StatusCreated, "POST", path, map[string]any{
						"title": fmt.Sprintf("Wallaby %d of %d sits", i, w), "severity": []string{"low", "high"}[dice.IntN(2)],
					}).Text("id"))
				}
			}
		})
	}
	writers.Wait()
	last := replicas[0].Must(t, http.StatusCreated, "POST", "/api/v1/findings", map[string]any{"title": "Wallaby is last", "severity": "low"})
	for _, path := range []string{
		"/api/v1/search?q=wallaby+jumps&limit=200&facets=severity,type", "/api/v1/search?q=walaby&limit=200", "/api/v1/search/suggest?q=wal", "/api/v1/search?limit=200",
	} {
		first, second := trace(fresh(t, replicas[0], replicas[0].Token, path, last)), trace(fresh(t, replicas[1], replicas[0].Token, path, last))
		if diff := cmp.Diff(first, second); diff != "" {
			t.Errorf("two replicas answer %s differently:\n%s", path, diff)
		}
	}
	got, err := replicas[0].Store.Read().Finding.Query().Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range replicas {
		if total := fresh(t, s, replicas[0].Token, "/api/v1/search?type=finding&limit=1", last).Text("total"); total != fmt.Sprint(got) {
			t.Errorf("replica %d finds %s findings, the database has %d", i, total, got)
		}
	}
}
