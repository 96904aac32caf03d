package postmortem

import (
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"

	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// actions reads the follow-ups of one section: entries of lists, rows of tables, and paragraphs where there is neither.
func (p *parser) actions(s *section) {
	component := ""
	if !s.own && s.exact {
		component = s.title
	}
	lists := false
	for _, b := range s.blocks {
		lists = lists || opensItems(b.node)
	}
	before := len(p.d.Actions)
	for _, b := range s.blocks {
		switch n := b.node.(type) {
		case *ast.List:
			for _, it := range p.items(n, b.from, b.to) {
				if p.actionItem(p.content(it), component, it.node, it.from) {
					p.claim(it.from, it.to)
				}
			}
		case *ast.Paragraph:
			if lists {
				p.notes.add(b.from, "text among the actions that is no entry of a list; it stays in the body")
			} else if p.actionItem(p.raw(b.from, b.to), component, n, b.from) {
				p.claim(b.from, b.to)
			}
		default:
			if n.Kind().String() == "Table" {
				p.actionTable(b, component)
			}
		}
	}
	read := len(p.d.Actions) > before
	p.head(s, read || len(s.blocks) == 0)
	if !s.own && read && s.exact {
		p.mapped(s.line, s.title, "actions.component")
		p.claim(s.line, s.from)
	}
}

var (
	taskMark = regexp.MustCompile(`^\[([ xX])\][ \t]+`)
	doneMark = regexp.MustCompile(`(?:\(|\[|\*\*|^)(?:DONE|Done|done|COMPLETED|Completed|completed)(?:\)|\]|\*\*|:)|✅|☑`)
	ownerIn  = regexp.MustCompile(`(?i)[(\[]\s*(?:owner|assignee|assigned to|dri|responsible)\s*:\s*([^)\],;]{1,80})`)
	dueIn    = regexp.MustCompile(`(?i)(?:\bdue(?: date| on| by)?|\bby|\buntil)\b:?\s+`)
	doneWhen = regexp.MustCompile(`(?i)(?:^|[.;(]\s*|\s)(?:done when|done criterion|success criterion|acceptance criteri(?:on|a)|definition of done)\b:?\s+([^()\n]+)`)
	linkOnly = regexp.MustCompile(`^\[[^\[\]]+\]\(\S+\)$`)
	detail   = regexp.MustCompile(`^\s*(?:[-*+]\s+)?(?:\*\*|__)?([A-Za-z][A-Za-z /]{1,30}?)(?:\*\*|__)?\s*:(?:\*\*|__)?\s+(\S.*)$`)
)

// actionItem adds one action and reports whether its fields hold all of it.
func (p *parser) actionItem(raw, component string, n ast.Node, line int) bool {
	a := Action{Component: component, Line: line + 1}
	if m := taskMark.FindStringSubmatch(raw); m != nil {
		a.Done, raw = m[1] != " ", raw[len(m[0]):]
	}
	head, rest := raw, ""
	if at := strings.IndexByte(raw, '\n'); at >= 0 {
		head, rest = firstParagraph(raw)
	}
	title, exact := plain(head)
	if title == "" {
		return strings.TrimSpace(raw) == ""
	}
	cut := false
	a.Title, cut = clip(title, fault.MaxTitle)
	if rest = strings.TrimSpace(rest); rest != "" {
		exact = p.actionDetails(&a, rest, line) && exact
	}
	p.inlineDetails(&a, title)
	for _, r := range referencesOf(n, p.text) {
		a.References = append(a.References, r.URL)
	}
	p.d.Actions = append(p.d.Actions, a)
	if cut || !exact {
		p.notes.add(line, "the action holds more than its fields can; it is whole in the body")
	}
	return exact && !cut
}

// firstParagraph cuts an entry at its first blank line, nested list or code.
func firstParagraph(raw string) (head, rest string) {
	src := []byte(raw)
	doc := Tree(src)
	first := doc.FirstChild()
	if first == nil || first.NextSibling() == nil || first.Kind() != ast.KindParagraph {
		return raw, ""
	}
	at := first.NextSibling().Pos()
	s := newSource(src)
	if at < 0 || at >= len(src) {
		return raw, ""
	}
	at = s.starts[s.lineAt(at)]
	return strings.TrimSpace(raw[:at]), raw[at:]
}

// actionDetails reads the lines under an action that state its owner, due day and the like. It reports false when
// there is a line it does not understand.
func (p *parser) actionDetails(a *Action, rest string, line int) bool {
	all := true
	for l := range strings.SplitSeq(rest, "\n") {
		if strings.TrimSpace(l) == "" {
			continue
		}
		m := detail.FindStringSubmatch(l)
		if m == nil || !p.actionField(a, m[1], m[2], line) {
			all = false
		}
	}
	return all
}

// actionField sets one field of an action from a column or a line under it.
func (p *parser) actionField(a *Action, name, value string, line int) bool {
	text, exact := plain(value)
	if text == "" {
		return true
	}
	p.mapped(line, name+": "+text, "actions")
	switch normalName(name) {
	case "owner", "owners", "assignee", "assigned to", "dri", "responsible", "who", "team", "owner s":
		a.Owner = text
	case "due", "due date", "due on", "deadline", "when", "eta", "target date", "by":
		m, n := readMoment(text)
		if m == nil || !m.hasDay() || m.year == 0 || strings.TrimSpace(text[n:]) != "" {
			p.notes.add(line, "the due day %q cannot be read", text)
			return false
		}
		a.Due = civil(m.year, m.month, m.day).Format("2006-01-02")
		return exact
	case "done when", "done criterion", "success criterion", "acceptance criteria", "acceptance criterion", "definition of done", "criterion":
		a.DoneCriterion = text
	case "priority", "prio":
		a.Priority = text
	case "component", "area":
		a.Component = text
	case "kind", "type":
		a.Kind = actionKind(text)
		return exact && strings.EqualFold(string(a.Kind), text)
	case "status", "state", "done":
		a.Done = a.Done || isDone(text)
		return false
	case "link", "links", "bug", "issue", "ticket", "jira", "reference", "issue link", "pr":
		// The links themselves become references; words beside them have no field.
		return exact && (linkOnly.MatchString(value) || strings.Contains(text, "://") && !strings.Contains(text, " "))
	default:
		return false
	}
	return exact
}

func isDone(text string) bool {
	switch strings.ToLower(strings.Trim(text, " .!✅")) {
	case "done", "completed", "complete", "closed", "fixed", "yes", "resolved", "finished":
		return true
	}
	return false
}

func actionKind(text string) vocab.ActionKind {
	for word, kind := range map[string]vocab.ActionKind{"prevent": vocab.ActionKindPrevent, "detect": vocab.ActionKindDetect, "mitigat": vocab.ActionKindMitigate, "process": vocab.ActionKindProcess} {
		if strings.HasPrefix(strings.ToLower(text), word) {
			return kind
		}
	}
	return ""
}

// inlineDetails reads what an action says about itself within its text; the words stay in the title.
func (p *parser) inlineDetails(a *Action, title string) {
	a.Done = a.Done || doneMark.MatchString(title)
	if m := ownerIn.FindStringSubmatch(title); m != nil && a.Owner == "" {
		a.Owner = strings.TrimSpace(m[1])
	}
	if m := doneWhen.FindStringSubmatch(title); m != nil && a.DoneCriterion == "" {
		a.DoneCriterion = strings.TrimSpace(m[1])
	}
	if at := dueIn.FindStringIndex(title); at != nil && a.Due == "" {
		if m, _ := readMoment(title[at[1]:]); m != nil && m.hasDay() && m.year != 0 {
			a.Due = civil(m.year, m.month, m.day).Format("2006-01-02")
		}
	}
}

// actionTable reads a table of actions; the first column that is none of the known ones is the action itself.
func (p *parser) actionTable(b block, component string) {
	head, rows := p.table(b.node)
	title := -1
	for i, h := range head {
		name := normalName(h)
		if f, _ := classify(h); f == fieldActions || name == "action" || name == "description" || name == "task" || name == "what" || name == "item" || name == "summary" || name == "title" {
			title = i
			break
		}
	}
	if title < 0 {
		title = 0
	}
	p.tableRows(b, rows, func(r row) bool {
		if title >= len(r.cells) || strings.TrimSpace(r.cells[title]) == "" {
			return strings.TrimSpace(strings.Join(r.cells, "")) == ""
		}
		return p.actionRow(r, head, title, component)
	})
}

func (p *parser) actionRow(r row, head []string, title int, component string) bool {
	text, exact := plain(r.cells[title])
	a := Action{Component: component, Line: r.line + 1}
	cut := false
	a.Title, cut = clip(text, fault.MaxTitle)
	for i, cell := range r.cells {
		if i != title && strings.TrimSpace(cell) != "" && !p.actionField(&a, head[i], cell, r.line) {
			exact = false
		}
	}
	p.inlineDetails(&a, text)
	for _, ref := range referencesOf(r.node, p.text) {
		a.References = append(a.References, ref.URL)
	}
	p.d.Actions = append(p.d.Actions, a)
	if cut || !exact {
		p.notes.add(r.line, "the action holds more than its fields can; its row is in the body")
	}
	return exact && !cut
}
