package embed

import (
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

var hostForm = regexp.MustCompile(`^(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$`)

// Origin reads an origin as the frame-ancestors of a policy takes it: http or https, a host, which may begin with *. for every
// name below it, and a port where it is not the usual one. It is false for anything else, a path among it.
func Origin(text string) (string, bool) {
	u, err := url.Parse(strings.TrimSuffix(strings.ToLower(text), "/"))
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil || strings.ContainsAny(text, "?#") {
		return "", false
	}
	host := u.Hostname()
	if addr, err := netip.ParseAddr(host); err == nil && addr.Is6() && addr.Zone() == "" {
		host = "[" + addr.String() + "]"
	} else if !hostForm.MatchString(host) || len(host) > 253 {
		return "", false
	}
	if strings.HasSuffix(u.Host, ":") {
		return "", false
	}
	port := u.Port()
	if n, err := strconv.Atoi(port); port != "" && (err != nil || n < 1 || n > 65535) {
		return "", false
	}
	if port == "" || (u.Scheme == "http" && port == "80") || (u.Scheme == "https" && port == "443") {
		return u.Scheme + "://" + host, true
	}
	return u.Scheme + "://" + host + ":" + port, true
}

// covers says whether every page of an origin is one of an allowed origin, which may stand for many names.
func covers(allowed, origin string) bool {
	if allowed == origin {
		return true
	}
	scheme, below, many := strings.Cut(allowed, "://*.")
	rest, same := strings.CutPrefix(origin, scheme+"://")
	return many && same && strings.HasSuffix(strings.TrimPrefix(rest, "*"), "."+below)
}
