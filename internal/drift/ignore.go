package drift

import (
	"strings"
	"time"

	"github.com/hindcast-kb/hindcast/internal/fault"
)

// IgnoreRule hides drift that a team has looked at and accepted, for a reason and for a time.
type IgnoreRule struct {
	// ID is the caller's name for the rule.
	ID string
	// Pattern is matched against whole paths without regard to case: * stands for any part of a segment, ** for any
	// number of segments, ? for one character. table/tmp_*/** hides these tables and all that belongs to them.
	Pattern string
	Reason  string
	// ExpiresAt is when the rule stops to hide anything; nil is never.
	ExpiresAt *time.Time
}

// Check notes what is wrong with a rule.
func (r IgnoreRule) Check(c *fault.Check) {
	c.Required("pattern", r.Pattern)
	c.Text("pattern", r.Pattern, MaxPathBytes)
	if r.Pattern != "" && badPath(r.Pattern) != "" {
		c.Add("pattern", "invalid_format", "%s", badPath(r.Pattern))
	}
	if strings.Trim(r.Pattern, "*/") == "" && r.Pattern != "" {
		c.Add("pattern", "too_broad", "would hide everything")
	}
	c.Required("reason", r.Reason)
	c.Text("reason", r.Reason, fault.MaxText)
}

// Hidden says what one rule hides.
type Hidden struct {
	Rule  IgnoreRule
	Count int
}

// Ignore takes out the changes that a rule in force at the given time covers, and counts them by the first rule that does.
// Rules that hide nothing are in hidden too, with a count of 0, unless they have expired. An Incomparable change is never
// hidden: nobody knows what it would hide.
func Ignore(changes []Change, rules []IgnoreRule, at time.Time) (kept []Change, hidden []Hidden) {
	for _, rule := range rules {
		if rule.ExpiresAt == nil || rule.ExpiresAt.After(at) {
			hidden = append(hidden, Hidden{Rule: rule})
		}
	}
	patterns := make([][]string, len(hidden))
	for i, h := range hidden {
		patterns[i] = strings.Split(strings.ToLower(h.Rule.Pattern), "/")
	}
	for _, c := range changes {
		if i := firstMatch(patterns, c); i >= 0 {
			hidden[i].Count++
			continue
		}
		kept = append(kept, c)
	}
	for i := range kept {
		kept[i].Rank = i + 1
	}
	return kept, hidden
}

func firstMatch(patterns [][]string, c Change) int {
	if c.Incomparable {
		return -1
	}
	path := strings.Split(strings.ToLower(c.Path), "/")
	for i, pattern := range patterns {
		if globPath(pattern, path) {
			return i
		}
	}
	return -1
}

// globPath matches segment by segment; the work is bounded by the product of both lengths.
func globPath(pattern, path []string) bool {
	// reach[j] says whether the pattern so far can end before path[j].
	reach := make([]bool, len(path)+1)
	reach[0] = true
	for _, p := range pattern {
		next := make([]bool, len(path)+1)
		for j := range reach {
			if p == "**" {
				next[j] = reach[j] || j > 0 && next[j-1]
			} else if j > 0 && reach[j-1] {
				next[j] = globSegment(p, path[j-1])
			}
		}
		reach = next
	}
	return reach[len(path)]
}

// globSegment goes back to the last star only, so it cannot run wild.
func globSegment(pattern, text string) bool {
	p, t, star, mark := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark, p = p, t, p+1
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p, t = p+1, t+1
		case star >= 0:
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
