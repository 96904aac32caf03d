// Package outbound makes HTTP clients for calls to addresses that people gave us: the site of a tracker, a runbook, an issuer of
// tokens. They connect to the public internet only, unless a network is allowed by name, so that nobody can use the server to reach
// what only the server can reach. What is asked and what the answer means is left to the caller, as is a limit on the answer's size.
package outbound

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"syscall"
	"time"
)

// ErrBlocked is an address that may not be called. Its text names neither the address nor what it resolved to.
var ErrBlocked = errors.New("the address is not one that this server may call")

// ErrRedirect is an answer that leads further than is followed.
var ErrRedirect = errors.New("the answer redirects further than is followed")

// ports are where web servers of the public internet are looked for. An allowed network may be called on every port.
var ports = []uint16{80, 443, 8080, 8443}

// Policy says which addresses may be called. The zero Policy is the public internet.
type Policy struct {
	// Allow are networks that may be called although they are not public.
	Allow []netip.Prefix
}

// NewPolicy reads the networks that may be called although they are not public.
func NewPolicy(allow []string) (Policy, error) {
	var p Policy
	for _, text := range allow {
		network, err := netip.ParsePrefix(text)
		if err != nil {
			return p, fmt.Errorf("%q is not a network such as 10.0.0.0/8", text)
		}
		p.Allow = append(p.Allow, network)
	}
	return p, nil
}

// Permits says whether an address may be connected to.
func (p Policy) Permits(to netip.AddrPort) bool {
	addr := to.Addr().WithZone("")
	if !addr.IsValid() {
		return false
	}
	in := func(network netip.Prefix) bool { return network.Contains(addr) || network.Contains(addr.Unmap()) }
	if slices.ContainsFunc(p.Allow, in) {
		return true
	}
	return slices.Contains(ports, to.Port()) && public(addr)
}

// control is asked for each connection, after the name was resolved and before anything is sent, so that a name that leads
// elsewhere the second time gains nothing.
func (p Policy) control(network, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || (network != "tcp4" && network != "tcp6") || !p.Permits(to) {
		return ErrBlocked
	}
	return nil
}

// Transport carries requests to permitted addresses only. Proxies of the environment are not used, since the check would see the
// proxy in place of the address.
func (p Policy) Transport() *http.Transport {
	dialer := &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second, Control: p.control}
	return &http.Transport{
		Proxy: nil, DialContext: dialer.DialContext, ForceAttemptHTTP2: true,
		MaxIdleConns: 50, MaxIdleConnsPerHost: 4, IdleConnTimeout: 90 * time.Second,
		TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: 30 * time.Second, ExpectContinueTimeout: time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

// Client follows at most the given number of redirects, each of them checked like the first address, and takes no more than
// timeout for everything. Credentials do not follow a redirect to another host.
func (p Policy) Client(timeout time.Duration, redirects int) *http.Client {
	return &http.Client{
		Transport: p.Transport(), Timeout: timeout,
		CheckRedirect: func(next *http.Request, before []*http.Request) error {
			if len(before) > redirects {
				return ErrRedirect
			}
			if _, err := checkURL(next.URL); err != nil {
				return err
			}
			if last := before[len(before)-1]; last.URL.Scheme == "https" && next.URL.Scheme == "http" {
				return ErrRedirect
			}
			return nil
		},
	}
}

// ParseURL reads an address that may be called as far as can be told without resolving it: http or https, with a host and without
// a user name. It is ErrBlocked for any other.
func ParseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, ErrBlocked
	}
	return checkURL(u)
}

func checkURL(u *url.URL) (*url.URL, error) {
	if (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.User != nil || u.Opaque != "" {
		return nil, ErrBlocked
	}
	return u, nil
}

// Blocked says whether err is that of an address that may not be called.
func Blocked(err error) bool { return errors.Is(err, ErrBlocked) || errors.Is(err, ErrRedirect) }
