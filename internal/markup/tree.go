package markup

// kind names what a node is. Both readers build the same tree, so there is one writer per output and one place for escaping.
type kind int

const (
	// Blocks.
	kindDoc kind = iota
	kindParagraph
	kindHeading
	kindCode
	kindQuote
	kindPanel
	kindList
	kindItem
	kindRule
	kindTable
	kindRow
	kindCell
	kindGroup
	// Inlines.
	kindText
	kindStrong
	kindEm
	kindCodeSpan
	kindStrike
	kindPlain
	kindLink
	kindBreak
)

type node struct {
	kind     kind
	text     string // text of a text, code or code span; title of a panel; language of a code block is lang
	lang     string
	href     string
	level    int  // heading level
	ordered  bool // list
	start    int  // first number of an ordered list
	header   bool // table cell
	task     bool // list item with a box
	done     bool
	id       string // local id of a task
	children []*node
}

func (n *node) add(children ...*node) { n.children = append(n.children, children...) }

func text(s string) *node { return &node{kind: kindText, text: s} }

func (k kind) inline() bool { return k >= kindText }

// notes collects what the readers learn beside the tree.
type notes struct {
	links    []Link
	mentions []Mention
	seenLink map[string]bool
	seenWho  map[string]bool
	lossy    bool
}

func (c *notes) link(url, title string) {
	if c.seenLink == nil {
		c.seenLink = map[string]bool{}
	}
	if !c.seenLink[url] {
		c.seenLink[url] = true
		c.links = append(c.links, Link{URL: url, Title: title})
	}
}

func (c *notes) mention(id, shown string) {
	if c.seenWho == nil {
		c.seenWho = map[string]bool{}
	}
	if id != "" && !c.seenWho[id] {
		c.seenWho[id] = true
		c.mentions = append(c.mentions, Mention{ID: id, Text: shown})
	}
}

func finish(root *node, c *notes) Doc {
	d := Doc{Markdown: writeMarkdown(root), Text: writeText(root), Links: c.links, Mentions: c.mentions, Lossy: c.lossy}
	walk(root, func(n *node) {
		if n.kind == kindItem && n.task {
			d.Tasks = append(d.Tasks, Task{ID: n.id, Text: ownText(n), Done: n.done})
		}
	})
	return d
}

func walk(n *node, visit func(*node)) {
	visit(n)
	for _, c := range n.children {
		walk(c, visit)
	}
}

// ownText is the text of an item without that of the lists below it.
func ownText(item *node) string {
	own := &node{kind: kindGroup}
	for _, c := range item.children {
		if c.kind != kindList {
			own.add(c)
		}
	}
	return writeText(own)
}
