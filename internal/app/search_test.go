package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// fresh asks a question once the index knows the write. A transaction of another test holds the feed of PostgreSQL back at times,
// so it asks again for a while.
func fresh(t *testing.T, s *apptest.Server, token, path string, after apptest.Answer) apptest.Answer {
	t.Helper()
	joint := "?"
	if strings.Contains(path, "?") {
		joint = "&"
	}
	path += joint + "min_seq=" + after.Header.Get("Hindcast-Seq")
	var answer apptest.Answer
	for range 40 {
		if answer = s.CallAs(t, token, "GET", path, nil); answer.Status != http.StatusServiceUnavailable {
			break
		}
	}
	if answer.Status != http.StatusOK {
		t.Fatalf("GET %s = %d, want 200: %s", path, answer.Status, answer.Raw)
	}
	return answer
}

func search(t *testing.T, s *apptest.Server, token string, after apptest.Answer, query ...string) apptest.Answer {
	t.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(query); i += 2 {
		values.Add(query[i], query[i+1])
	}
	return fresh(t, s, token, "/api/v1/search?"+values.Encode(), after)
}

func idsOf(answer apptest.Answer) []string {
	ids := []string{}
	for _, item := range answer.Body["items"].([]any) {
		ids = append(ids, fmt.Sprint(item.(map[string]any)["id"]))
	}
	return ids
}

func wantIDs(t *testing.T, what string, answer apptest.Answer, want ...string) {
	t.Helper()
	if want == nil {
		want = []string{}
	}
	if diff := cmp.Diff(idsOf(answer), want); diff != "" {
		t.Errorf("%s (-got +want):\n%s%s", what, diff, answer.Raw)
	}
}

func TestEveryKindOfRecordIsFoundByWhatItSays(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		made := map[string]string{}
		var last apptest.Answer
		add := func(word, path string, body map[string]any) string {
			last = s.Must(t, http.StatusCreated, "POST", "/api/v1"+path, body)
			made[word] = last.Text("id")
			return last.Text("id")
		}
		service := add("quokka", "/services", map[string]any{"name": "Campus", "description": "the quokka of services"})
		environment := s.Must(t, http.StatusCreated, "POST", "/api/v1/environments", map[string]any{"name": "PROD", "kind": "production"}).Text("id")
		up := add("wombat", "/upgrades", map[string]any{"title": "Framework to 3", "kind": "framework", "service_id": service, "goal": "a wombat"})
		attempt := add("numbat", "/attempts", map[string]any{"upgrade_id": up, "environment_id": environment, "strategy": "numbat first"})
		assumption := add("bilby", "/assumptions", map[string]any{"statement": "the bilby is equal", "upgrade_id": up, "importance": "major"})
		finding := add("dingo", "/findings", map[string]any{"title": "Sessions end", "observed": "a dingo", "severity": "high", "service_id": service, "tags": []string{"night"}})
		lesson := add("potoroo", "/lessons", map[string]any{"title": "Compare first", "when": "a potoroo is near", "then": "compare"})
		add("cassowary", "/incidents", map[string]any{"title": "Logged out", "severity": "critical", "impact": "a cassowary"})
		add("galah", "/decisions", map[string]any{"kind": "go_no_go", "attempt_id": attempt, "question": "Go?", "chosen": "no", "rationale": "galah", "decided_by": "CTO"})
		add("brolga", "/actions", map[string]any{"title": "Add the index", "done_criterion": "brolga is quick", "owner": "database team", "finding_id": finding})
		add("jabiru", "/reviews", map[string]any{"title": "What happened", "summary": "jabiru", "attempt_ids": []string{attempt}})
		add("lorikeet", "/runbooks", map[string]any{"title": "Revert the lorikeet", "url": "https://wiki.example.com/revert"})
		for word, id := range made {
			answer := search(t, s, s.Token, last, "q", word)
			wantIDs(t, "search for "+word, answer, id)
			kind, _ := vocab.ParseID(id)
			if got := answer.Text("items.0.type"); got != kind.Kind().Name {
				t.Errorf("the type of %s is %q, want %q", id, got, kind.Kind().Name)
			}
			if page := answer.Text("items.0.html_url"); page != "http://hindcast.test/"+kind.Kind().Path+"/"+id {
				t.Errorf("the page of %s is %q", id, page)
			}
		}
		hit := search(t, s, s.Token, last, "q", "dingo", "explain", "true")
		fields := hit.Body["items"].([]any)[0].(map[string]any)["fields"]
		if diff := cmp.Diff(fields, map[string]any{"status": "reported", "severity": "high", "service_id": []any{service}, "tags": []any{"night"}}); diff != "" {
			t.Errorf("fields (-got +want):\n%s", diff)
		}
		if got := hit.Text("items.0.highlights.0"); got != `{"end":7,"field":"observed","start":2}` {
			t.Errorf("highlight = %s, want the word in observed", got)
		}
		if snippet := hit.Text("items.0.snippet"); !strings.Contains(snippet, "<mark>dingo</mark>") {
			t.Errorf("snippet = %q, want the word marked", snippet)
		}
		if hit.Text("items.0.explain.0.name") == "" || hit.Text("took_ms") == "" {
			t.Errorf("explain=true shows no parts, or no time: %s", hit.Raw)
		}
		wantIDs(t, "an exact id first", search(t, s, s.Token, last, "q", assumption, "limit", "1"), assumption)
		wantIDs(t, "a field in the question", search(t, s, s.Token, last, "q", "status:draft", "type", "lesson"), lesson)
		if title := search(t, s, s.Token, last, "q", "numbat").Text("items.0.title"); title != "Framework to 3, attempt 1" {
			t.Errorf("an attempt is called %q", title)
		}
		last = s.Must(t, http.StatusOK, "PATCH", "/api/v1/upgrades/"+up, map[string]any{"title": "Framework to 4"})
		if title := search(t, s, s.Token, last, "q", "numbat").Text("items.0.title"); title != "Framework to 4, attempt 1" {
			t.Errorf("after its upgrade was renamed an attempt is called %q", title)
		}
	})
}

func TestTheIndexFollowsEveryWrite(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		made := s.Must(t, http.StatusCreated, "POST", "/api/v1/findings", map[string]any{"title": "Kookaburra laughs", "severity": "low"})
		id := made.Text("id")
		wantIDs(t, "after the create", search(t, s, s.Token, made, "q", "kookaburra"), id)
		changed := s.Must(t, http.StatusOK, "PATCH", "/api/v1/findings/"+id, map[string]any{"title": "Magpie sings"})
		wantIDs(t, "the old word", search(t, s, s.Token, changed, "q", "kookaburra", "literal", "true"))
		wantIDs(t, "the new word", search(t, s, s.Token, changed, "q", "magpie"), id)
		linked := s.Must(t, http.StatusCreated, "POST", "/api/v1/references", map[string]any{"target": id, "kind": "jira", "external_key": "OPS-77"})
		wantIDs(t, "the key of an issue", search(t, s, s.Token, linked, "q", "OPS-77"), id)
		unlinked := s.Must(t, http.StatusNoContent, "DELETE", "/api/v1/references/"+linked.Text("id"), nil)
		wantIDs(t, "the key of an issue that is no longer linked", search(t, s, s.Token, unlinked, "q", "OPS-77"))
		moved := s.Must(t, http.StatusOK, "POST", "/api/v1/findings/"+id+"/transitions", map[string]any{"to": "triaged"})
		wantIDs(t, "the new state", search(t, s, s.Token, moved, "status", "triaged"), id)
		gone := s.Must(t, http.StatusNoContent, "DELETE", "/api/v1/findings/"+id, nil)
		wantIDs(t, "after the delete", search(t, s, s.Token, gone, "q", "magpie"))
	})
}

func TestACommittedChangeIsSoonVisible(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		warm := s.Must(t, http.StatusCreated, "POST", "/api/v1/findings", map[string]any{"title": "first", "severity": "low"})
		search(t, s, s.Token, warm, "q", "first")
		var took []time.Duration
		for i := range 9 {
			s.Must(t, http.StatusCreated, "POST", "/api/v1/findings", map[string]any{"title": fmt.Sprintf("bandicoot%d", i), "severity": "low"})
			start := time.Now()
			for len(idsOf(s.Must(t, http.StatusOK, "GET", fmt.Sprintf("/api/v1/search?literal=true&q=bandicoot%d", i), nil))) == 0 {
				if time.Since(start) > 10*time.Second {
					t.Fatal("a finding is not visible after 10 s")
				}
			}
			took = append(took, time.Since(start))
		}
		slices.Sort(took)
		t.Logf("visible after %v", took)
		if took[len(took)/2] > 250*time.Millisecond {
			t.Errorf("half of the changes take longer than %v to be visible, want at most 250ms", took[len(took)/2])
		}
	})
}

func TestFacetsCountWhatMatchesAndPagesDoNotOverlap(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		var last apptest.Answer
		for i, severity := range []string{"high", "high", "low", "critical", "low", "low"} {
			last = s.Must(t, http.StatusCreated, "POST", "/api/v1/findings", map[string]any{
				"title": fmt.Sprintf("Emu number %d", i), "severity": severity, "tags": []string{"bird"},
			})
		}
		answer := search(t, s, s.Token, last, "q", "emu", "severity", "low", "facets", "severity,type,tag,status,service_id")
		want := map[string]any{
			"severity":   []any{count("low", 3), count("high", 2), count("critical", 1)},
			"type":       []any{count("finding", 3)},
			"tag":        []any{count("bird", 3)},
			"status":     []any{count("reported", 3)},
			"service_id": []any{},
		}
		if diff := cmp.Diff(answer.Body["facets"], any(want)); diff != "" {
			t.Errorf("facets (-got +want):\n%s", diff)
		}
		var seen []string
		path := "/api/v1/search?q=emu&limit=4"
		for range 3 {
			page := s.Must(t, http.StatusOK, "GET", path, nil)
			seen = append(seen, idsOf(page)...)
			next := page.Text("next_cursor")
			if next == "" {
				break
			}
			if !strings.Contains(page.Header.Get("Link"), `rel="next"`) {
				t.Error("a page with a next cursor has no Link")
			}
			path = "/api/v1/search?q=emu&limit=4&cursor=" + next
		}
		slices.Sort(seen)
		if diff := cmp.Diff(slices.Compact(slices.Clone(seen)), []string{"FND-1", "FND-2", "FND-3", "FND-4", "FND-5", "FND-6"}); diff != "" || len(seen) != 6 {
			t.Errorf("two pages give %v", seen)
		}
		typo := search(t, s, s.Token, last, "q", "numbre")
		if typo.Text("suggestion.searched_for") != "number" || typo.Text("suggestion.instead_of") != "numbre" {
			t.Errorf("suggestion = %v", typo.Body["suggestion"])
		}
		completions := fresh(t, s, s.Token, "/api/v1/search/suggest?q=em", last)
		if completions.Text("items.0.kind") != "title" || completions.Text("items.0.id") == "" {
			t.Errorf("the first completion is no title: %s", completions.Raw)
		}
		if !strings.Contains(string(completions.Raw), `{"text":"emu","kind":"term","id":null}`) {
			t.Errorf("completions have no term: %s", completions.Raw)
		}
	})
}

func count(value string, n float64) map[string]any { return map[string]any{"value": value, "count": n} }

func TestQuestionsAreAnsweredAndBadParametersRefused(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		made := s.Must(t, http.StatusCreated, "POST", "/api/v1/findings", map[string]any{"title": "x", "severity": "low"})
		search(t, s, s.Token, made, "q", "x")
		for _, q := range []string{``, `"`, `-`, `*`, `a:`, `:b`, `"a`, `-"`, `(((`, `NOT AND OR`, "\x00", "\xff", `'; DROP TABLE`, strings.Repeat("é", 512)} {
			s.Must(t, http.StatusOK, "GET", "/api/v1/search?q="+url.QueryEscape(q), nil)
			s.Must(t, http.StatusOK, "GET", "/api/v1/search/suggest?q="+url.QueryEscape(q), nil)
		}
		for query, want := range map[string]int{
			"q=" + strings.Repeat("a", 513): 422, "limit=0": 422, "limit=201": 422, "limit=x": 422, "limit=200": 200, "nope=1": 422, "type=nope": 422,
			"type=finding&type=lesson": 200, "severity=nope": 422, "status=nope": 422, "service_id=FND-1": 422, "facets=nope": 422, "facets=type,nope": 422,
			"explain=maybe": 422, "since=yesterday": 422, "until=2026-01-01T00:00:00Z": 200, "cursor=nope": 400, "q=a&q=b": 422, "min_seq=x": 422,
			"since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z": 422,
		} {
			s.Must(t, want, "GET", "/api/v1/search?"+query, nil)
		}
		for query, want := range map[string]int{"limit=21": 422, "nope=1": 422, "q=" + strings.Repeat("a", 513): 422} {
			s.Must(t, want, "GET", "/api/v1/search/suggest?"+query, nil)
		}
		late := s.Must(t, http.StatusServiceUnavailable, "GET", "/api/v1/search?min_seq=999999", nil)
		if late.Header.Get("Retry-After") == "" {
			t.Error("a sequence that does not come in time is refused without Retry-After")
		}
		for body, want := range map[string]int{`{}`: 422, `{"text":""}`: 422, `{"text":"a","x":1}`: 422, `[]`: 422, `{`: 400, `{"text":"session"}`: 200} {
			s.Must(t, want, "POST", "/api/v1/similar", body)
		}
		s.Must(t, http.StatusNotFound, "GET", "/api/v1/findings/FND-99/similar", nil)
		s.Must(t, http.StatusUnprocessableEntity, "GET", "/api/v1/findings/FND-1/similar?limit=51", nil)
		if s.CallAs(t, "", "GET", "/api/v1/search?q=x", nil).Status != http.StatusUnauthorized {
			t.Error("a search without a token is answered")
		}
		reader := s.Grant(t, "reader", "", vocab.ScopeRead)
		for _, call := range [][2]string{{"GET", "/api/v1/search/stats"}, {"POST", "/api/v1/search/rebuild"}} {
			if got := s.CallAs(t, reader, call[0], call[1], nil).Status; got != http.StatusForbidden {
				t.Errorf("%s %s without admin = %d, want 403", call[0], call[1], got)
			}
		}
	})
}

// TestARestrictedRecordLeavesNoTrace compares what another team is answered with and without the record.
func TestARestrictedRecordLeavesNoTrace(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		owner, other := s.Grant(t, "owner", "alpha", vocab.ScopeRead), s.Grant(t, "other", "beta", vocab.ScopeRead)
		open := s.Must(t, http.StatusCreated, "POST", "/api/v1/findings", map[string]any{"title": "Platypus swims upstream", "component": "river", "severity": "low"})
		asked := []string{
			"/api/v1/search?q=platypus&facets=severity,tag,type,status,service_id", "/api/v1/search?facets=tag,severity", "/api/v1/search?q=echidna",
			"/api/v1/search?q=echidnna", "/api/v1/search?q=FND-2", "/api/v1/search?q=tag:secretive", "/api/v1/search?type=finding", "/api/v1/search?severity=critical",
			"/api/v1/search/suggest?q=plat", "/api/v1/search/suggest?q=ech", "/api/v1/findings/FND-1/similar", "/api/v1/search?q=SEC-9",
		}
		before := map[string]string{}
		for _, path := range asked {
			before[path] = trace(fresh(t, s, other, path, open))
		}
		alike := trace(s.CallAs(t, other, "POST", "/api/v1/similar", map[string]any{"text": "echidna platypus swims upstream"}))
		hidden := s.Must(t, http.StatusCreated, "POST", "/api/v1/findings", map[string]any{
			"title": "Echidna platypus swims upstream", "component": "river", "severity": "critical", "tags": []string{"secretive"}, "visibility": "restricted", "team": "alpha",
		})
		linked := s.Must(t, http.StatusCreated, "POST", "/api/v1/references", map[string]any{"target": hidden.Text("id"), "kind": "jira", "external_key": "SEC-9"})
		for _, path := range asked {
			if diff := cmp.Diff(trace(fresh(t, s, other, path, linked)), before[path]); diff != "" {
				t.Errorf("another team is told more by GET %s (-with +without):\n%s", path, diff)
			}
		}
		if now := trace(s.CallAs(t, other, "POST", "/api/v1/similar", map[string]any{"text": "echidna platypus swims upstream"})); now != alike {
			t.Errorf("another team is told more by POST /similar: %s, without %s", now, alike)
		}
		offered := s.CallAs(t, s.Grant(t, "writer", "beta", vocab.ScopeRead, vocab.ScopeWrite), "POST", "/api/v1/findings", map[string]any{"title": "Platypus swims again upstream", "severity": "low"})
		if strings.Contains(string(offered.Raw), hidden.Text("id")) {
			t.Errorf("another team is offered it: %s", offered.Raw)
		}
		s.Must(t, http.StatusNoContent, "DELETE", "/api/v1/findings/"+offered.Text("id"), nil)
		if got := s.CallAs(t, other, "GET", "/api/v1/findings/"+hidden.Text("id")+"/similar", nil).Status; got != http.StatusNotFound {
			t.Errorf("what is like a restricted record is answered with %d, want 404", got)
		}
		wantIDs(t, "its own team", search(t, s, owner, linked, "q", "echidna"), hidden.Text("id"))
		wantIDs(t, "its own team by key", search(t, s, owner, linked, "q", "SEC-9"), hidden.Text("id"))
		wantIDs(t, "similar for its own team", fresh(t, s, owner, "/api/v1/findings/FND-1/similar", linked), hidden.Text("id"))
		opened := s.Must(t, http.StatusOK, "PATCH", "/api/v1/findings/"+hidden.Text("id"), map[string]any{"visibility": "internal"})
		wantIDs(t, "once it is open", search(t, s, other, opened, "q", "echidna"), hidden.Text("id"))
		s.Must(t, http.StatusOK, "PATCH", "/api/v1/findings/"+hidden.Text("id"), map[string]any{"visibility": "restricted"})
		wantIDs(t, "at once after it is restricted again", s.CallAs(t, other, "GET", "/api/v1/search?q=echidna&literal=true", nil))
	})
}

// trace is an answer without the time it took.
func trace(a apptest.Answer) string {
	delete(a.Body, "took_ms")
	return fmt.Sprint(a.Status, a.Body)
}

func TestSimilarRecordsAreOfferedByStrength(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		service := s.Must(t, http.StatusCreated, "POST", "/api/v1/services", map[string]any{"name": "Campus"}).Text("id")
		up := s.Must(t, http.StatusCreated, "POST", "/api/v1/upgrades", map[string]any{"title": "Framework", "kind": "framework", "service_id": service}).Text("id")
		assumption := s.Must(t, http.StatusCreated, "POST", "/api/v1/assumptions", map[string]any{"statement": "equal", "upgrade_id": up, "importance": "major"}).Text("id")
		add := func(body map[string]any) apptest.Answer {
			body["severity"] = "low"
			return s.Must(t, http.StatusCreated, "POST", "/api/v1/findings", body)
		}
		weak := add(map[string]any{"title": "Users lose their session after login"})
		medium := add(map[string]any{"title": "Collector stalls", "component": "sessions", "service_id": service})
		strong := add(map[string]any{"title": "Query is slow", "assumption_ids": []string{assumption}})
		unlike := add(map[string]any{"title": "Printer jams"})
		if got := weak.Text("similar"); got != "[]" {
			t.Errorf("the first finding is offered %s, want an empty list", got)
		}
		search(t, s, s.Token, unlike, "q", "printer")
		made := add(map[string]any{
			"title": "Session of users ends after login", "component": "sessions", "service_id": service, "assumption_ids": []string{assumption},
		})
		var offered []string
		for _, item := range made.Body["similar"].([]any) {
			offered = append(offered, item.(map[string]any)["id"].(string)+" "+item.(map[string]any)["strength"].(string))
		}
		want := []string{strong.Text("id") + " strong", medium.Text("id") + " medium", weak.Text("id") + " weak"}
		if diff := cmp.Diff(offered, want); diff != "" {
			t.Errorf("offered (-got +want):\n%s", diff)
		}
		answer := fresh(t, s, s.Token, "/api/v1/findings/"+made.Text("id")+"/similar", made)
		wantIDs(t, "similar", answer, strong.Text("id"), medium.Text("id"), weak.Text("id"))
		if got := answer.Text("items.1.matched_on.0"); got != "component sessions" || !strings.HasPrefix(answer.Text("items.1.explanation"), "same component sessions") {
			t.Errorf("the second was matched on %q: %s", got, answer.Raw)
		}
		pair := s.Must(t, http.StatusCreated, "POST", "/api/v1/recurrences", map[string]any{"from": strong.Text("id"), "to": made.Text("id"), "kind": "same_cause"})
		rejected := s.Must(t, http.StatusOK, "POST", "/api/v1/recurrences/"+pair.Text("id")+"/transitions", map[string]any{"to": "rejected", "reason": "another cause"})
		wantIDs(t, "after the pair is rejected", fresh(t, s, s.Token, "/api/v1/findings/"+made.Text("id")+"/similar", rejected), medium.Text("id"), weak.Text("id"))
		if slices.Contains(idsOf(fresh(t, s, s.Token, "/api/v1/findings/"+strong.Text("id")+"/similar", rejected)), made.Text("id")) {
			t.Error("a rejected pair returns from the other side")
		}
		text := s.Must(t, http.StatusOK, "POST", "/api/v1/similar", map[string]any{"text": "the printer on the second floor jams"})
		if text.Text("items.0.id") != unlike.Text("id") {
			t.Errorf("most like the text is %s, want %s: %s", text.Text("items.0.id"), unlike.Text("id"), text.Raw)
		}
		incident := s.Must(t, http.StatusCreated, "POST", "/api/v1/incidents", map[string]any{"title": "Users lose their session at login", "severity": "high"})
		if incident.Text("similar.0.id") == "" {
			t.Errorf("a new incident is offered nothing: %s", incident.Raw)
		}
		fresh(t, s, s.Token, "/api/v1/incidents/"+incident.Text("id")+"/similar", incident)
	})
}

func TestARebuildAnswersTheSame(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		var last apptest.Answer
		for i := range 20 {
			last = s.Must(t, http.StatusCreated, "POST", "/api/v1/findings", map[string]any{"title": fmt.Sprintf("Possum %d climbs", i), "severity": "low"})
		}
		last = s.Must(t, http.StatusNoContent, "DELETE", "/api/v1/findings/FND-3", nil)
		before := trace(search(t, s, s.Token, last, "q", "possum climbs", "facets", "severity"))
		stats := s.Must(t, http.StatusOK, "POST", "/api/v1/search/rebuild", nil)
		if stats.Text("documents") != "19" || stats.Text("ready") != "true" {
			t.Errorf("after a rebuild the index has %s", stats.Raw)
		}
		if diff := cmp.Diff(trace(search(t, s, s.Token, last, "q", "possum climbs", "facets", "severity")), before); diff != "" {
			t.Errorf("a rebuilt index answers otherwise (-got +want):\n%s", diff)
		}
		made := s.Must(t, http.StatusCreated, "POST", "/api/v1/findings", map[string]any{"title": "Glider glides", "severity": "low"})
		wantIDs(t, "what is written after a rebuild", search(t, s, s.Token, made, "q", "glider"), made.Text("id"))
		if got := s.Must(t, http.StatusOK, "GET", "/api/v1/search/stats", nil).Text("documents"); got != "20" {
			t.Errorf("the index has %s documents, want 20", got)
		}
	})
}

func TestSynonymsAreKeptAndUsedByEverySearch(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		conform(t, s, resource{
			path: "/api/v1/synonyms", prefix: "SYN", single: true, immutable: true,
			minimal: map[string]any{"words": []string{"sweater", "jumper"}}, full: map[string]any{"words": []string{"ute", "pick up", "pickup"}},
			bad: map[string]any{"words": []string{"a", "A", ""}}, badFields: []string{"words[1]", "words[2]"}, filter: "words=ute",
		})
		made := s.Must(t, http.StatusCreated, "POST", "/api/v1/findings", map[string]any{"title": "The barbie is hot", "severity": "low"})
		other := s.Must(t, http.StatusCreated, "POST", "/api/v1/findings", map[string]any{"title": "The grill is cold", "severity": "low"})
		wantIDs(t, "before", search(t, s, s.Token, other, "q", "barbie"), made.Text("id"))
		group := s.Must(t, http.StatusCreated, "POST", "/api/v1/synonyms", map[string]any{"words": []string{"barbie", "grill"}})
		wantIDs(t, "with a synonym", search(t, s, s.Token, group, "q", "barbie"), made.Text("id"), other.Text("id"))
		gone := s.Must(t, http.StatusNoContent, "DELETE", "/api/v1/synonyms/"+group.Text("id"), nil)
		wantIDs(t, "without it again", search(t, s, s.Token, gone, "q", "barbie"), made.Text("id"))
		first := s.Must(t, http.StatusOK, "GET", "/api/v1/synonyms?words=rollback", nil)
		if len(idsOf(first)) != 1 {
			t.Errorf("a new installation has %d groups with rollback, want 1", len(idsOf(first)))
		}
		s.Must(t, http.StatusUnprocessableEntity, "POST", "/api/v1/synonyms", map[string]any{"words": []string{"alone"}})
		reader := s.Grant(t, "reader", "", vocab.ScopeRead)
		if got := s.CallAs(t, reader, "POST", "/api/v1/synonyms", map[string]any{"words": []string{"x", "y"}}).Status; got != http.StatusForbidden {
			t.Errorf("a reader adds synonyms: %d, want 403", got)
		}
	})
}

func TestAModelIsTrainedOnceThereAreEnoughRecords(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		var items []map[string]any
		words := strings.Fields("session login cookie index table query schema lock pool timeout memory heap cache queue worker")
		for i := range 240 {
			items = append(items, map[string]any{
				"title":    fmt.Sprintf("%s %s fails", words[i%len(words)], words[(i*7+i/15)%len(words)]),
				"observed": strings.Join(words[i%10:i%10+5], " "), "severity": "low",
			})
		}
		s.Must(t, http.StatusMultiStatus, "POST", "/api/v1/findings/bulk", map[string]any{"items": items})
		for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
			if got := s.Must(t, http.StatusOK, "GET", "/api/v1/search/stats", nil).Text("model_documents"); got == "240" {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("there is no model after 30 s: %s", s.Must(t, http.StatusOK, "GET", "/api/v1/search/stats", nil).Raw)
			}
		}
		rebuilt := s.Must(t, http.StatusOK, "POST", "/api/v1/search/rebuild", nil)
		if got := rebuilt.Text("model_documents"); got != "240" {
			t.Errorf("a rebuilt index has a model of %s documents, want the one that is kept", got)
		}
	})
}
