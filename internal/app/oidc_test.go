package app_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/hindcast-kb/hindcast/internal/app"
	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/dbtest"
	"github.com/hindcast-kb/hindcast/internal/identity"
	"github.com/hindcast-kb/hindcast/internal/identity/fakeissuer"
	"github.com/hindcast-kb/hindcast/internal/store"
)

const audience = "https://hindcast.test"

// testNow is when the clock of a test server stands.
func testNow() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) }

func believing(issuer *fakeissuer.Issuer) func(*app.Options) {
	return func(o *app.Options) {
		o.Identity = identity.Settings{Issuer: issuer.URL, Audience: audience, ClientID: "hindcast-pages", ClientSecret: "hush", TeamClaim: "team"}
	}
}

func TestAccessTokensLetCallersIn(t *testing.T) {
	issuer := fakeissuer.Start(t, testNow)
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		token := func(change map[string]any) string { return issuer.Sign("one", "at+jwt", issuer.Good(audience, change)) }
		service := map[string]any{"name": "Search"}
		for claim, c := range map[string]struct {
			token, method, path string
			body                any
			want                int
		}{
			"read reads":                  {token(nil), "GET", "/api/v1/services", nil, http.StatusOK},
			"read does not write":         {token(nil), "POST", "/api/v1/services", service, http.StatusForbidden},
			"write writes":                {token(map[string]any{"scope": "read hindcast:write"}), "POST", "/api/v1/services", service, http.StatusCreated},
			"no scope does nothing":       {token(map[string]any{"scope": nil}), "GET", "/api/v1/services", nil, http.StatusForbidden},
			"another audience is nobody":  {token(map[string]any{"aud": "x"}), "GET", "/api/v1/services", nil, http.StatusUnauthorized},
			"an expired token is nobody":  {token(map[string]any{"exp": testNow().Add(-time.Hour).Unix()}), "GET", "/api/v1/services", nil, http.StatusUnauthorized},
			"what is no token is nobody":  {"nonsense", "GET", "/api/v1/services", nil, http.StatusUnauthorized},
			"a service token still works": {s.Token, "GET", "/api/v1/services", nil, http.StatusOK},
		} {
			if got := s.CallAs(t, c.token, c.method, c.path, c.body); got.Status != c.want {
				t.Errorf("%s: %d, want %d: %s", claim, got.Status, c.want, got.Raw)
			}
		}
		s.Must(t, http.StatusCreated, "POST", "/api/v1/findings", map[string]any{"title": "Hush", "severity": "low", "visibility": "restricted", "team": "payments", "tags": []string{}})
		if got := s.CallAs(t, token(map[string]any{"team": "payments"}), "GET", "/api/v1/findings", nil); got.Text("items.0.title") != "Hush" {
			t.Errorf("a member of the team sees %s", got.Raw)
		}
		if got := s.CallAs(t, token(map[string]any{"team": "search"}), "GET", "/api/v1/findings", nil); got.Text("items.0.title") != "" {
			t.Errorf("a member of another team sees %s", got.Raw)
		}
		if got := s.Must(t, http.StatusOK, "GET", "/api/v1/services", nil); got.Text("items.0.created_by") != "oidc:release-pipeline" {
			t.Errorf("what was written with an access token is by %s", got.Text("items.0.created_by"))
		}
	}, believing(issuer))
}

// follow goes where a page sends a visitor, whatever the host is called, and gives the page after the last redirect.
func (v *visitor) follow(t *testing.T, at string) page {
	t.Helper()
	for range 6 {
		at = strings.TrimPrefix(at, "http://hindcast.test")
		if strings.HasPrefix(at, "/") {
			at = v.s.URL + at
		}
		request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, at, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Accept", "text/html")
		got := v.send(request)
		if at = got.header.Get("Location"); at == "" {
			return got
		}
	}
	t.Fatal("it goes on and on")
	return page{}
}

func TestPeopleSignInThroughTheProvider(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		issuer := fakeissuer.Start(t, testNow)
		people(t, apptest.Start(t, store.Config{DataDir: t.TempDir(), SQLiteSynchronous: "normal"}, believing(issuer)), issuer)
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		issuer := fakeissuer.Start(t, testNow)
		people(t, apptest.Start(t, store.Config{DatabaseURL: dbtest.PostgresURL(t)}, believing(issuer)), issuer)
	})
}

func people(t *testing.T, s *apptest.Server, issuer *fakeissuer.Issuer) {
	t.Helper()
	v := newVisitor(t, s)
	if got := v.open("/signin"); !strings.Contains(got.body, "/signin/oidc") {
		t.Errorf("the page to sign in does not offer the provider: %s", got.body)
	}
	if got := v.follow(t, "/signin/oidc?next=/analytics"); got.status != http.StatusOK || !strings.Contains(got.body, "<h1>Analytics") || !strings.Contains(got.body, "oidc:somebody") {
		t.Fatalf("after signing in = %d: %s", got.status, got.body)
	}
	for claim, query := range map[string]string{
		"without a sign-in":          "?state=x&code=the-code",
		"with nothing":               "",
		"with an error":              "?error=access_denied",
		"with a state of one's own":  "?state=&code=the-code",
		"with a code for nobody":     "?state=x&code=other",
		"with a script in the state": "?state=" + url.QueryEscape("<script>") + "&code=the-code",
	} {
		if got := newVisitor(t, s).open("/signin/oidc/callback" + query); got.status != http.StatusUnauthorized || strings.Contains(got.body, "<script>a") {
			t.Errorf("coming back %s = %d", claim, got.status)
		}
	}
	for claim, change := range map[string]map[string]any{
		"with another nonce": {"nonce": "other"}, "for another client": {"aud": "other"}, "by another party": {"azp": "other"}, "of another issuer": {"iss": "https://id.example.com"},
		"that has expired": {"exp": testNow().Add(-time.Hour).Unix()},
	} {
		issuer.Claims = change
		stranger := newVisitor(t, s)
		if got := stranger.follow(t, "/signin/oidc"); got.status != http.StatusUnauthorized {
			t.Errorf("an ID token %s = %d", claim, got.status)
		}
		if got := stranger.open("/"); got.status != http.StatusSeeOther {
			t.Errorf("after an ID token %s the pages are open", claim)
		}
	}
	issuer.Claims = nil
}
