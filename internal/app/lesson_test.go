package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

func TestLessonsConform(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		w := set(t, s)
		conform(t, s, resource{
			path: api + "/lessons", prefix: "LES",
			minimal: map[string]any{"title": "Compare schemas", "when": "always", "then": "compare"},
			full: map[string]any{
				"title": "Compare schemas first", "when": "sessions change", "then": "compare", "because": "an index differed", "check": "a link",
				"success_criterion": "no surprise", "review_by": "2026-09-01", "finding_ids": []string{}, "assumption_ids": []string{},
				"incident_ids": []string{}, "supersedes_id": "LES-1", "tags": []string{"persistence"}, "visibility": "internal", "team": "shop", "sample": true,
				"applies_to": map[string]any{"kinds": []string{"framework"}, "service_ids": []string{w.service}, "areas": []string{"Sessions"}, "tags": []string{"db"}},
			},
			patch:   map[string]any{"title": "Compare", "review_by": nil},
			patched: map[string]any{"title": "Compare", "review_by": nil, "then": "compare"},
			bad: map[string]any{
				"title": "x", "when": "y", "nope": 1, "review_by": "soon", "finding_ids": []string{"INC-1"}, "supersedes_id": "FND-1",
				"applies_to": map[string]any{"kinds": []string{"weather"}, "service_ids": []string{"ENV-1"}, "areas": []string{" "}},
			},
			badFields: []string{
				"applies_to.areas[0]", "applies_to.kinds[0]", "applies_to.service_ids[0]", "finding_ids[0]", "nope", "review_by", "supersedes_id", "then",
			},
			filter: "status=draft&kind=framework&area=sessions&service_id=" + w.service,
		})
		hidden(t, s, api+"/lessons", map[string]any{"title": "hidden", "when": "x", "then": "y"}, "/effectiveness")
	})
}

// learn makes a lesson and makes it active.
func learn(t *testing.T, s *apptest.Server, change map[string]any) string {
	t.Helper()
	body := map[string]any{"title": "Compare schemas", "when": "sessions change", "then": "compare"}
	for k, v := range change {
		body[k] = v
	}
	here := s.Must(t, http.StatusCreated, "POST", api+"/lessons", body).Header.Get("Location")
	s.Must(t, http.StatusOK, "POST", here+"/transitions", map[string]any{"to": "active"})
	return here
}

func TestALessonThatTakesAnothersPlaceSupersedesItOnceItIsActive(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		old := learn(t, s, map[string]any{"visibility": "restricted", "team": "database"})
		draft := s.Must(t, http.StatusCreated, "POST", api+"/lessons", map[string]any{
			"title": "Compare every day", "when": "x", "then": "y", "supersedes_id": strings.TrimPrefix(old, api+"/lessons/"),
		}).Header.Get("Location")
		if got := s.Must(t, http.StatusOK, "GET", old, nil); got.Text("status") != "active" {
			t.Errorf("a draft superseded the lesson already: %s", got.Raw)
		}
		s.Must(t, http.StatusOK, "POST", draft+"/transitions", map[string]any{"to": "active"})
		if got := s.Must(t, http.StatusOK, "GET", old, nil); got.Text("status") != "superseded" {
			t.Errorf("the lesson whose place was taken is %s, want superseded", got.Text("status"))
		}
	})
}

func TestALessonIsStaleOnceItsDayHasPassed(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) { // the clock begins on 2 March 2026 at 09:00
		here := learn(t, s, map[string]any{"review_by": "2026-03-02"})
		for _, want := range []string{"false", "true"} {
			if got := s.Must(t, http.StatusOK, "GET", here, nil); got.Text("stale") != want {
				t.Errorf("at %s the lesson is stale: %s, want %s", s.Clock.Now(), got.Text("stale"), want)
			}
			if list := s.Must(t, http.StatusOK, "GET", api+"/lessons?stale="+want, nil); len(list.Body["items"].([]any)) != 1 {
				t.Errorf("at %s the list of stale=%s is %s", s.Clock.Now(), want, list.Raw)
			}
			s.Clock.Move(15 * time.Hour)
		}
	})
}

func TestAnswersToLessons(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		w := set(t, s)
		here := learn(t, s, nil)
		id := strings.TrimPrefix(here, api+"/lessons/")
		path := api + "/attempts/" + w.attempt + "/lessons"
		s.Must(t, http.StatusUnprocessableEntity, "PUT", path+"/"+id, map[string]any{"response": "skipped"})
		s.Must(t, http.StatusUnprocessableEntity, "PUT", path+"/"+id, map[string]any{"response": "applied", "outcome": "prevented"})
		s.Must(t, http.StatusUnprocessableEntity, "PUT", path+"/"+id, map[string]any{"response": "perhaps", "nope": 1})
		s.Must(t, http.StatusNotFound, "PUT", path+"/LES-99", map[string]any{"response": "applied"})
		s.Must(t, http.StatusNotFound, "PUT", api+"/attempts/ATT-99/lessons/"+id, map[string]any{"response": "applied"})
		first := s.Must(t, http.StatusOK, "PUT", path+"/"+id, map[string]any{"response": "skipped", "reason": "no time"})
		if first.Text("status") != "answered" || first.Text("answered_by") != "test admin" {
			t.Errorf("the answer is kept as %s", first.Raw)
		}
		again := s.Must(t, http.StatusOK, "PUT", path+"/"+id, map[string]any{"response": "skipped", "reason": "no time"})
		if again.Text("version") != first.Text("version") || again.Text("updated_at") != first.Text("updated_at") {
			t.Errorf("the same answer again changed %s to %s", first.Raw, again.Raw)
		}
		end(t, s, w.attempt, vocab.AttemptStatusRolledBack)
		assessed := s.Must(t, http.StatusOK, "PUT", path+"/"+id, map[string]any{"response": "applied", "outcome": "prevented"})
		if assessed.Text("status") != "assessed" || assessed.Text("assessed_at") == "" {
			t.Errorf("the assessed answer is kept as %s", assessed.Raw)
		}
		list := s.Must(t, http.StatusOK, "GET", path+"?expand=lesson&status=assessed", nil)
		if list.Text("items.0.lesson_id") != id || list.Text("items.0.lesson.title") != "Compare schemas" {
			t.Errorf("GET %s = %s", path, list.Raw)
		}
		s.Must(t, http.StatusUnprocessableEntity, "GET", path+"?nope=1", nil)
		effect := s.Must(t, http.StatusOK, "GET", here+"/effectiveness", nil)
		if effect.Text("verdict") != "effective" || effect.Text("surfaced") != "1" || effect.Text("prevented") != "1" || effect.Text("skipped") != "0" {
			t.Errorf("the effect is %s", effect.Raw)
		}
		secret := learn(t, s, map[string]any{"visibility": "restricted", "team": "database"})
		s.Must(t, http.StatusOK, "PUT", path+"/"+strings.TrimPrefix(secret, api+"/lessons/"), map[string]any{"response": "applied"})
		other := s.Grant(t, "another team", "shop", vocab.ScopeRead, vocab.ScopeWrite)
		if list := s.CallAs(t, other, "GET", path, nil); len(list.Body["items"].([]any)) != 1 {
			t.Errorf("another team sees %s, want one lesson", list.Raw)
		}
		if got := s.CallAs(t, other, "PUT", path+"/"+strings.TrimPrefix(secret, api+"/lessons/"), map[string]any{"response": "applied"}); got.Status != http.StatusNotFound {
			t.Errorf("another team answers a restricted lesson with %d, want 404", got.Status)
		}
	})
}

func TestALessonIsTriedOnThePast(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		w := set(t, s)
		finding := s.Must(t, http.StatusCreated, "POST", api+"/findings", map[string]any{"title": "Sessions expire", "severity": "critical", "attempt_id": w.attempt})
		here := learn(t, s, map[string]any{"finding_ids": []string{finding.Text("id")}})
		if got := s.Must(t, http.StatusOK, "POST", here+"/retrodict", nil); len(got.Body["items"].([]any)) != 0 {
			t.Errorf("an attempt that has not ended is past: %s", got.Raw)
		}
		end(t, s, w.attempt, vocab.AttemptStatusRolledBack)
		got := s.Must(t, http.StatusOK, "POST", here+"/retrodict", nil)
		if got.Text("items.0.attempt_id") != w.attempt || got.Text("items.0.learned_from.0") != finding.Text("id") ||
			got.Text("items.0.matched.0") != "learned on "+w.service || got.Text("items.0.status") != "rolled_back" {
			t.Errorf("the lesson would have been shown on %s", got.Raw)
		}
	})
}

func TestActionsConform(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		finding := s.Must(t, http.StatusCreated, "POST", api+"/findings", map[string]any{"title": "x", "severity": "low"}).Text("id")
		conform(t, s, resource{
			path: api + "/actions", prefix: "ACT",
			minimal: map[string]any{"title": "Compare", "done_criterion": "it runs", "owner": "database team"},
			full: map[string]any{
				"title": "Compare schemas", "done_criterion": "a difference fails the build", "owner": "release engineer", "due_on": "2026-03-01",
				"priority": "p2", "kind": "prevent", "finding_id": finding, "tags": []string{"persistence"}, "visibility": "internal", "team": "shop", "sample": true,
			},
			patch:     map[string]any{"title": "Compare daily", "due_on": nil},
			patched:   map[string]any{"title": "Compare daily", "due_on": nil, "kind": "prevent"},
			bad:       map[string]any{"title": "x", "owner": " ", "due_on": "soon", "kind": "blame", "finding_id": "LES-1", "nope": 1},
			badFields: []string{"done_criterion", "due_on", "finding_id", "kind", "nope", "owner"},
			filter:    "overdue=true&kind=prevent&finding_id=" + finding,
		})
		hidden(t, s, api+"/actions", map[string]any{"title": "hidden", "done_criterion": "x", "owner": "y"})
	})
}

func TestAnActionIsOverdueFromTheDayAfterAndOnlyWhileItIsToBeDone(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		here := s.Must(t, http.StatusCreated, "POST", api+"/actions", map[string]any{
			"title": "Compare", "done_criterion": "it runs", "owner": "database team", "due_on": "2026-03-02",
		}).Header.Get("Location")
		overdue := func(want string) {
			t.Helper()
			if got := s.Must(t, http.StatusOK, "GET", here, nil); got.Text("overdue") != want {
				t.Errorf("at %s overdue is %s, want %s", s.Clock.Now(), got.Text("overdue"), want)
			}
			if list := s.Must(t, http.StatusOK, "GET", api+"/actions?overdue="+want, nil); len(list.Body["items"].([]any)) != 1 {
				t.Errorf("at %s the list of overdue=%s is %s", s.Clock.Now(), want, list.Raw)
			}
		}
		move := func(want int, to, reason string) {
			t.Helper()
			s.Must(t, want, "POST", here+"/transitions", map[string]any{"to": to, "reason": reason})
		}
		overdue("false")
		s.Clock.Move(15 * time.Hour)
		overdue("true")
		move(http.StatusConflict, "wont_do", "")
		move(http.StatusOK, "in_progress", "")
		overdue("true")
		move(http.StatusOK, "done", "")
		overdue("false")
		move(http.StatusOK, "ineffective", "")
		overdue("true")
		move(http.StatusOK, "open", "")
		move(http.StatusOK, "wont_do", "the comparison is part of the pipeline by now")
		overdue("false")
	})
}

func TestReviewsConform(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		w := set(t, s)
		incident := s.Must(t, http.StatusCreated, "POST", api+"/incidents", map[string]any{"title": "x", "severity": "low"}).Text("id")
		conform(t, s, resource{
			path: api + "/reviews", prefix: "REV",
			minimal: map[string]any{"title": "First attempt"},
			full: map[string]any{
				"title": "The first attempt", "attempt_ids": []string{w.attempt}, "incident_ids": []string{incident}, "summary": "sessions expired",
				"impact": "users lost their place", "went_well": "the revert", "went_poorly": "the first signal", "lucky": "no exam that day",
				"contributing_factors": []any{map[string]any{"category": "environment parity", "text": "an index in production only", "refs": []string{w.attempt}}},
				"participants":         []string{"release engineer"}, "tags": []string{"persistence"}, "visibility": "internal", "team": "shop", "sample": true,
			},
			patch:   map[string]any{"title": "Attempt one", "lucky": nil},
			patched: map[string]any{"title": "Attempt one", "lucky": nil, "impact": "users lost their place"},
			bad: map[string]any{
				"attempt_ids": []string{"INC-1"}, "contributing_factors": []any{map[string]any{"category": "x", "text": ""}}, "participants": []string{""}, "nope": 1,
			},
			badFields: []string{"attempt_ids[0]", "contributing_factors[0].text", "nope", "participants[0]", "title"},
			filter:    "status=draft&attempt_id=" + w.attempt + "&incident_id=" + incident,
		})
		hidden(t, s, api+"/reviews", map[string]any{"title": "hidden"}, "/lint", "/export", "/export?format=json")
	})
}

func TestAReviewIsExportedWithItsTimelineAndActions(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		w := set(t, s)
		s.Must(t, http.StatusCreated, "POST", api+"/attempts/"+w.attempt+"/events", map[string]any{
			"occurred_at": "2026-03-01T05:20:00Z", "kind": "signal", "text": "QA sees sessions expire",
		})
		made := s.Must(t, http.StatusCreated, "POST", api+"/reviews", map[string]any{
			"title": "First attempt", "attempt_ids": []string{w.attempt}, "summary": "The engineer should have compared the schemas.",
		})
		here := made.Header.Get("Location")
		if made.Text("warnings.0.field") != "summary" {
			t.Errorf("wording that looks for blame is not noted: %s", made.Raw)
		}
		if lint := s.Must(t, http.StatusOK, "GET", here+"/lint", nil); lint.Text("items.0.question") == "" {
			t.Errorf("GET %s/lint = %s", here, lint.Raw)
		}
		if read := s.Must(t, http.StatusOK, "GET", here, nil); read.Body["warnings"] != nil {
			t.Errorf("a read carries warnings: %s", read.Raw)
		}
		s.Must(t, http.StatusCreated, "POST", api+"/actions", map[string]any{
			"title": "Compare schemas", "done_criterion": "a difference fails", "owner": "database team", "review_id": made.Text("id"),
		})
		page := s.Must(t, http.StatusOK, "GET", here, nil, "Accept", "text/markdown")
		for _, want := range []string{"# First attempt", "QA sees sessions expire", "[ ] Compare schemas", "shop"} {
			if !strings.Contains(string(page.Raw), want) {
				t.Errorf("the page lacks %q: %s", want, page.Raw)
			}
		}
		if !strings.HasPrefix(page.Header.Get("Content-Type"), "text/markdown") {
			t.Errorf("the page is %s", page.Header.Get("Content-Type"))
		}
		if again := s.Must(t, http.StatusOK, "GET", here+"/export", nil); string(again.Raw) != string(page.Raw) {
			t.Errorf("the export differs from the page: %s", again.Raw)
		}
		if wiki := s.Must(t, http.StatusOK, "GET", here+"/export?format=wiki", nil); !strings.Contains(string(wiki.Raw), "h1. First attempt") {
			t.Errorf("the wiki markup is %s", wiki.Raw)
		}
		export := s.Must(t, http.StatusOK, "GET", here+"/export?format=json", nil)
		if export.Text("timeline.0.kind") != "signal" || export.Text("actions.0.title") != "Compare schemas" || export.Text("services.0") != "shop" {
			t.Errorf("the export is %s", export.Raw)
		}
		s.Must(t, http.StatusUnprocessableEntity, "GET", here+"/export?format=pdf", nil)
	})
}

func TestAnEditAfterPublishingIsAnAmendment(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		here := s.Must(t, http.StatusCreated, "POST", api+"/reviews", map[string]any{"title": "First attempt"}).Header.Get("Location")
		s.Must(t, http.StatusConflict, "POST", here+"/transitions", map[string]any{"to": "published"})
		s.Must(t, http.StatusOK, "POST", here+"/transitions", map[string]any{"to": "in_review"})
		s.Must(t, http.StatusOK, "PATCH", here, map[string]any{"summary": "sessions expired"})
		published := s.Must(t, http.StatusOK, "POST", here+"/transitions", map[string]any{"to": "published"})
		if published.Text("published_at") == "" || published.Text("amendments") != "[]" {
			t.Errorf("the published review is %s", published.Raw)
		}
		s.Must(t, http.StatusOK, "PATCH", here, map[string]any{"summary": "sessions expired"})
		got := s.Must(t, http.StatusOK, "PATCH", here, map[string]any{"summary": "sessions expired early", "impact": "users"})
		if got.Text("amendments.0.fields") != `["impact","summary"]` || got.Text("amendments.0.by") != "test admin" || got.Text("amendments.1") != "" {
			t.Errorf("the amended review is %s", got.Raw)
		}
	})
}

func TestSnapshotsConform(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		w := set(t, s)
		path := api + "/environments/" + w.production + "/snapshots"
		conform(t, s, resource{
			path: path, prefix: "SNP", item: api + "/snapshots", immutable: true,
			minimal: map[string]any{"captured_at": "2026-03-01T08:00:00Z", "kind": "schema", "items": map[string]any{"table/users": map[string]any{"rows": 1}}},
			full: map[string]any{
				"captured_at": "2026-03-01T09:00:00Z", "kind": "settings", "tool": "hindcast snapshot", "items": map[string]any{"setting/timeout": "30", "setting/pool": 5},
			},
			bad:       map[string]any{"captured_at": "yesterday", "kind": "weather", "items": map[string]any{"/x": 1}, "nope": 1},
			badFields: []string{"captured_at", "items./x", "kind", "nope"}, filter: "kind=settings",
		})
		s.Must(t, http.StatusMethodNotAllowed, "PATCH", api+"/snapshots/SNP-1", map[string]any{"tool": "x"})
		s.Must(t, http.StatusNotFound, "GET", api+"/environments/"+w.development+"/snapshots/SNP-1", nil)
		if got := s.Must(t, http.StatusOK, "GET", path+"/SNP-1", nil); got.Body["items"] != nil || got.Text("item_count") != "1" {
			t.Errorf("without items=true the snapshot is %s", got.Raw)
		}
		if got := s.Must(t, http.StatusOK, "GET", path+"/SNP-1?items=true", nil); got.Body["items"] == nil {
			t.Errorf("with items=true the snapshot is %s", got.Raw)
		}
	})
}

func TestEachSnapshotIsReadBackAsItWasAndAnEqualOneIsTheSame(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		w := set(t, s)
		path := api + "/environments/" + w.production + "/snapshots"
		assumed := assume(t, s, w)
		s.Must(t, http.StatusCreated, "POST", assumed+"/evidence", observed(w.production, "supports", s.Clock.Now()))
		capture := func(status int, items map[string]any) apptest.Answer {
			t.Helper()
			s.Clock.Move(time.Minute)
			return s.Must(t, status, "POST", path, map[string]any{"captured_at": s.Clock.Now(), "kind": "schema", "items": items})
		}
		all := []map[string]any{
			{"table/sessions": map[string]any{"columns": 3}, "table/users": map[string]any{"columns": 9}},
			{"table/sessions": map[string]any{"columns": 3}, "table/users": map[string]any{"columns": 10}},
			{"table/sessions": map[string]any{"columns": 4}, "table/courses": map[string]any{"columns": 2}},
			{"table/sessions": map[string]any{"columns": 3}, "table/users": map[string]any{"columns": 9}},
		}
		first := capture(http.StatusCreated, all[0])
		seen := capture(http.StatusOK, all[0])
		if seen.Text("id") != first.Text("id") || seen.Text("content_hash") != first.Text("content_hash") || seen.Text("last_seen_at") == first.Text("last_seen_at") {
			t.Errorf("an equal capture answers %s after %s", seen.Raw, first.Raw)
		}
		capture(http.StatusCreated, all[1])
		standing(t, s, assumed, "verified", "evidence_supports")
		capture(http.StatusCreated, all[2])
		standing(t, s, assumed, "expired", "area_changed")
		last := capture(http.StatusCreated, all[3])
		if last.Text("content_hash") != first.Text("content_hash") {
			t.Errorf("equal facts hash to %s and %s", last.Text("content_hash"), first.Text("content_hash"))
		}
		list := s.Must(t, http.StatusOK, "GET", path+"?sort=id", nil)
		for i, want := range all {
			id := list.Body["items"].([]any)[i].(map[string]any)["id"].(string)
			sameJSON(t, "the facts of "+id, s.Must(t, http.StatusOK, "GET", api+"/snapshots/"+id, nil).Body["items"], want)
		}
	})
}
