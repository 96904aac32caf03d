package markup

import (
	"strconv"
	"strings"
)

// writeText writes a tree as plain text: one line per block, cells parted by tabs, the address of a link after its words.
func writeText(root *node) string {
	return strings.TrimSpace(blockText(root))
}

func blockText(n *node) string {
	switch n.kind {
	case kindCode:
		return n.text
	case kindRule:
		return ""
	case kindTable:
		var rows []string
		for _, row := range n.children {
			var cells []string
			for _, c := range row.children {
				cells = append(cells, strings.Join(strings.Fields(textBlocks(c.children)), " "))
			}
			rows = append(rows, strings.Join(cells, "\t"))
		}
		return strings.Join(rows, "\n")
	case kindList:
		return listText(n)
	case kindPanel:
		body := textBlocks(n.children)
		if n.text != "" && body != "" {
			return n.text + "\n" + body
		}
		return n.text + body
	default:
		if n.kind.inline() {
			return inlineText([]*node{n})
		}
		return textBlocks(n.children)
	}
}

func listText(n *node) string {
	var items []string
	for i, item := range n.children {
		marker := "- "
		switch {
		case item.task && item.done:
			marker = "[x] "
		case item.task:
			marker = "[ ] "
		case n.ordered:
			marker = strconv.Itoa(max(n.start, 1)+i) + ". "
		}
		items = append(items, marker+strings.ReplaceAll(textBlocks(item.children), "\n", "\n  "))
	}
	return strings.Join(items, "\n")
}

func textBlocks(children []*node) string {
	var out []string
	var run []*node
	flush := func() {
		if s := strings.Trim(inlineText(run), "\n "); s != "" {
			out = append(out, s)
		}
		run = nil
	}
	for _, c := range children {
		if c.kind.inline() {
			run = append(run, c)
			continue
		}
		flush()
		if s := blockText(c); s != "" {
			out = append(out, s)
		}
	}
	flush()
	return strings.Join(out, "\n")
}

func inlineText(children []*node) string {
	var out strings.Builder
	for _, c := range children {
		switch c.kind {
		case kindText, kindCodeSpan:
			out.WriteString(c.text)
		case kindBreak:
			out.WriteString("\n")
		case kindLink:
			words := inlineText(c.children)
			out.WriteString(words)
			if strings.TrimSpace(words) == "" {
				out.WriteString(c.href)
			} else if strings.TrimSpace(words) != c.href {
				out.WriteString(" (" + c.href + ")")
			}
		default:
			out.WriteString(inlineText(c.children))
		}
	}
	return out.String()
}
