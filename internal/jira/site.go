package jira

import (
	"net/url"
	"regexp"
	"strings"
)

// SiteOf gives the site a REST address belongs to: what comes before /rest/, with the context path that Data Center may have.
// It is empty for an address that is none.
func SiteOf(self string) string {
	base, _, found := strings.Cut(self, "/rest/")
	if !found {
		return ""
	}
	site, err := NormalizeSite(base)
	if err != nil {
		return ""
	}
	return site
}

// NormalizeSite gives a site's base address in the one form we keep: lower-case scheme and host, no default port, no user, query
// or slash at the end.
func NormalizeSite(raw string) (string, error) {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil {
		return "", err
	}
	scheme := strings.ToLower(u.Scheme)
	if (scheme != "http" && scheme != "https") || u.Host == "" {
		return "", &url.Error{Op: "parse", URL: "site", Err: url.InvalidHostError("")}
	}
	host := strings.ToLower(u.Host)
	if scheme == "https" {
		host = strings.TrimSuffix(host, ":443")
	} else {
		host = strings.TrimSuffix(host, ":80")
	}
	return scheme + "://" + host + strings.TrimRight(u.EscapedPath(), "/"), nil
}

// keyPattern is the form of an issue key. Projects may be set up with other forms, but these are the ones that go in an address.
var keyPattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,99}-[0-9]{1,18}$`)

// ValidKey says whether s has the form of an issue key.
func ValidKey(s string) bool { return keyPattern.MatchString(s) }

// siteKnown says whether a site is an address: where nothing told it, the id of the source stands in for it.
func siteKnown(site string) bool { return strings.Contains(site, "://") }

// BrowseURL is the page of an issue for people, or "" where the site or a usable key is not known.
func BrowseURL(site, key string) string {
	if !siteKnown(site) || !ValidKey(key) {
		return ""
	}
	return site + "/browse/" + key
}

// VersionURL is the page of a version's release notes, which is found by ids alone, or "" where one of them is not known.
func VersionURL(site string, project, version ID) string {
	if !siteKnown(site) || project.Number() == 0 || version.Number() == 0 {
		return ""
	}
	return site + "/secure/ReleaseNote.jspa?projectId=" + string(project) + "&version=" + string(version)
}
