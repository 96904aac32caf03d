package outbound

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestOnlyThePublicInternetIsPermitted(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"93.184.215.14:443": true, "1.1.1.1:80": true, "[2606:4700:4700::1111]:443": true, "8.8.8.8:8080": true,
		"93.184.215.14:22": false, "93.184.215.14:6379": false, "[2606:4700:4700::1111]:25": false,
		"127.0.0.1:80": false, "127.255.255.254:80": false, "0.0.0.0:80": false, "0.1.2.3:80": false, "10.0.0.1:80": false,
		"100.64.0.1:80": false, "100.127.255.255:443": false, "169.254.169.254:80": false, "172.16.0.1:80": false, "172.31.255.255:80": false,
		"192.0.0.192:80": false, "192.0.2.1:80": false, "192.168.1.1:443": false, "198.18.0.1:80": false, "198.51.100.7:80": false,
		"203.0.113.9:80": false, "224.0.0.1:80": false, "239.255.255.250:80": false, "240.0.0.1:80": false, "255.255.255.255:80": false,
		"[::]:80": false, "[::1]:80": false, "[::7f00:1]:80": false, "[::ffff:127.0.0.1]:80": false, "[::ffff:10.0.0.1]:80": false,
		"[::ffff:169.254.169.254]:80": false, "[64:ff9b::7f00:1]:80": false, "[64:ff9b::a9fe:a9fe]:80": false, "[64:ff9b:1::1]:80": false,
		"[2002:7f00:1::]:80": false, "[2002:a9fe:a9fe::]:443": false, "[2001:0:7f00:1::]:80": false, "[2001:db8::1]:80": false,
		"[fc00::1]:80": false, "[fd00:ec2::254]:80": false, "[fe80::1]:80": false, "[fec0::1]:80": false, "[ff02::1]:80": false,
		"[100::1]:80": false, "[3fff::1]:80": false, "[5f00::1]:80": false,
	} {
		if got := (Policy{}).Permits(netip.MustParseAddrPort(address)); got != want {
			t.Errorf("%s permitted = %t, want %t", address, got, want)
		}
	}
}

func TestAllowedNetworksMayBeCalledOnEveryPort(t *testing.T) {
	t.Parallel()
	p, err := NewPolicy([]string{"10.1.0.0/16", "::1/128"})
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]bool{
		"10.1.2.3:8081": true, "[::ffff:10.1.2.3]:8081": true, "[::1]:1": true, "10.2.0.1:80": false, "127.0.0.1:80": false,
	} {
		if got := p.Permits(netip.MustParseAddrPort(address)); got != want {
			t.Errorf("%s permitted = %t, want %t", address, got, want)
		}
	}
	if _, err := NewPolicy([]string{"10.1.0.0"}); err == nil {
		t.Error("an address that is no network was taken for one")
	}
}

// canary counts what gets through to a server on loopback.
func canary(t *testing.T) (*httptest.Server, *atomic.Int64) {
	var hits atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) }))
	t.Cleanup(s.Close)
	return s, &hits
}

func TestNoFormOfALoopbackAddressIsReached(t *testing.T) {
	t.Parallel()
	server, hits := canary(t)
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	client := Policy{}.Client(3*time.Second, 3)
	for _, host := range []string{
		"127.0.0.1", "localhost", "LOCALHOST", "localhost.", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0x7f.1", "0177.0.0.1",
		"017700000001", "0", "0.0.0.0", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[0:0:0:0:0:0:0:1]", "[::1%25lo]",
		"[64:ff9b::127.0.0.1]", "[2002:7f00:1::]", "127.0.0.1.", "①②⑦.0.0.1", "127。0。0。1", "user@127.0.0.1", "user:pass@localhost", "example.com@127.0.0.1",
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+host+":"+port+"/", nil)
		if err != nil {
			continue // it is no address at all
		}
		if response, err := client.Do(request); err == nil {
			response.Body.Close()
			t.Errorf("%s was called", host)
		}
	}
	if n := hits.Load(); n != 0 {
		t.Errorf("the canary was reached %d times", n)
	}
}

func TestAddressesThatNameNoWebServerAreRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "x", "/etc/passwd", "file:///etc/passwd", "gopher://example.com/", "ftp://example.com/", "dict://example.com:11211/", "http://", "http:///x",
		"http:example.com", "https://user@example.com/", "https://user:pass@example.com/", "javascript:alert(1)", "data:text/html,x", "//example.com/x", "http://[::1", "ldap://x",
	} {
		if u, err := ParseURL(text); !Blocked(err) {
			t.Errorf("%q is read as %v, %v, want ErrBlocked", text, u, err)
		}
	}
	if _, err := ParseURL("https://example.com:8443/x?y=1"); err != nil {
		t.Errorf("an ordinary address: %v", err)
	}
}

func TestRedirectsAreCheckedLikeTheFirstAddress(t *testing.T) {
	t.Parallel()
	server, hits := canary(t)
	// The first hop is allowed as a network of its own; the second is not.
	next := server.URL
	first := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, next, http.StatusFound)
	}))
	listener, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = first.Listener.Close()
	first.Listener = listener
	first.Start()
	t.Cleanup(first.Close)
	p, err := NewPolicy([]string{"127.0.0.2/32"})
	if err != nil {
		t.Fatal(err)
	}
	get := func(client *http.Client) error {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, first.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.Do(request)
		if err == nil {
			response.Body.Close()
		}
		return err
	}
	if err := get(p.Client(3*time.Second, 3)); !errors.Is(err, ErrBlocked) || hits.Load() != 0 {
		t.Errorf("a redirect to loopback: %v with %d hits, want ErrBlocked and none", err, hits.Load())
	}
	if err := get(p.Client(3*time.Second, 0)); !errors.Is(err, ErrRedirect) {
		t.Errorf("a redirect where none is followed: %v, want ErrRedirect", err)
	}
	next = first.URL
	if err := get(p.Client(3*time.Second, 3)); !errors.Is(err, ErrRedirect) {
		t.Errorf("a circle: %v, want ErrRedirect", err)
	}
}

func TestANameIsCheckedWhenItIsConnectedTo(t *testing.T) {
	t.Parallel()
	server, hits := canary(t)
	transport := Policy{}.Transport()
	dial := transport.DialContext
	// What a resolver answers the second time is what is connected to.
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if strings.HasPrefix(address, "rebind.example:") {
			address = server.Listener.Addr().String()
		}
		return dial(ctx, network, address)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://rebind.example/", nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = transport.RoundTrip(request)
	if !errors.Is(err, ErrBlocked) || hits.Load() != 0 {
		t.Errorf("a name that leads to loopback: %v with %d hits, want ErrBlocked and none", err, hits.Load())
	}
}

func TestProxiesOfTheEnvironmentAreNotUsed(t *testing.T) {
	server, hits := canary(t)
	t.Setenv("HTTP_PROXY", server.URL)
	t.Setenv("HTTPS_PROXY", server.URL)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1:80/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (Policy{}).Client(time.Second, 0).Do(request); !errors.Is(err, ErrBlocked) || hits.Load() != 0 {
		t.Errorf("with a proxy in the environment: %v with %d hits, want ErrBlocked and none", err, hits.Load())
	}
}
