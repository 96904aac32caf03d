package app_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
)

// resource says how one resource is to be tried by conform.
type resource struct {
	// path is the collection, such as /api/v1/findings; prefix that of its ids.
	path, prefix string
	// minimal is the smallest body that is accepted; full one with every member a client may set.
	minimal, full map[string]any
	// patch changes one member and clears another; patched is what those members are afterwards (nil: left out).
	patch, patched map[string]any
	// bad is refused, with exactly these fields named.
	bad       map[string]any
	badFields []string
	// filter narrows the list to the full record alone; "" tries none.
	filter string
	// another are the members in which a record like minimal has to differ from it.
	another map[string]any
	// single says that records are made one at a time only.
	single bool
	// immutable says that the resource has no PATCH and no DELETE.
	immutable bool
	// item is where single records are when that is not below path.
	item string
}

// conform tries the deeds that every resource has.
func conform(t *testing.T, s *apptest.Server, r resource) {
	t.Helper()
	if r.item == "" {
		r.item = r.path
	}
	first := s.Must(t, http.StatusCreated, "POST", r.path, r.minimal)
	full := s.Must(t, http.StatusCreated, "POST", r.path, r.full)
	here := r.item + "/" + full.Text("id")
	if !strings.HasPrefix(full.Text("id"), r.prefix+"-") || full.Header.Get("Location") != here {
		t.Errorf("created %s at %q, want an id with %s at %s", full.Text("id"), full.Header.Get("Location"), r.prefix, here)
	}
	got := s.Must(t, http.StatusOK, "GET", here, nil)
	for name, want := range r.full {
		sameJSON(t, "GET "+here+" "+name, got.Body[name], want)
	}
	for _, name := range []string{"id", "created_at", "updated_at", "created_by", "version", "html_url"} {
		if got.Body[name] == nil {
			t.Errorf("GET %s has no %s: %s", here, name, got.Raw)
		}
	}
	conformReads(t, s, r, here, got.Header.Get("ETag"))
	conformLists(t, s, r, first.Text("id"), full.Text("id"))
	conformRefusals(t, s, r)
	if !r.single && strings.Count(r.path, "/") == 3 { // collections below a record have no bulk
		conformBulk(t, s, r)
	}
	if !r.immutable {
		conformWrites(t, s, r, here)
	}
}

func conformReads(t *testing.T, s *apptest.Server, r resource, here, tag string) {
	t.Helper()
	s.Must(t, http.StatusNotModified, "GET", here, nil, "If-None-Match", tag)
	s.Must(t, http.StatusOK, "GET", here, nil, "If-None-Match", `"v99"`)
	if head := s.Must(t, http.StatusOK, "HEAD", here, nil); len(head.Raw) != 0 || head.Header.Get("ETag") != tag {
		t.Errorf("HEAD %s has %d bytes and tag %s, want none and %s", here, len(head.Raw), head.Header.Get("ETag"), tag)
	}
	s.Must(t, http.StatusOK, "GET", here+"?expand=references", nil)
	for path, want := range map[string]int{
		r.item + "/" + r.prefix + "-9999": http.StatusNotFound, r.item + "/QQQ-1": http.StatusNotFound, r.item + "/1": http.StatusNotFound,
		here + "?expand=nope": http.StatusUnprocessableEntity, here + "?nope=1": http.StatusUnprocessableEntity,
	} {
		s.Must(t, want, "GET", path, nil)
	}
	if s.CallAs(t, "", "GET", here, nil).Status != http.StatusUnauthorized {
		t.Errorf("GET %s without a token is let in", here)
	}
}

func conformLists(t *testing.T, s *apptest.Server, r resource, first, full string) {
	t.Helper()
	var seen []string
	for path := r.path + "?limit=1&sort=id"; path != ""; {
		page := s.Must(t, http.StatusOK, "GET", path, nil)
		for i := range page.Body["items"].([]any) {
			seen = append(seen, page.Body["items"].([]any)[i].(map[string]any)["id"].(string))
		}
		path = ""
		if next := page.Text("next_cursor"); next != "" {
			path = r.path + "?limit=1&sort=id&cursor=" + next
			if !strings.Contains(page.Header.Get("Link"), `rel="next"`) {
				t.Errorf("a page with a next cursor has no Link: %v", page.Header)
			}
		}
	}
	if text := strings.Join(seen, " ") + " "; !strings.Contains(text, first+" ") || !strings.Contains(text, full+" ") {
		t.Errorf("paging through %s one by one gave %s, want %s and %s among them", r.path, text, first, full)
	}
	for query, want := range map[string]int{
		"?limit=0": 422, "?limit=201": 422, "?nope=1": 422, "?sort=nope": 422, "?cursor=nope": 400, "?created_since=x": 422,
		"?updated_since=2100-01-01T00:00:00Z": 200,
	} {
		s.Must(t, want, "GET", r.path+query, nil)
	}
	if r.filter != "" {
		page := s.Must(t, http.StatusOK, "GET", r.path+"?"+r.filter, nil)
		if items := page.Body["items"].([]any); len(items) != 1 || page.Text("items.0.id") != full {
			t.Errorf("GET %s?%s = %s, want %s alone", r.path, r.filter, page.Raw, full)
		}
	}
}

func conformRefusals(t *testing.T, s *apptest.Server, r resource) {
	t.Helper()
	refused := s.Must(t, http.StatusUnprocessableEntity, "POST", r.path, r.bad)
	var named []string
	for _, f := range refused.Body["errors"].([]any) {
		named = append(named, f.(map[string]any)["field"].(string))
	}
	if diff := cmp.Diff(sorted(named), sorted(r.badFields)); diff != "" {
		t.Errorf("POST %s of a bad body names (-got +want): %s", r.path, diff)
	}
	for body, want := range map[string]int{
		`{"a":1,"a":2}`: 400, `{} {}`: 400, `{`: 400, `[]`: 422, `{"nope":1}`: 422, strings.Repeat("[", 70) + strings.Repeat("]", 70): 400,
	} {
		s.Must(t, want, "POST", r.path, body)
	}
	s.Must(t, http.StatusUnsupportedMediaType, "POST", r.path, `{}`, "Content-Type", "text/plain")
	method := s.Must(t, http.StatusMethodNotAllowed, "PUT", r.path, nil)
	if !strings.Contains(method.Header.Get("Allow"), "POST") || method.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("PUT %s answers %v, want a problem with Allow", r.path, method.Header)
	}
}

// conformBulk writes a good record and a bad one together, each for itself and then all or none.
func conformBulk(t *testing.T, s *apptest.Server, r resource) {
	t.Helper()
	again := maps.Clone(r.minimal)
	maps.Copy(again, r.another)
	items := map[string]any{"items": []any{r.bad, again}}
	if got := s.Must(t, http.StatusMultiStatus, "POST", r.path+"/bulk?atomic=true", items); got.Text("items.0.status") != "422" || got.Text("items.1.id") != "" {
		t.Errorf("POST %s/bulk?atomic=true with one bad record answers %s, want 422 for it and nothing written", r.path, got.Raw)
	}
	got := s.Must(t, http.StatusMultiStatus, "POST", r.path+"/bulk", items)
	if got.Text("items.0.status") != "422" || got.Text("items.0.problem.errors.0.field") == "" || got.Text("items.1.status") != "201" {
		t.Fatalf("POST %s/bulk answers %s, want 422 with the bad fields and 201", r.path, got.Raw)
	}
	s.Must(t, http.StatusOK, "GET", r.item+"/"+got.Text("items.1.id"), nil)
}

func conformWrites(t *testing.T, s *apptest.Server, r resource, here string) {
	t.Helper()
	s.Must(t, http.StatusPreconditionFailed, "PATCH", here, r.patch, "If-Match", `"v99"`)
	s.Must(t, http.StatusUnprocessableEntity, "PATCH", here, map[string]any{"nope": 1})
	s.Must(t, http.StatusUnprocessableEntity, "PATCH", here, map[string]any{"id": "X-1"})
	patched := s.Must(t, http.StatusOK, "PATCH", here, r.patch, "If-Match", `"v1"`, "Content-Type", "application/merge-patch+json")
	for name, want := range r.patched {
		sameJSON(t, "PATCH "+here+" "+name, patched.Body[name], want)
	}
	if patched.Header.Get("ETag") != `"v2"` {
		t.Errorf("PATCH %s gives tag %s, want \"v2\"", here, patched.Header.Get("ETag"))
	}
	s.Must(t, http.StatusPreconditionFailed, "DELETE", here, nil, "If-Match", `"v1"`)
	s.Must(t, http.StatusNoContent, "DELETE", here, nil, "If-Match", `"v2"`)
	s.Must(t, http.StatusNotFound, "DELETE", here, nil)
}

func sameJSON(t *testing.T, what string, got, want any) {
	t.Helper()
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var plain any
	if err := json.Unmarshal(text, &plain); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, plain); diff != "" {
		t.Errorf("%s (-got +want): %s", what, diff)
	}
}
