package postmortem

import (
	"net/url"
	"regexp"
	"sort"
	"strings"

	"github.com/yuin/goldmark/ast"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// referencesOf lists the web links under a node, one per address, sorted by address. Of several titles for one address
// the longest is kept, and of equally long ones the first in the alphabet, so that the order of the text does not matter.
func referencesOf(n ast.Node, src []byte) []Reference {
	found := map[string]string{}
	note := func(address, title string) {
		if !webAddress(address) {
			return
		}
		if title == address {
			title = ""
		}
		old, ok := found[address]
		if !ok || len(title) > len(old) || len(title) == len(old) && title < old {
			found[address] = title
		}
	}
	err := ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Link:
			title, _ := plainOf(n, src)
			note(string(n.Destination), title)
		case *ast.Image:
			title, _ := plainOf(n, src)
			note(string(n.Destination), title)
		case *ast.AutoLink:
			if n.AutoLinkType == ast.AutoLinkURL {
				note(string(n.URL(src)), "")
			}
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		return nil
	}
	var refs []Reference
	for address, title := range found {
		refs = append(refs, Reference{Kind: referenceKind(address), URL: address, Title: title})
	}
	sort.Slice(refs, func(i, j int) bool { return refs[i].URL < refs[j].URL })
	return refs
}

// referenceKind guesses what a link points at from its address.
func referenceKind(address string) vocab.ReferenceKind {
	u, err := url.Parse(strings.ToLower(address))
	if err != nil {
		return vocab.ReferenceKindOther
	}
	has := func(s string, parts ...string) bool {
		for _, part := range parts {
			if strings.Contains(s, part) {
				return true
			}
		}
		return false
	}
	switch {
	case has(u.Path, "/pull/", "/merge_requests/", "/pull-requests/", "/pullrequest/"):
		return vocab.ReferenceKindPullRequest
	case has(u.Path, "/browse/") && issueKey.MatchString(strings.ToUpper(u.Path)), has(u.Host, "jira."):
		return vocab.ReferenceKindJira
	case has(u.Path, "runbook", "playbook"):
		return vocab.ReferenceKindRunbook
	case has(u.Host, "grafana", "datadog", "kibana", "newrelic"), has(u.Path, "/dashboard", "/d/"):
		return vocab.ReferenceKindDashboard
	case has(u.Host, "confluence", "wiki", "notion."), has(u.Path, "/wiki/", "/confluence/"):
		return vocab.ReferenceKindWiki
	case has(u.Host, "travis-ci", "circleci", "jenkins", "argocd"), has(u.Path, "/actions/runs/", "/-/pipelines/", "/-/jobs/", "/job/", "/deployments"):
		return vocab.ReferenceKindDeploy
	}
	return vocab.ReferenceKindOther
}

var issueKey = regexp.MustCompile(`\b([A-Z][A-Z0-9]{1,9}-[1-9]\d{0,6})\b`)

// notKeys are prefixes that look like an issue key's project and are something else.
var notKeys = regexp.MustCompile(`^(?:UTF|SHA|CVE|GMT|UTC|ISO|RFC|SEV|HTTP|TLS|PM|P|AES|IPV|MD|RSA|COVID|EC|S|US|EU|AP)-|^PM\d`)

// issueKeys are the bare issue keys in a text, outside addresses.
func issueKeys(text string) []string {
	var keys []string
	for word := range strings.FieldsSeq(text) {
		if strings.Contains(word, "://") {
			continue
		}
		for _, m := range issueKey.FindAllString(word, -1) {
			if !notKeys.MatchString(m) {
				keys = append(keys, m)
			}
		}
	}
	return keys
}

var keyItem = regexp.MustCompile(`^([A-Z][A-Z0-9]{1,9}-[1-9]\d{0,6})(?: \(jira\))?$`)

var linkKind = regexp.MustCompile(`^\s*(?:\((jira|runbook|wiki|pull_request|dashboard|deploy|other)\))?\s*$`)

// links claims the entries of a section on links that hold a link and nothing else: they are references.
func (p *parser) links(s *section) {
	all := len(s.blocks) > 0
	for _, b := range s.blocks {
		list, ok := b.node.(*ast.List)
		if !ok {
			all = false
			continue
		}
		for _, it := range p.items(list, b.from, b.to) {
			if p.linkItem(it) {
				p.claim(it.from, it.to)
			} else {
				all = false
			}
		}
	}
	p.head(s, s.own && all)
}

func (p *parser) linkItem(it item) bool {
	if it.node.ChildCount() != 1 {
		return false
	}
	text := it.node.FirstChild()
	first := text.FirstChild()
	if first == nil {
		return false
	}
	if m := keyItem.FindStringSubmatch(p.content(it)); m != nil {
		p.keys = append(p.keys, m[1])
		return true
	}
	switch n := first.(type) {
	case *ast.Link:
		if len(n.Title) > 0 || !webAddress(string(n.Destination)) {
			return false
		}
	case *ast.AutoLink:
		if n.AutoLinkType != ast.AutoLinkURL || !webAddress(string(n.URL(p.text))) {
			return false
		}
	default:
		return false
	}
	kind := linkKind.FindStringSubmatch(p.rest(first))
	if kind != nil && kind[1] != "" {
		p.linkKinds(first, vocab.ReferenceKind(kind[1]))
	}
	return kind != nil
}

// linkKinds keeps a kind that the text states for a link.
func (p *parser) linkKinds(n ast.Node, kind vocab.ReferenceKind) {
	if p.kinds == nil {
		p.kinds = map[string]vocab.ReferenceKind{}
	}
	switch n := n.(type) {
	case *ast.Link:
		p.kinds[string(n.Destination)] = kind
	case *ast.AutoLink:
		p.kinds[string(n.URL(p.text))] = kind
	}
}
