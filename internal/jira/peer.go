package jira

import (
	"net/netip"
	"slices"
	"strings"
)

// Peer is who really sent a request: the connection's own address or, where that is a proxy we trust, the last address of
// X-Forwarded-For that is none. A header from anybody else is not believed. The result is invalid where no address can be read.
func Peer(remote string, forwarded []string, trusted []netip.Prefix) netip.Addr {
	peer := address(remote)
	if !inside(peer, trusted) {
		return peer
	}
	var chain []string
	for _, line := range forwarded {
		chain = append(chain, strings.Split(line, ",")...)
	}
	for _, hop := range slices.Backward(chain) {
		next := address(strings.TrimSpace(hop))
		if !next.IsValid() {
			return netip.Addr{}
		}
		if peer = next; !inside(peer, trusted) {
			break
		}
	}
	return peer
}

// Allowed says whether a peer may deliver to a source: an empty list lets everybody in.
func Allowed(peer netip.Addr, list []netip.Prefix) bool {
	return len(list) == 0 || inside(peer, list)
}

func address(s string) netip.Addr {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().WithZone("")
	}
	a, err := netip.ParseAddr(strings.Trim(s, "[]"))
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap().WithZone("")
}

func inside(a netip.Addr, list []netip.Prefix) bool {
	return a.IsValid() && slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Contains(a) })
}
