package app_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/dbtest"
	"github.com/hindcast-kb/hindcast/internal/store"
)

// TestTwoReplicasAnswerAlike writes through both of two servers on one database, and asks both the same once they have read as far.
func TestTwoReplicasAnswerAlike(t *testing.T) {
	t.Parallel()
	cfg := store.Config{DatabaseURL: dbtest.PostgresURL(t)}
	replicas := []*apptest.Server{apptest.Start(t, cfg), apptest.Start(t, cfg)}
	chance := rand.New(rand.NewPCG(7, 11))
	words := []string{"session", "index", "cache", "upgrade", "timeout", "garbage", "collector", "login"}
	title := func() string {
		return fmt.Sprintf("%s %s %s", words[chance.IntN(8)], words[chance.IntN(8)], words[chance.IntN(8)])
	}
	var made []string
	var seq string
	for range 120 {
		s := replicas[chance.IntN(2)]
		var answer apptest.Answer
		switch deed := chance.IntN(10); {
		case deed < 6 || len(made) == 0:
			answer = s.Must(t, http.StatusCreated, "POST", api+"/findings", map[string]any{"title": title(), "severity": []string{"low", "high"}[chance.IntN(2)]})
			made = append(made, answer.Text("id"))
		case deed < 8:
			answer = s.Must(t, http.StatusOK, "PATCH", api+"/findings/"+made[chance.IntN(len(made))], map[string]any{"title": title()}, "Content-Type", "application/merge-patch+json")
		default:
			last := len(made) - 1
			answer = s.Must(t, http.StatusNoContent, "DELETE", api+"/findings/"+made[last], nil)
			made = made[:last]
		}
		seq = answer.Header.Get("Hindcast-Seq")
	}
	for _, q := range append(words, "sesion index", "\"cache index\"", "up*", "login -cache") {
		path := api + "/search?facets=type,severity&limit=200&min_seq=" + seq + "&q=" + url.QueryEscape(q)
		var answers []map[string]any
		for _, s := range replicas {
			answer := whenRead(t, s, path)
			delete(answer.Body, "took_ms")
			answers = append(answers, answer.Body)
		}
		if diff := cmp.Diff(answers[0], answers[1]); diff != "" {
			t.Errorf("q=%s is answered differently: %s", q, diff)
		}
	}
}

// whenRead asks until the replica has read the change that the path names: other tests in the same cluster can hold that back.
func whenRead(t *testing.T, s *apptest.Server, path string) apptest.Answer {
	t.Helper()
	for range 60 {
		if answer := s.Call(t, "GET", path, nil); answer.Status != http.StatusServiceUnavailable {
			if answer.Status != http.StatusOK {
				t.Fatalf("GET %s = %d: %s", path, answer.Status, answer.Raw)
			}
			return answer
		}
	}
	t.Fatalf("GET %s is not caught up", path)
	return apptest.Answer{}
}
