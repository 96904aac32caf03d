package fakejira

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hindcast-kb/hindcast/internal/jira"
)

// inbox takes deliveries as our ingest does: it checks the signature and keeps each one once.
type inbox struct {
	mu     sync.Mutex
	auth   jira.Auth
	fail   int
	kept   map[string][]byte
	order  []string
	copies int
}

func (b *inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, err := jira.Verify(b.auth, r.Header, nil, body, fixed); err != nil {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if b.fail > 0 {
		b.fail--
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	e, err := jira.Decode(body)
	if err != nil {
		w.WriteHeader(http.StatusOK)
		return
	}
	key := jira.DedupeKey(r.Header, body, &e)
	if _, had := b.kept[key]; had {
		b.copies++
	} else {
		b.order = append(b.order, key)
	}
	b.kept[key] = body
	_, _ = io.WriteString(w, "ok")
}

var fixed = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func receive(t *testing.T, secret string) (*inbox, string) {
	t.Helper()
	b := &inbox{auth: jira.Auth{Kind: jira.AuthHMAC, Secrets: []jira.Secret{{ID: "k", Value: jira.Hidden(secret)}}}, kept: map[string][]byte{}}
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	return b, server.URL
}

// states replays what the inbox kept, in the order it came.
func (b *inbox) states(t *testing.T) map[jira.ID]jira.State {
	t.Helper()
	out := map[jira.ID]jira.State{}
	for _, key := range b.order {
		e, err := jira.Decode(b.kept[key])
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range e.IssueIDs() {
			out[id], _ = out[id].Apply(e)
		}
	}
	return out
}

func TestABadWayChangesNothing(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]Options{"Cloud": {}, "Data Center": {Product: jira.ProductDataCenter, Context: "/jira"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			site := Start(options)
			t.Cleanup(site.Close)
			b, url := receive(t, "secret")
			site.Subscribe(Hook{URL: url, Secret: "secret"})
			var ids []string
			for range 10 {
				ids = append(ids, site.AddIssue("UPG", map[string]any{"summary": "a", "issuetype": map[string]any{"name": "Bug"}}).ID)
			}
			for i, id := range ids {
				site.Change(id, Actor, map[string]any{"summary": "b", "labels": []any{"postmortem"}})
				site.Comment(id, Actor, "seen again")
				site.Change(id, Actor, map[string]any{"status": Status("Erledigt", "done")})
				if i == 0 {
					site.Delete(id)
				}
			}
			moved := site.Move(ids[1], "OPS")
			b.fail = 5 // fewer than the tries of one delivery, so that none can fail for good
			for _, o := range site.Deliver(t.Context(), http.DefaultClient, Weather{Seed: 7, Shuffle: true, Copies: 3, Parallel: 8}) {
				if o.Status != http.StatusOK {
					t.Errorf("%s: got %d after %d tries", o.Delivery.Event, o.Status, o.Tries)
				}
			}
			if b.copies == 0 {
				t.Error("nothing came twice")
			}
			states := b.states(t)
			if len(states) != len(ids) {
				t.Fatalf("got %d issues, want %d", len(states), len(ids))
			}
			for i, id := range ids {
				s := states[jira.ID(id)]
				issue := s.Issue()
				if issue.Summary.Value != "b" || issue.Status.Value.Category != "done" || !cmp.Equal(issue.Labels.Value, []string{"postmortem"}) || len(s.Comments) != 1 || s.Deleted() != (i == 0) {
					t.Errorf("issue %s: got %+v, %d comments, deleted %v", id, issue, len(s.Comments), s.Deleted())
				}
			}
			if s := states[jira.ID(ids[1])]; s.Issue().Key != moved || len(s.Aliases()) != 1 {
				t.Errorf("moved: got %s with aliases %v, want %s and the old key", s.Issue().Key, s.Aliases(), moved)
			}
		})
	}
}

func TestRefusedDeliveriesAreFinal(t *testing.T) {
	t.Parallel()
	site := Start(Options{})
	t.Cleanup(site.Close)
	_, url := receive(t, "secret")
	site.Subscribe(Hook{URL: url, Secret: "another"})
	site.AddIssue("UPG", nil)
	out := site.Deliver(t.Context(), http.DefaultClient, Weather{})
	if len(out) != 1 || out[0].Status != http.StatusUnauthorized || out[0].Tries != 1 {
		t.Errorf("got %+v, want one refusal and no second try", out)
	}
}

func TestEventsAreWhatTheDecoderExpects(t *testing.T) {
	t.Parallel()
	site := Start(Options{})
	t.Cleanup(site.Close)
	site.Subscribe(Hook{URL: "http://127.0.0.1:1"})
	issue := site.AddIssue("UPG", map[string]any{"summary": "s"})
	site.Comment(issue.Key, Bot, "ours")
	site.Emit(map[string]any{"webhookEvent": "jira:version_released", "version": map[string]any{"id": "5", "name": "24.3.1", "projectId": 1, "released": true, "self": site.URL + "/rest/api/2/version/5"}})
	var kinds []jira.Kind
	for _, d := range site.Outbox() {
		e, err := jira.Decode(d.Body)
		if err != nil {
			t.Fatal(err)
		}
		if e.Site != site.URL || e.TS == 0 || len(e.Warnings) > 0 {
			t.Errorf("%s: got site %s, time %d, warnings %v", d.Event, e.Site, e.TS, e.Warnings)
		}
		if (e.Kind == jira.KindCommentCreated) != e.Echo([]string{Bot}) {
			t.Errorf("%s: got actor %s", d.Event, e.Actor.ID())
		}
		kinds = append(kinds, e.Kind)
	}
	if want := []jira.Kind{jira.KindIssueCreated, jira.KindCommentCreated, jira.KindVersionChanged}; !cmp.Equal(kinds, want) {
		t.Errorf("got %v, want %v", kinds, want)
	}
}
