package app_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
)

func TestOneKeyMakesOneRecordHoweverOftenItIsSent(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		const body = `{"title":"Sessions expire","severity":"high"}`
		statuses := make([]apptest.Answer, 64)
		var all sync.WaitGroup
		for i := range statuses {
			all.Go(func() { statuses[i] = s.Call(t, "POST", "/api/v1/findings", body, "Idempotency-Key", "once") })
		}
		all.Wait()
		created := 0
		for _, got := range statuses {
			switch {
			case got.Status == http.StatusCreated && got.Text("id") == "FND-1":
				if got.Header.Get("Idempotency-Replayed") == "" {
					created++
				}
			case got.Status != http.StatusConflict:
				t.Errorf("a request with the key = %d %s, want 201 or 409", got.Status, got.Raw)
			}
		}
		if list := s.Must(t, http.StatusOK, "GET", "/api/v1/findings", nil); created != 1 || len(list.Body["items"].([]any)) != 1 {
			t.Errorf("%d answers say that they created it, and there are %s", created, list.Raw)
		}
		again := s.Must(t, http.StatusCreated, "POST", "/api/v1/findings", body, "Idempotency-Key", "once")
		if again.Header.Get("Idempotency-Replayed") != "true" || again.Header.Get("Location") != "/api/v1/findings/FND-1" {
			t.Errorf("sent again: %v", again.Header)
		}
		s.Must(t, http.StatusUnprocessableEntity, "POST", "/api/v1/findings", `{"title":"Other","severity":"high"}`, "Idempotency-Key", "once")
		s.Must(t, http.StatusUnprocessableEntity, "POST", "/api/v1/findings", `{"severity":"high"}`, "Idempotency-Key", "refused")
		s.Must(t, http.StatusCreated, "POST", "/api/v1/findings", body, "Idempotency-Key", "refused-no-more")
	})
}

func TestABodyIsCountedAfterItIsUnpacked(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		fmt.Fprintf(w, `{"title":"x","severity":"low","observed":%q}`, strings.Repeat("a", 64<<20))
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		s.Must(t, http.StatusRequestEntityTooLarge, "POST", "/api/v1/findings", packed.String(), "Content-Encoding", "gzip")
		s.Must(t, http.StatusRequestEntityTooLarge, "POST", "/api/v1/findings", strings.Repeat(" ", 2<<20))
	})
}

func TestEveryAnswerCarriesItsHeaders(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		for _, path := range []string{"/api/v1/findings", "/api/v1/findings/FND-9", "/nowhere", "/livez", "/readyz"} {
			got := s.Call(t, "GET", path, nil, "X-Request-Id", "mine-1", "X-Forwarded-For", "8.8.8.8")
			for name, want := range map[string]string{
				"X-Request-Id": "mine-1", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
				"Cache-Control": "no-store",
			} {
				if got.Header.Get(name) != want {
					t.Errorf("GET %s has %s %q, want %q", path, name, got.Header.Get(name), want)
				}
			}
		}
		if got := s.Call(t, "GET", "/livez", nil, "X-Request-Id", "not\tan id"); got.Header.Get("X-Request-Id") == "not\tan id" {
			t.Error("a request id with a tab is echoed")
		}
	})
}
