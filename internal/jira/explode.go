package jira

import (
	"strings"

	"github.com/hindcast-kb/hindcast/internal/markup"
)

// Part is one of the things a parent issue gathers: a subtask, a linked issue or a line of its checklist. A parent that lists dozens
// of observations is taken apart into its parts, each of which becomes a record.
type Part struct {
	// Key names the part within its parent. It is the same every time, so that taking a parent apart twice makes nothing twice.
	Key string `json:"key"`
	// Issue is the issue the part is; empty for a line of text.
	Issue IssueRef `json:"issue,omitzero"`
	Title string   `json:"title"`
	Done  bool     `json:"done,omitempty"`
	// Relation is how the part hangs on its parent: subtask, the name of a link, or checklist.
	Relation string `json:"relation"`
}

// Explode takes an issue apart: subtasks first, then linked issues, then checklist lines. An issue that is both subtask and link is
// one part. A checklist line is named by the id its editor gave it or else by its words, so a reworded line counts as another.
func Explode(parent Issue, description markup.Doc) []Part {
	var parts []Part
	seen := map[string]bool{}
	add := func(p Part) {
		p.Title = title(p.Title, p.Issue.Key)
		if p.Title != "" && !seen[p.Key] {
			seen[p.Key] = true
			parts = append(parts, p)
		}
	}
	issue := func(ref IssueRef, relation string) {
		if ref.ID != "" {
			add(Part{Key: "issue:" + string(ref.ID), Issue: ref, Title: ref.Summary, Relation: relation})
		}
	}
	for _, ref := range parent.Subtasks {
		issue(ref, "subtask")
	}
	for _, l := range parent.Links {
		issue(l.Issue, l.Type)
	}
	for _, t := range description.Tasks {
		key := "task:" + t.ID
		if t.ID == "" {
			key = "line:" + digest(strings.ToLower(strings.Join(strings.Fields(t.Text), " ")))[:16]
		}
		add(Part{Key: key, Title: markup.RedactEmails(t.Text), Done: t.Done, Relation: "checklist"})
	}
	return parts
}
