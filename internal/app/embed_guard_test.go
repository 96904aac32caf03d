package app_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hindcast-kb/hindcast/internal/app"
	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/dbtest"
	"github.com/hindcast-kb/hindcast/internal/store"
)

// journal keeps what is logged.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

func TestTokensOfViewsAreNotLogged(t *testing.T) {
	logged := &journal{}
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		_, path := share(t, s, map[string]any{"target": makeFinding(t, s, nil), "allowed_origins": []string{wiki}})
		token := strings.TrimPrefix(path, "/embed/")
		altered := token[:70] + "AA"
		ask := func() {
			for _, one := range []string{token, altered} {
				for _, form := range append([]string{".none", ".svg?strict=1"}, viewForms...) {
					anonymous(t, s, "/embed/"+one+form)
				}
				anonymous(t, s, "/badge/"+one+"/open_findings.svg")
				anonymous(t, s, "/badge/"+one+"/gate.json?strict=1")
				anonymous(t, s, "/badge/"+one+"/gate.none")
				anonymous(t, s, "/oembed?url="+url.QueryEscape("http://hindcast.test/embed/"+one))
				anonymous(t, s, "/embed/"+one+"/below")
				s.CallAs(t, "", "POST", "/embed/"+one, nil)
			}
		}
		ask()
		if err := s.Store.Close(); err != nil { // what fails is logged with its cause
			t.Fatal(err)
		}
		ask()
		text := logged.String()
		if !strings.Contains(text, `"route":"/embed/:token"`) || !strings.Contains(text, `"status":503`) && !strings.Contains(text, `"status":500`) {
			t.Fatalf("the log does not tell of views and failures: %s", text)
		}
		for _, secret := range []string{token, altered, token[:60]} {
			if at := strings.Index(text, secret); at >= 0 {
				t.Errorf("the log holds a token: %s", text[max(0, at-300):min(len(text), at+100)])
			}
		}
	}, func(o *app.Options) {
		o.Log = slog.New(slog.NewJSONHandler(logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
}

func TestTheOperatorLimitsWhoMayFrame(t *testing.T) {
	listed := func(origins ...string) func(*app.Options) {
		return func(o *app.Options) { o.EmbedOrigins = origins }
	}
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		id := makeFinding(t, s, nil)
		refused := s.Must(t, http.StatusUnprocessableEntity, "POST", "/api/v1/embeds", map[string]any{
			"target": id, "allowed_origins": []string{wiki, "https://evil.example", "http://wiki.example.com", "https://portal.example.com.evil.example"},
		})
		for i, field := range []string{"allowed_origins[1]", "allowed_origins[2]", "allowed_origins[3]"} {
			at := "errors." + string(rune('0'+i))
			if refused.Text(at+".field") != field || refused.Text(at+".code") != "not_allowed" {
				t.Errorf("error %d is %s, want %s refused", i, refused.Raw, field)
			}
		}
		grant, path := share(t, s, map[string]any{"target": id})
		if got := s.Must(t, http.StatusOK, "GET", "/api/v1/embeds/"+grant, nil); got.Text("allowed_origins.0") != wiki || got.Text("allowed_origins.1") != "https://*.portal.example.com" {
			t.Errorf("a grant that names nobody is for %s", got.Raw)
		}
		if policy := anonymous(t, s, path).Header.Get("Content-Security-Policy"); !strings.HasSuffix(policy, "frame-ancestors "+wiki+" https://*.portal.example.com") {
			t.Errorf("its policy is %q", policy)
		}
		_, below := share(t, s, map[string]any{"target": id, "allowed_origins": []string{"https://a.b.portal.example.com"}})
		if policy := anonymous(t, s, below).Header.Get("Content-Security-Policy"); !strings.HasSuffix(policy, "frame-ancestors https://a.b.portal.example.com") {
			t.Errorf("the policy of a name below a listed one is %q", policy)
		}
	}, listed("https://Wiki.example.com/", "https://*.portal.example.com"))
	t.Run("an origin that is taken off", func(t *testing.T) {
		t.Parallel()
		cfg := store.Config{DatabaseURL: dbtest.PostgresURL(t)}
		first := apptest.Start(t, cfg)
		_, path := share(t, first, map[string]any{"target": makeFinding(t, first, nil), "allowed_origins": []string{wiki, "https://old.example.com"}})
		later := apptest.Start(t, cfg, listed(wiki))
		if policy := anonymous(t, later, path).Header.Get("Content-Security-Policy"); !strings.HasSuffix(policy, "frame-ancestors "+wiki) {
			t.Errorf("the policy is %q, want %s alone", policy, wiki)
		}
	})
	t.Run("no origin", func(t *testing.T) {
		t.Parallel()
		if _, err := app.New(t.Context(), app.Options{
			Store: store.Config{DataDir: t.TempDir()}, PublicURL: "http://hindcast.test", Now: time.Now, Log: slog.New(slog.DiscardHandler), EmbedOrigins: []string{"https://wiki.example.com/page"},
		}); err == nil || !strings.Contains(err.Error(), "is not an origin") {
			t.Errorf("an address with a path is taken for an origin: %v", err)
		}
	})
}

func TestARevocationIsSeenByEveryReplica(t *testing.T) {
	t.Parallel()
	cfg := store.Config{DatabaseURL: dbtest.PostgresURL(t)}
	one, other := apptest.Start(t, cfg), apptest.Start(t, cfg)
	grant, path := share(t, one, map[string]any{"target": makeFinding(t, one, nil)})
	kept := makeFinding(t, one, map[string]any{"title": "Kept"})
	_, still := share(t, one, map[string]any{"target": kept})
	for _, p := range []string{path, still} {
		if got := anonymous(t, other, p); got.Status != http.StatusOK {
			t.Fatalf("the other replica answers %d: %s", got.Status, got.Raw)
		}
	}
	one.Must(t, http.StatusNoContent, "DELETE", "/api/v1/embeds/"+grant, nil)
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		got := anonymous(t, other, path)
		if got.Status == http.StatusUnauthorized {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("five seconds after it was revoked the other replica answers %d", got.Status)
		}
	}
	if got := anonymous(t, other, still); got.Status != http.StatusOK {
		t.Errorf("a view that was not revoked answers %d", got.Status)
	}
	for range 2 { // the key that signed is gone with the second rotation
		one.Must(t, http.StatusOK, "POST", "/api/v1/embeds/rotate", map[string]any{})
	}
	other.Clock.Move(6 * time.Second)
	if got := anonymous(t, other, still); got.Status != http.StatusUnauthorized {
		t.Errorf("five seconds after its key was rotated away the other replica answers %d", got.Status)
	}
}
