package card

import "strconv"

// Compared is what differs between two environments.
type Compared struct {
	// Areas count the differences by where they lie, those that block first; nil when they are not shown.
	Areas []Area `json:"areas,omitempty" maxItems:"50"`
	// Differences are ranked, the one to look at first in front; nil when they are not shown.
	Differences []Difference `json:"differences,omitempty" maxItems:"200"`
	// Total is how many differences there are.
	Total int `json:"total" minimum:"0"`
}

// Area counts the differences that lie in one area.
type Area struct {
	Name string `json:"name" example:"sessions" maxLength:"1000"`
	// Count is how many there are, and Blocking how many of them block.
	Count    int `json:"count" minimum:"0"`
	Blocking int `json:"blocking" minimum:"0"`
}

// Words say how much differs in the area.
func (a Area) Words() string {
	if a.Blocking == 0 {
		return strconv.Itoa(a.Count)
	}
	return strconv.Itoa(a.Count) + ", " + strconv.Itoa(a.Blocking) + " blocking"
}

// Difference is one difference between two environments.
type Difference struct {
	// Path says where it is.
	Path   string `json:"path" example:"table/sessions/index/user_last_seen" maxLength:"1000"`
	Change string `json:"change" enums:"added,missing,changed" example:"missing"`
	// Why says what differs, and why it matters.
	Why      string `json:"why" example:"index user_last_seen on sessions is missing in DEV" maxLength:"4000"`
	Blocking bool   `json:"blocking"`
}

// Words are the change in words, with whether it blocks.
func (d Difference) Words() string {
	if d.Blocking {
		return d.Change + ", blocking"
	}
	return d.Change
}

// inert is what is compared as every form shows it.
func (c *Compared) inert() *Compared {
	if c == nil {
		return nil
	}
	out := &Compared{Total: c.Total}
	for _, a := range c.Areas {
		out.Areas = append(out.Areas, Area{line(a.Name), a.Count, a.Blocking})
	}
	for _, d := range c.Differences {
		out.Differences = append(out.Differences, Difference{line(d.Path), line(d.Change), line(d.Why), d.Blocking})
	}
	return out
}

// only leaves out the parts that are not wanted.
func (c *Compared) only(wanted map[string]bool) *Compared {
	if c == nil {
		return nil
	}
	out := *c
	if !wanted["areas"] {
		out.Areas = nil
	}
	if !wanted["differences"] {
		out.Differences = nil
	}
	return &out
}

// longest is the count of the area with the most differences.
func (c *Compared) longest() int {
	most := 1
	for _, a := range c.Areas {
		most = max(most, a.Count)
	}
	return most
}

// table is one that every form writes in its own way.
type table struct {
	head []string
	rows [][]cell
	// said is a line about it; it may be empty.
	said string
}

// cell is plain text, which leads to an address where there is one.
type cell struct{ text, url string }

// tables are those of a card, in the order they are shown.
func tables(c Card) []table {
	var all []table
	if c.Compared != nil && len(c.Compared.Areas) > 0 {
		t := table{head: []string{"Area", "Differences", "Blocking"}}
		for _, a := range c.Compared.Areas {
			t.rows = append(t.rows, []cell{{text: a.Name}, {text: strconv.Itoa(a.Count)}, {text: strconv.Itoa(a.Blocking)}})
		}
		all = append(all, t)
	}
	if c.Compared != nil && len(c.Compared.Differences) > 0 {
		t := table{head: []string{"Where", "Change", "Why it matters"}, said: c.Compared.found()}
		for _, d := range c.Compared.Differences {
			t.rows = append(t.rows, []cell{{text: d.Path}, {text: d.Words()}, {text: d.Why}})
		}
		all = append(all, t)
	}
	if c.Items != nil {
		t := table{head: []string{"Record", "Title", "Status"}, said: found(c)}
		for _, i := range c.Items {
			t.rows = append(t.rows, []cell{{i.ID, i.URL}, {text: i.Title}, {text: words(i.Status)}})
		}
		all = append(all, t)
	}
	return all
}

// found says how many hits there are, and how many of them are shown.
func found(c Card) string { return shownOf(len(c.Items), c.Total, "record") }

// found says how many differences there are, and how many of them are shown.
func (c *Compared) found() string { return shownOf(len(c.Differences), c.Total, "difference") }

func shownOf(shown, total int, noun string) string {
	switch {
	case total == 1 && shown == 1:
		return "1 " + noun
	case shown < total:
		return strconv.Itoa(shown) + " of " + strconv.Itoa(total) + " " + noun + "s"
	}
	return strconv.Itoa(total) + " " + noun + "s"
}
