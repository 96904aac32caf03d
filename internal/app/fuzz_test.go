package app_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/store"
)

// FuzzListParameters asks lists with any query string: filters, sorting, pages and cursors. Each is answered or refused, never failed at.
func FuzzListParameters(f *testing.F) {
	s := apptest.Start(f, store.Config{DataDir: f.TempDir(), SQLiteSynchronous: "normal"})
	ask := func(method, path, query, body string) *httptest.ResponseRecorder {
		request := httptest.NewRequest(method, path, strings.NewReader(body))
		request.URL.RawQuery = query
		request.Header.Set("Authorization", "Bearer "+s.Token)
		request.Header.Set("Content-Type", "application/json")
		answer := httptest.NewRecorder()
		s.API.Echo().ServeHTTP(answer, request)
		return answer
	}
	lists := []string{"/api/v1/findings", "/api/v1/assumptions", "/api/v1/runbooks", "/api/v1/audit", "/api/v1/search"}
	for _, body := range []string{`{"title":"a","severity":"low","tags":["x"]}`, `{"title":"b","severity":"high"}`} {
		if got := ask("POST", lists[0], "", body); got.Code != http.StatusCreated {
			f.Fatalf("making a finding: %d %s", got.Code, got.Body)
		}
	}
	for start := time.Now(); ask("GET", "/readyz", "", "").Code != http.StatusOK; time.Sleep(10 * time.Millisecond) {
		if time.Since(start) > time.Minute {
			f.Fatal("the search index is not filled")
		}
	}
	next, _, _ := strings.Cut(strings.TrimPrefix(ask("GET", lists[0], "limit=1", "").Header().Get("Link"), "<http://hindcast.test/api/v1/findings?"), ">")
	for _, query := range []string{
		next, "severity=low&severity=high", "status=verified", "health=stale", "tags=%00", "created_since=2026-01-01T00:00:00%2B01:00", "sort=-title&limit=200",
		"service_id=SVC-99999999999999999999", "target=FND-1", "expand=references", "cursor=AAAA", "limit=-1", "a;b=%zz", "q=severity:high+-x*", "facets=tag",
	} {
		for i := range lists {
			f.Add(uint8(i), query)
		}
	}
	f.Fuzz(func(t *testing.T, list uint8, query string) {
		path := lists[int(list)%len(lists)]
		switch got := ask("GET", path, query, ""); got.Code {
		case http.StatusOK, http.StatusBadRequest, http.StatusUnprocessableEntity:
		case http.StatusServiceUnavailable:
			if !strings.Contains(query, "min_seq") { // a change that is yet to come is waited for
				t.Errorf("GET %s?%q = %d", path, query, got.Code)
			}
		default:
			t.Errorf("GET %s?%q = %d %s", path, query, got.Code, got.Body)
		}
	})
}
