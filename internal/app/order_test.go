package app_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/dbtest"
	"github.com/hindcast-kb/hindcast/internal/store"
)

// fact is one record of a world: what is posted where, once what it belongs to is there. $name in it stands for the id that a
// fact of that name was given.
type fact struct {
	name, path string
	body       map[string]any
	// arm is set for a tripwire that is armed once it is there.
	arm bool
}

// world is what there is to tell about an attempt, in no order.
func world(r *rapid.T) []fact {
	when := rapid.SampledFrom([]int{1, 2, 2, 5}) // some of one moment
	areas := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"sessions", "courses", "logins"}), 0, 2, rapid.ID[string])
	place := rapid.SampledFrom([]string{"$PROD", "$DEV"})
	var facts []fact
	for i := range rapid.IntRange(1, 3).Draw(r, "assumptions") {
		name := fmt.Sprintf("assumption%d", i)
		body := map[string]any{
			"statement": fmt.Sprintf("Statement %d holds", rapid.IntRange(0, 2).Draw(r, "statement")), "attempt_id": "$attempt", "environment_id": "$PROD",
			"importance": rapid.SampledFrom([]string{"blocking", "major"}).Draw(r, "importance"), "areas": areas.Draw(r, "areas"),
		}
		if rapid.Bool().Draw(r, "ages") {
			body["valid_for_days"] = rapid.IntRange(1, 10).Draw(r, "valid_for_days")
		}
		facts = append(facts, fact{name: name, path: "/assumptions", body: body})
		for j := range rapid.IntRange(0, 4).Draw(r, "evidence") {
			facts = append(facts, fact{name: fmt.Sprintf("%s.evidence%d", name, j), path: "/assumptions/$" + name + "/evidence", body: map[string]any{
				"result":         rapid.SampledFrom([]string{"supports", "supports", "contradicts", "inconclusive"}).Draw(r, "result"),
				"environment_id": place.Draw(r, "place"), "observed_at": day("2026-02-20 09:00").AddDate(0, 0, when.Draw(r, "observed")),
				"summary": "it was seen", "method": rapid.SampledFrom([]string{"", "a query", "a test"}).Draw(r, "method"),
			}})
		}
	}
	for i := range rapid.IntRange(0, 3).Draw(r, "findings") {
		facts = append(facts, fact{name: fmt.Sprintf("finding%d", i), path: "/findings", body: map[string]any{
			"title": fmt.Sprintf("Finding %d", rapid.IntRange(0, 1).Draw(r, "title")), "attempt_id": "$attempt", "component": "sessions",
			"severity":    rapid.SampledFrom([]string{"critical", "high", "low"}).Draw(r, "severity"),
			"attribution": rapid.SampledFrom([]string{"caused_by_change", "exposed_by_change", "pre_existing"}).Draw(r, "attribution"),
		}})
	}
	for i := range rapid.IntRange(0, 2).Draw(r, "lessons") {
		facts = append(facts, fact{name: fmt.Sprintf("lesson%d", i), path: "/lessons", body: map[string]any{
			"title": fmt.Sprintf("Lesson %d", i), "when": "persistence is touched", "then": "look first", "applies_to": map[string]any{"service_ids": []string{"$service"}},
		}, arm: true})
	}
	for i := range rapid.IntRange(0, 2).Draw(r, "tripwires") {
		facts = append(facts, fact{name: fmt.Sprintf("tripwire%d", i), path: "/attempts/$attempt/tripwires", arm: rapid.Bool().Draw(r, "armed"), body: map[string]any{
			"signal": fmt.Sprintf("Signal %d", i), "comparator": "gt", "threshold": 200, "then": "rollback", "agreed_by": "tech lead",
		}})
	}
	return facts
}

// told tells a world in the given order and gives what is answered, without what names single records or moments.
func (s teller) told(n int, facts []fact, places map[string]string) map[string]any {
	s.t.Helper()
	ids := map[string]string{"$PROD": places["PROD"], "$DEV": places["DEV"]}
	ids["$service"] = s.add("/services", map[string]any{"name": "Learning platform", "slug": fmt.Sprintf("platform-%d", n)})
	ids["$upgrade"] = s.add("/upgrades", map[string]any{"title": "Web framework 2 to 3", "kind": "framework", "service_id": ids["$service"]})
	ids["$attempt"] = s.add("/attempts", map[string]any{
		"upgrade_id": ids["$upgrade"], "environment_id": ids["$PROD"], "changed_areas": []string{"sessions", "courses"},
		"window_end": day("2026-03-03 12:00"), "watch_until": day("2026-03-04 17:00"),
	})
	for waiting := facts; len(waiting) > 0; { // what belongs to something not told yet waits for its turn
		var later []fact
		for _, f := range waiting {
			path, known := resolve(f.path, ids).(string)
			if !known || strings.Contains(path, "$") {
				later = append(later, f)
				continue
			}
			body, _ := resolve(f.body, ids).(map[string]any)
			s.Clock.Move(time.Second)
			id := s.add(path, body)
			ids["$"+f.name] = id
			if f.arm {
				s.moves(f, id)
			}
		}
		waiting = later
	}
	gate := s.Must(s.t, http.StatusOK, "POST", api+"/attempts/"+ids["$attempt"]+"/gate", nil)
	brief := s.Must(s.t, http.StatusOK, "GET", api+"/attempts/"+ids["$attempt"]+"/brief", nil)
	answer := map[string]any{"decision": gate.Text("decision"), "brief_hash": gate.Text("brief_hash"), "brief": brief.Text("brief_hash"), "counts": gate.Body["counts"]}
	for _, r := range gate.Body["reasons"].([]any) {
		reason := r.(map[string]any)
		line := fmt.Sprint(reason["code"], reason["importance"], reason["why"], reason["next"], reason["status_reason"])
		answer["reasons"] = append(listOf(answer["reasons"]), recordID.ReplaceAllString(line, ""))
	}
	for _, f := range facts {
		if f.path == "/assumptions" {
			row := s.Must(s.t, http.StatusOK, "GET", api+"/assumptions/"+ids["$"+f.name], nil)
			answer[f.name] = row.Text("status") + " " + row.Text("status_reason")
		}
	}
	return answer
}

var recordID = regexp.MustCompile(`\b[A-Z]{3}-\d+\b`)

func listOf(v any) []string { list, _ := v.([]string); return list }

func (s teller) moves(f fact, id string) {
	s.t.Helper()
	if strings.HasPrefix(f.name, "lesson") {
		s.move("/lessons/"+id, "active", s.Clock.Now())
		return
	}
	s.move("/tripwires/"+id, "armed", s.Clock.Now())
}

// resolve puts ids in the place of names.
func resolve(v any, ids map[string]string) any {
	switch v := v.(type) {
	case string:
		for _, part := range strings.Split(v, "/") {
			if id, known := ids[part]; known {
				v = strings.ReplaceAll(v, part, id)
			}
		}
		return v
	case []string:
		out := make([]string, len(v))
		for i, text := range v {
			out[i], _ = resolve(text, ids).(string)
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for name, value := range v {
			out[name] = resolve(value, ids)
		}
		return out
	}
	return v
}

// TestNeitherOrderNorDatabaseChangesWhatIsAnswered tells the same facts in two orders to one database and in a third to the other.
func TestNeitherOrderNorDatabaseChangesWhatIsAnswered(t *testing.T) {
	t.Parallel()
	tellers := []teller{
		{apptest.Start(t, store.Config{DataDir: t.TempDir(), SQLiteSynchronous: "normal"}), t},
		{apptest.Start(t, store.Config{DatabaseURL: dbtest.PostgresURL(t)}), t},
	}
	places := make([]map[string]string, len(tellers))
	for i, s := range tellers {
		s.Clock.Set(day("2026-03-02 09:00"))
		places[i] = map[string]string{}
		for name, kind := range map[string]string{"PROD": "production", "DEV": "development"} {
			places[i][name] = s.add("/environments", map[string]any{"name": name, "kind": kind})
		}
	}
	const enough = 25 // worlds, each of which takes some hundred requests
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		facts := world(r)
		if n == enough {
			return
		}
		other, third := rapid.Permutation(facts).Draw(r, "another order"), rapid.Permutation(facts).Draw(r, "a third order")
		n++
		for _, s := range tellers { // all is told within the same minute of both clocks
			s.Clock.Set(day("2026-03-02 09:00"))
		}
		want := tellers[0].told(3*n, facts, places[0])
		for name, got := range map[string]map[string]any{
			"another order":    tellers[0].told(3*n+1, other, places[0]),
			"another database": tellers[1].told(3*n+2, third, places[1]),
		} {
			if diff := cmp.Diff(want, got); diff != "" {
				r.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
	})
}
