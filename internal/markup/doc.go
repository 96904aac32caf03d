// Package markup turns the two text forms Jira uses, wiki markup and the Atlassian Document Format (ADF), into CommonMark
// with GFM tables and tasks and into plain text for search, and renders Markdown to HTML that is safe to show.
//
// Every converter answers, whatever the input: what is not understood degrades to its text and is reported as lossy. Raw HTML
// and links with a scheme other than http, https and mailto never survive. Fetching pictures and attachments is left to nobody:
// they become a mention of their name, because they need a login and must not be loaded from a reader's browser.
package markup

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Doc is one text in the forms we keep beside the raw value.
type Doc struct {
	// Markdown is CommonMark with GFM tables, strikethrough and task lists.
	Markdown string `json:"markdown"`
	// Text is the same without any markup, for search.
	Text string `json:"text"`
	// Links are the addresses the text points to, in order of first appearance, each once.
	Links []Link `json:"links,omitempty"`
	// Mentions are the people the text names, by the id their site knows them by.
	Mentions []Mention `json:"mentions,omitempty"`
	// Tasks are the checklist lines of the text, in order.
	Tasks []Task `json:"tasks,omitempty"`
	// Lossy is set when something in the input had no equivalent and only its text was kept.
	Lossy bool `json:"lossy,omitempty"`
}

// Link is an address found in a text.
type Link struct {
	URL   string `json:"url"`
	Title string `json:"title,omitempty"`
}

// Mention is a person named in a text: an account id on Cloud, a user name or key on Data Center.
type Mention struct {
	ID string `json:"id"`
	// Text is what the derived forms show for the mention, kept so that an erasure can find it.
	Text string `json:"text"`
}

// Task is one line of a checklist.
type Task struct {
	// ID is the local id the editor gave the line; empty in wiki markup.
	ID   string `json:"id,omitempty"`
	Text string `json:"text"`
	Done bool   `json:"done"`
}

// Limits of a converted text. The node cap is the one ADF readers are advised to keep; the depth cap bounds recursion.
const (
	maxDepth = 64
	maxNodes = 50_000
)

// Clean makes s valid UTF-8 with plain line ends and without characters that no reader sees: control characters (NUL among
// them, which Postgres refuses) and the marks that reverse the direction of what follows.
func Clean(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r), r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == 0xFEFF:
			return -1
		}
		return r
	}, s)
}

// SafeURL gives the address to link to, or false when the address must not become a link: relative, unreadable, or of a scheme
// that can run code or read files.
func SafeURL(raw string) (string, bool) {
	raw = strings.TrimSpace(raw)
	if raw == "" || len(raw) > 4096 || strings.ContainsFunc(raw, func(r rune) bool { return unicode.IsControl(r) }) {
		return "", false
	}
	u, err := url.Parse(raw)
	if err != nil {
		return "", false
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		if u.Host == "" {
			return "", false
		}
	case "mailto":
		if u.Opaque == "" {
			return "", false
		}
	default:
		return "", false
	}
	return strings.NewReplacer(" ", "%20", "<", "%3C", ">", "%3E", `"`, "%22", "`", "%60", `\`, "%5C").Replace(raw), true
}

var emailPattern = regexp.MustCompile(`(?i)(?:mailto:)?[a-z0-9._%+\-]+@[a-z0-9](?:[a-z0-9\-]*[a-z0-9])?(?:\.[a-z0-9\-]+)*\.[a-z]{2,}`)

// EmailMark stands where an e-mail address was.
const EmailMark = "(e-mail address removed)"

// RedactEmails replaces e-mail addresses by EmailMark. A remote like git@host:path and the user part of a web address are no
// e-mail addresses and stay.
func RedactEmails(s string) string {
	if !strings.Contains(s, "@") {
		return s
	}
	var out strings.Builder
	last := 0
	for _, at := range emailPattern.FindAllStringIndex(s, -1) {
		start, end := at[0], at[1]
		remote := end+1 < len(s) && s[end] == ':' && s[end+1] > ' '
		if remote || strings.HasSuffix(s[:start], "//") {
			continue
		}
		out.WriteString(s[last:start])
		out.WriteString(EmailMark)
		last = end
	}
	out.WriteString(s[last:])
	return out.String()
}

// WithoutEmails is d with every e-mail address removed, from its links too.
func (d Doc) WithoutEmails() Doc {
	d.Markdown, d.Text = RedactEmails(d.Markdown), RedactEmails(d.Text)
	var links []Link
	for _, l := range d.Links {
		if strings.HasPrefix(strings.ToLower(l.URL), "mailto:") {
			continue
		}
		links = append(links, Link{URL: RedactEmails(l.URL), Title: RedactEmails(l.Title)})
	}
	d.Links = links
	var tasks []Task
	for _, t := range d.Tasks {
		t.Text = RedactEmails(t.Text)
		tasks = append(tasks, t)
	}
	d.Tasks = tasks
	return d
}

// Clip is d with at most limit characters in each form, cut between two blocks where there is one, and lossy when something was cut.
func (d Doc) Clip(limit int) Doc {
	for _, form := range []*string{&d.Markdown, &d.Text} {
		if utf8.RuneCountInString(*form) > limit {
			*form = clip(*form, limit)
			d.Lossy = true
		}
	}
	return d
}

func clip(s string, limit int) string {
	const mark = "\n\n…"
	if limit <= len([]rune(mark)) {
		return string([]rune(s)[:max(limit, 0)])
	}
	cut := string([]rune(s)[:limit-len([]rune(mark))])
	if i := strings.LastIndex(cut, "\n\n"); i > len(cut)/2 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, "\n ") + mark
}
