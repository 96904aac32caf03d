package remedy

import (
	"strings"
	"testing"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

func TestARunbookIsFoundByTheStrongestReason(t *testing.T) {
	t.Parallel()
	shop, other := vocab.Service.ID(1), vocab.Service.ID(2)
	book := Runbook{
		ID: vocab.Runbook.ID(7), Title: "Sessions end too early", URL: "https://wiki.example.com/sessions", ServiceID: shop, Areas: []string{"sessions"},
		Alerts: []string{"SessionsExpire"}, Rules: []vocab.RunbookRule{{}, {ServiceIDs: []vocab.ID{shop}, Severities: []vocab.Severity{vocab.SeverityCritical}, Contains: []string{"Duplicate key"}}},
	}
	for name, tc := range map[string]struct {
		subject Subject
		by      Ground
		why     string
	}{
		"a reference":                  {Subject{Links: []Link{{ID: vocab.Reference.ID(3), URL: "HTTPS://wiki.example.com/sessions/#top"}}}, ByLink, "linked by REF-3"},
		"a reference by its id":        {Subject{Links: []Link{{ID: vocab.Reference.ID(3), Key: "RBK-7"}}}, ByLink, "linked by REF-3"},
		"its address in a text":        {Subject{Texts: []string{"see https://wiki.example.com/sessions."}}, ByLink, "address is written"},
		"a longer address":             {Subject{Texts: []string{"see https://wiki.example.com/sessions-2"}}, "", ""},
		"an alert in the title":        {Subject{Title: "[FIRING] SessionsExpire on web-1"}, ByAlert, "SessionsExpire is named"},
		"an alert among the tags":      {Subject{Tags: []string{"alertname:sessionsexpire"}}, ByAlert, "among the tags"},
		"part of another alert":        {Subject{Title: "SessionsExpireSlowly"}, ByText, "both say expire, sessions"},
		"a rule":                       {Subject{ServiceID: shop, Severity: vocab.SeverityCritical, Texts: []string{"ERROR: duplicate key value"}}, ByRule, "rule 2: SVC-1, severity critical, it holds “Duplicate key”"},
		"half a rule":                  {Subject{ServiceID: shop, Severity: vocab.SeverityLow, Texts: []string{"duplicate key"}}, "", ""},
		"an area of the service":       {Subject{ServiceID: shop, Component: "Sessions"}, ByRule, "about sessions of SVC-1"},
		"an area of another service":   {Subject{ServiceID: other, Component: "sessions"}, "", ""},
		"words":                        {Subject{Title: "Session ends early"}, ByText, "both say early, sessions"},
		"words, but another service":   {Subject{ServiceID: other, Title: "Session ends early"}, "", ""},
		"one word":                     {Subject{Title: "A session"}, "", ""},
		"an empty rule is for nothing": {Subject{Title: "Nothing of it"}, "", ""},
	} {
		tc.subject.ID = vocab.Finding.ID(1)
		got := Find(tc.subject, []Runbook{book})
		if tc.by == "" {
			if len(got) > 0 {
				t.Errorf("%s: found by %s (%s)", name, got[0].By, got[0].Why)
			}
			continue
		}
		if len(got) != 1 || got[0].By != tc.by || !strings.Contains(got[0].Why, tc.why) {
			t.Errorf("%s: got %+v, want %s because %q", name, got, tc.by, tc.why)
		}
	}
}

func TestTheOrderIsReasonThenHealthThenAge(t *testing.T) {
	t.Parallel()
	book := func(n int, title string, health vocab.RunbookHealth, alerts ...string) Runbook {
		return Runbook{ID: vocab.Runbook.ID(n), Title: title, Health: health, Alerts: alerts}
	}
	got := Find(Subject{Title: "QueueFull: queue of orders is full"}, []Runbook{
		book(1, "The queue of orders", vocab.RunbookHealthFresh), book(2, "x", vocab.RunbookHealthBroken, "QueueFull"),
		book(3, "y", vocab.RunbookHealthFresh, "QueueFull"), book(4, "z", vocab.RunbookHealthFresh, "QueueFull"),
	})
	var order []int
	for _, m := range got {
		order = append(order, m.Runbook.ID.N)
	}
	if len(order) != 4 || order[0] != 3 || order[1] != 4 || order[2] != 2 || order[3] != 1 {
		t.Errorf("the order is %v", order)
	}
}
