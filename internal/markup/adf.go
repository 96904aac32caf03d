package markup

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// FromADF reads an Atlassian Document Format document, the form of descriptions and comments in REST v3. The node and mark
// names are those of the schema Atlassian publishes with @atlaskit/adf-schema. Bytes that are no document give their own text.
func FromADF(raw []byte) Doc {
	var doc any
	if err := json.Unmarshal(raw, &doc); err != nil {
		return plainDoc(string(raw), true)
	}
	object, ok := doc.(map[string]any)
	if !ok {
		return plainDoc(string(raw), true)
	}
	r := &adf{}
	root := &node{kind: kindDoc}
	r.into(root, object, 0)
	return finish(root, &r.notes)
}

// FromJSON reads a field that holds either form: a string is wiki markup, an object is ADF, null is empty.
func FromJSON(raw []byte) Doc {
	trimmed := bytes.TrimSpace(raw)
	if len(trimmed) == 0 || bytes.Equal(trimmed, []byte("null")) {
		return Doc{}
	}
	if trimmed[0] == '"' {
		var s string
		if err := json.Unmarshal(trimmed, &s); err == nil {
			return FromWiki(s)
		}
	}
	if trimmed[0] == '{' {
		return FromADF(trimmed)
	}
	return plainDoc(string(raw), true)
}

func plainDoc(s string, lossy bool) Doc {
	root := &node{kind: kindDoc}
	for part := range strings.SplitSeq(Clean(s), "\n\n") {
		root.add(&node{kind: kindParagraph, children: []*node{text(part)}})
	}
	return finish(root, &notes{lossy: lossy})
}

type adf struct {
	notes
	nodes int
}

func (r *adf) children(n *node, from map[string]any, depth int) {
	content, _ := from["content"].([]any)
	if depth >= maxDepth {
		if len(content) > 0 {
			r.lossy = true
		}
		return
	}
	for _, c := range content {
		child, ok := c.(map[string]any)
		if !ok {
			r.lossy = true
			continue
		}
		if r.nodes++; r.nodes > maxNodes {
			r.lossy = true
			return
		}
		r.into(n, child, depth+1)
	}
}

// into reads one node and hangs it under parent.
func (r *adf) into(parent *node, n map[string]any, depth int) {
	attrs, _ := n["attrs"].(map[string]any)
	name, _ := n["type"].(string)
	nest := func(k kind) *node {
		c := &node{kind: k}
		r.children(c, n, depth)
		parent.add(c)
		return c
	}
	switch name {
	case "doc", "layoutSection", "layoutColumn", "bodiedExtension", "bodiedSyncBlock", "mediaGroup", "mediaSingle":
		nest(kindGroup)
	case "paragraph", "caption":
		nest(kindParagraph)
	case "heading":
		nest(kindHeading).level = integer(attrs["level"], 1)
	case "rule":
		parent.add(&node{kind: kindRule})
	case "blockquote":
		nest(kindQuote)
	case "panel":
		nest(kindPanel).text = panelName(str(attrs["panelType"]))
	case "expand", "nestedExpand":
		nest(kindPanel).text = Clean(str(attrs["title"]))
	case "codeBlock":
		c := &node{kind: kindGroup}
		r.children(c, n, depth)
		parent.add(&node{kind: kindCode, lang: str(attrs["language"]), text: inlineText(c.children)})
	case "bulletList", "orderedList", "taskList", "decisionList":
		r.list(parent, n, name, attrs, depth)
	case "listItem":
		nest(kindItem)
	case "taskItem", "blockTaskItem":
		c := nest(kindItem)
		c.task, c.done, c.id = true, str(attrs["state"]) == "DONE", str(attrs["localId"])
	case "decisionItem":
		c := &node{kind: kindItem, children: []*node{text("Decision: ")}}
		r.children(c, n, depth)
		parent.add(c)
	case "table":
		nest(kindTable)
	case "tableRow":
		nest(kindRow)
	case "tableHeader", "tableCell":
		nest(kindCell).header = name == "tableHeader"
	case "media", "mediaInline":
		r.media(parent, attrs)
	default:
		r.inline(parent, n, name, attrs, depth)
	}
}

// list skips what is no item: a task list may hang directly inside a task list, which belongs to the item before it.
func (r *adf) list(parent *node, n map[string]any, name string, attrs map[string]any, depth int) {
	raw := &node{kind: kindGroup}
	r.children(raw, n, depth)
	l := &node{kind: kindList, ordered: name == "orderedList", start: integer(attrs["order"], 1)}
	for _, c := range raw.children {
		switch {
		case c.kind == kindItem:
			l.add(c)
		case c.kind == kindList && len(l.children) > 0:
			l.children[len(l.children)-1].add(c)
		default:
			l.add(&node{kind: kindItem, children: []*node{c}})
		}
	}
	parent.add(l)
}

func (r *adf) inline(parent *node, n map[string]any, name string, attrs map[string]any, depth int) {
	switch name {
	case "text":
		r.text(parent, n)
	case "hardBreak":
		parent.add(&node{kind: kindBreak})
	case "mention":
		id, shown := str(attrs["id"]), strings.TrimPrefix(Clean(str(attrs["text"])), "@")
		if shown == "" {
			shown = id
		}
		r.mention(id, "@"+shown)
		parent.add(text("@" + shown))
	case "emoji":
		parent.add(text(first(str(attrs["text"]), str(attrs["shortName"]))))
	case "date":
		parent.add(text(isoDate(str(attrs["timestamp"]))))
	case "status":
		parent.add(text("[" + strings.ToUpper(Clean(str(attrs["text"]))) + "]"))
	case "inlineCard", "blockCard", "embedCard":
		r.card(parent, name, attrs)
	case "placeholder":
		parent.add(text(Clean(str(attrs["text"]))))
	case "extension", "inlineExtension", "syncBlock":
		// Content made by an app: its fallback text is all a reader outside Jira has.
		if s := Clean(str(attrs["text"])); s != "" {
			parent.add(text(s))
		}
		r.children(parent, n, depth)
	default:
		r.lossy = true
		if s := Clean(first(str(n["text"]), str(attrs["text"]))); s != "" {
			parent.add(text(s))
		}
		group := &node{kind: kindGroup}
		r.children(group, n, depth)
		// Inline content keeps its place in the sentence; blocks stand on their own.
		if allInline(group.children) {
			parent.add(group.children...)
		} else {
			parent.add(group)
		}
	}
}

func (r *adf) card(parent *node, name string, attrs map[string]any) {
	target := str(attrs["url"])
	if data, ok := attrs["data"].(map[string]any); ok && target == "" {
		target = str(data["url"])
	}
	href, ok := SafeURL(target)
	if !ok {
		r.lossy = true
		parent.add(text(Clean(target)))
		return
	}
	r.link(href, "")
	link := &node{kind: kindLink, href: href, children: []*node{text(href)}}
	if name != "inlineCard" {
		link = &node{kind: kindParagraph, children: []*node{link}}
	}
	parent.add(link)
}

func (r *adf) media(parent *node, attrs map[string]any) {
	if href, ok := SafeURL(str(attrs["url"])); ok {
		r.link(href, "")
		parent.add(&node{kind: kindLink, href: href, children: []*node{text(first(Clean(str(attrs["alt"])), "picture"))}})
		return
	}
	name := first(Clean(str(attrs["alt"])), Clean(str(attrs["__fileName"])), str(attrs["id"]), "file")
	parent.add(text("(attachment: " + name + ")"))
}

// text applies the marks of a text node. A mark we do not know takes nothing from the text, so it is no loss.
func (r *adf) text(parent *node, n map[string]any) {
	s := Clean(str(n["text"]))
	marks, _ := n["marks"].([]any)
	out := text(s)
	var href string
	for _, m := range marks {
		mark, _ := m.(map[string]any)
		attrs, _ := mark["attrs"].(map[string]any)
		switch str(mark["type"]) {
		case "code":
			out = &node{kind: kindCodeSpan, text: s}
		case "link":
			href = str(attrs["href"])
		}
	}
	for _, m := range marks {
		mark, _ := m.(map[string]any)
		switch str(mark["type"]) {
		case "strong":
			out = &node{kind: kindStrong, children: []*node{out}}
		case "em":
			out = &node{kind: kindEm, children: []*node{out}}
		case "strike":
			out = &node{kind: kindStrike, children: []*node{out}}
		}
	}
	if href != "" {
		if safe, ok := SafeURL(href); ok {
			r.link(safe, s)
			out = &node{kind: kindLink, href: safe, children: []*node{out}}
		} else {
			r.lossy = true
		}
	}
	parent.add(out)
}

func allInline(children []*node) bool {
	for _, c := range children {
		if !c.kind.inline() {
			return false
		}
	}
	return true
}

func str(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

func integer(v any, otherwise int) int {
	if n, ok := v.(int); ok { // written by us, see ADF.decoded
		v = float64(n)
	}
	if f, ok := v.(float64); ok && f >= 0 && f < 1e9 {
		return int(f)
	}
	return otherwise
}

func first(candidates ...string) string {
	for _, c := range candidates {
		if c != "" {
			return c
		}
	}
	return ""
}

// isoDate reads a date node's timestamp, milliseconds since 1970 written as text.
func isoDate(ms string) string {
	n, err := strconv.ParseInt(ms, 10, 64)
	if err != nil {
		return Clean(ms)
	}
	at := time.UnixMilli(n).UTC()
	if at.Year() < 0 || at.Year() > 9999 {
		return ms
	}
	return at.Format(time.DateOnly)
}

func panelName(kind string) string {
	switch kind {
	case "info", "":
		return "Info"
	case "note", "warning", "error", "success", "tip":
		return strings.ToUpper(kind[:1]) + kind[1:]
	}
	return ""
}
