package app_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/jira"
)

func TestJira16BodiesUpToTheLimitAreTakenAndApplied(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, nil)
		for i, filler := range []string{`word \u00e9 a@b.example `} {
			id := fmt.Sprint(1600 + i)
			body := strings.Replace(issueEvent(change{id: id, key: "UPG-" + id}), `"See *this*"`, `"`+strings.Repeat(filler, 24<<20/len(filler))+`"`, 1)
			delivered := src.ok(t, "accepted", body)
			src.drain(t)
			src.became(t, delivered, "applied", "")
			if n := len(src.found(t, "UPG-"+id).Text("observed")); n < 50_000 {
				t.Errorf("%q: %d bytes of the description are kept, want as much as a record takes", filler, n)
			}
		}
	})
}

func TestJira45WhatARuleWritesByHandIsTakenForWhole(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		for product, body := range map[string]string{
			"jira_automation": `{"self":"https://x.atlassian.net/rest/api/2/450","id":450,"key":"UPG-450","changelog":{"histories":[]},"fields":{"summary":"From a rule","issuetype":{"name":"Bug"}}}`,
			"custom":          `{"issue":{"id":"451","key":"UPG-451","fields":{"summary":"From a rule","issuetype":{"name":"Bug"}}}}`,
		} {
			src := source(t, s, map[string]any{"name": product, "product": product, "site": "https://x.atlassian.net", "auth": map[string]any{"kind": "header", "secret": "tok"}})
			answer := src.send(t, "POST", "", body, "X-Webhook-Token", "tok")
			src.drain(t)
			src.became(t, answer.Text("delivery_id"), "applied", "")
			explained := s.Must(t, 200, "POST", "/api/v1/sources/"+src.id+"/explain", body)
			if explained.Text("decision.entity") != "finding" || explained.Text("decision.needs_state") != "false" {
				t.Errorf("%s: it is explained as %s, want a finding", product, explained.Raw)
			}
		}
		for _, key := range []string{"UPG-450", "UPG-451"} {
			if s.Must(t, 200, "GET", "/api/v1/references?kind=jira&external_key="+key, nil).Text("items.0.target") == "" {
				t.Errorf("%s became no record", key)
			}
		}
	})
}

func TestJira18ABodyThatCannotBeReadIsFetchedWhereTheAddressNamesItsIssue(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, nil)
		answer := src.post(t, "?issue=10021", `{"summary": "a "quoted" one"}`)
		src.became(t, answer.Text("delivery_id"), "quarantined", "bad_json")
		if jobs := s.Must(t, 200, "GET", "/api/v1/jobs?kind=fetch", nil); jobs.Text("items.0.issue") != "10021" {
			t.Errorf("the work is %s, want a fetch of the issue", jobs.Raw)
		}
	})
}

func TestJira49AddressesThatCannotBeReferencesKeepNothingBack(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, nil)
		body := strings.Replace(issueEvent(change{id: "490", key: "UPG-490"}), `"See *this*"`, `"See [the host|https://user:word@h.example/x] and https://wiki.example.com/`+strings.Repeat("y", 3000)+` and [this|https://wiki.example.com/rb]"`, 1)
		src.ok(t, "accepted", body)
		// Nothing tells the site of this one.
		src.ok(t, "accepted", strings.ReplaceAll(issueEvent(change{id: "491", key: "UPG-491"}), "https://x.atlassian.net/rest/api/2/491", "https://x.atlassian.net/UPG-491"))
		src.drain(t)
		f := src.found(t, "UPG-490")
		if refs := s.Must(t, 200, "GET", "/api/v1/references?kind=other&target="+f.Text("id"), nil); refs.Text("items.0.url") != "https://wiki.example.com/rb" || refs.Text("items.1.url") != "" {
			t.Errorf("the references are %s, want the one address that can be one", refs.Raw)
		}
		if got := src.found(t, "UPG-491"); got.Text("references.0.url") != "" {
			t.Errorf("an issue of no site leads to %s", got.Text("references.0.url"))
		}
	})
}

func TestJira49WhatPeopleDeletedStopsNoDelivery(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		service := s.Must(t, 201, "POST", "/api/v1/services", map[string]any{"name": "Shop"}).Text("id")
		src := source(t, s, map[string]any{"projects": map[string]any{"UPG": service}})
		s.Must(t, 204, "DELETE", "/api/v1/services/"+service, nil)
		first := src.ok(t, "accepted", issueEvent(change{}))
		src.drain(t)
		src.became(t, first, "applied", "")
		f := src.only(t)
		s.Must(t, 204, "DELETE", "/api/v1/references/"+f.Text("references.0.id"), nil)
		s.Must(t, 204, "DELETE", "/api/v1/findings/"+f.Text("id"), nil)
		later := src.ok(t, "accepted", issueEvent(change{summary: "Changed since", at: morning.Add(time.Minute)}))
		src.drain(t)
		src.became(t, later, "ignored", "record_deleted")
		if n := len(src.findings(t)); n != 0 {
			t.Errorf("%d findings, want that it stays deleted", n)
		}
	})
}

// TestJira49WrongTypesAnywhereAreTaken puts values of every kind where an event has others, and wants each event applied or set aside
// for what it is, never for what a record or a database refuses.
func TestJira49WrongTypesAnywhereAreTaken(t *testing.T) {
	odd := []any{nil, 0, -1, 1.5, 1e300, true, "", " ", "\x00", "\u202eabc\n\r\t", strings.Repeat("a", 300), strings.Repeat("é😀", 200), strings.Repeat("9", 400), []any{}, []any{nil}, []any{[]any{}},
		[]any{1, "a", nil, map[string]any{}}, map[string]any{}, map[string]any{"id": nil}, map[string]any{"name": "n\x01\nm\t", "id": map[string]any{}}, map[string]any{"name": strings.Repeat("y", 400), "id": strings.Repeat("1", 150)},
		"2026-99-99", "0000-00-00T00:00:00.000+0000", "9999-12-31T23:59:59.999+1400", json.Number("12345678901234567890"), []any{"\n", "a\tb", strings.Repeat("x", 500), "\x00"},
		[]any{map[string]any{"name": "\n\x07"}, map[string]any{"name": strings.Repeat("z", 500)}}, map[string]any{"accountId": "a\nb"}, map[string]any{"comments": map[string]any{}}, map[string]any{"histories": []any{nil}}}
	const full = `{"timestamp":1772438400000,"webhookEvent":"jira:issue_updated","issue_event_type_name":"issue_generic","user":{"accountId":"5b","displayName":"X","emailAddress":"a@b.example"},
	"issue":{"id":"$","self":"https://x.atlassian.net/rest/api/2/issue/$","key":"UPG-$","fields":{"summary":"Sum","description":"Some *text* [l|https://e.example/x]","issuetype":{"id":"1","name":"Bug","subtask":false},
	"project":{"id":"1","key":"UPG"},"status":{"id":"1","name":"Open","statusCategory":{"id":2,"key":"new"}},"priority":{"id":"3","name":"Medium"},"labels":["a","b"],"components":[{"id":"1","name":"c"}],"fixVersions":[{"id":"7","name":"1.0"}],
	"versions":[],"assignee":{"accountId":"5b"},"reporter":null,"duedate":"2026-12-01","created":"2026-03-01T08:00:00.000+0000","updated":"2026-03-02T08:00:00.000+0000","resolution":null,"security":null,"parent":{"id":"5","key":"UPG-5"},
	"issuelinks":[{"id":"1$","type":{"name":"Blocks","inward":"is blocked by","outward":"blocks"},"outwardIssue":{"id":"5","key":"UPG-5"}}],"comment":{"comments":[{"id":"1$","body":"com","created":"2026-03-02T08:00:00.000+0000"}]}}},
	"changelog":{"id":"9$","items":[{"field":"labels","fieldId":"labels","fromString":"","toString":"a"}]},"comment":{"id":"2$","self":"https://x.atlassian.net/rest/api/2/issue/$/comment/2","body":"hello","created":"2026-03-02T08:00:00.000+0000"},
	"worklog":{"id":"3$","issueId":"$","timeSpentSeconds":3600,"started":"2026-03-02T08:00:00.000+0000"}}`
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, map[string]any{"rules": map[string]any{"rules": []any{map[string]any{"name": "all", "then": map[string]any{"entity": "finding"}}}}})
		rng := rand.New(rand.NewPCG(49, 1))
		for i := range 80 {
			var body any
			if err := json.Unmarshal([]byte(strings.ReplaceAll(full, "$", fmt.Sprint(2000+i))), &body); err != nil {
				t.Fatal(err)
			}
			var places []func(any)
			settable(body, &places)
			places[rng.IntN(len(places))](odd[rng.IntN(len(odd))])
			raw, err := json.Marshal(body)
			if err != nil {
				t.Fatal(err)
			}
			if answer := src.post(t, "", string(raw), jira.IdentifierHeader, fmt.Sprint("odd ", i)); answer.Status != 200 {
				t.Errorf("%d %s for %s", answer.Status, answer.Raw, raw)
			}
		}
		src.drain(t)
		applied := 0
		for _, status := range []string{"dead", "quarantined", "received", "processing", "applied"} {
			for _, item := range s.Must(t, 200, "GET", "/api/v1/deliveries?limit=200&status="+status, nil).Body["items"].([]any) {
				d := item.(map[string]any)
				switch d["reason"] {
				case "no_event", "needs_state": // it does not say what it is, or when it was
				case nil, "":
					if applied++; status != "applied" {
						t.Errorf("%v is %s: %v", d["id"], status, d["error"])
					}
				default:
					t.Errorf("%v is %s (%v): %v", d["id"], status, d["reason"], d["error"])
				}
			}
		}
		if applied < 60 {
			t.Errorf("%d were applied, want most of them", applied)
		}
	})
}

// settable lists a function for each place of a value at which another can be put.
func settable(v any, places *[]func(any)) {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			*places = append(*places, func(other any) { v[name] = other })
			settable(v[name], places)
		}
	case []any:
		for i, item := range v {
			*places = append(*places, func(other any) { v[i] = other })
			settable(item, places)
		}
	}
}
