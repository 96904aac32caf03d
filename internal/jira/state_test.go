package jira

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestJira29_SecondWebhookForOneChange(t *testing.T) {
	t.Parallel()
	one := issueEvent("updated", "100", `{"id":"7","items":[{"field":"status"}]}`, summaryField("s")+","+at1)
	two := issueEvent("updated", "105", `{"id":"7","items":[{"field":"status"}]}`, summaryField("s")+","+at1)
	_, f := applyAll(t, one, two)
	if f[0].Noop() || !f[1].Noop() || f[1].Reason() != "duplicate_change" {
		t.Errorf("got %+v then %+v, want a change then duplicate_change", f[0], f[1])
	}
}

func TestJira30_DataCenterTellsOfACommentTwice(t *testing.T) {
	t.Parallel()
	alone := `{"webhookEvent":"comment_created","timestamp":100,"comment":{"self":"https://x.example/rest/api/2/issue/10021/comment/5","id":"5","body":"text","author":{"name":"bob"},"updated":"2026-03-02T10:00:00.000+0000"}}`
	with := `{"webhookEvent":"jira:issue_updated","issue_event_type_name":"issue_commented","timestamp":101,"comment":{"id":"5","body":"text","author":{"name":"bob"},"updated":"2026-03-02T10:00:00.000+0000"},"issue":{"id":"10021","key":"UPG-1","fields":{"summary":"s",` + at1 + `}}}`
	a, fa := applyAll(t, alone, with)
	b, fb := applyAll(t, with, alone)
	if asJSON(t, a) != asJSON(t, b) {
		t.Errorf("the order shows:\n%s\n%s", asJSON(t, a), asJSON(t, b))
	}
	for name, f := range map[string][]Effects{"comment first": fa, "issue first": fb} {
		if len(f[0].Comments)+len(f[1].Comments) != 1 {
			t.Errorf("%s: got %d and %d comments, want one in all", name, len(f[0].Comments), len(f[1].Comments))
		}
	}
	if !fb[1].Noop() {
		t.Errorf("the second telling: got %+v, want nothing to do", fb[1])
	}
	removed := `{"webhookEvent":"jira:issue_updated","issue_event_type_name":"issue_comment_deleted","timestamp":102,"comment":{"id":"5","body":"text"},"issue":{"id":"10021","fields":{` + at1 + `}}}`
	s, f := applyAll(t, removed, alone)
	if !s.Comments["5"].Deleted || len(f[1].Comments) != 0 {
		t.Errorf("a late creation revived a deleted comment: %+v", f[1])
	}
}

func TestJira31to33_Order(t *testing.T) {
	t.Parallel()
	status := func(name string) string { return `"status":{"name":"` + name + `"}` }
	created := issueEvent("created", "100", "", summaryField("old")+","+at1)
	updated := issueEvent("updated", "200", `{"id":"3"}`, summaryField("new")+","+at2)
	s, f := applyAll(t, updated, created)
	if got := s.Issue().Summary.Value; got != "new" {
		t.Errorf("31: got %q, want the updated summary", got)
	}
	if !f[1].Stale || f[1].History == nil || len(f[1].Changed) != 0 || !f[1].History.At().Before(f[0].History.At()) {
		t.Errorf("31: late creation: got %+v, want history alone, before the update", f[1])
	}
	s, _ = applyAll(t, issueEvent("updated", "200", "", status("Done")+","+at1), issueEvent("updated", "100", "", status("In Progress")+","+at1))
	if got := s.Issue().Status.Value.Name; got != "Done" {
		t.Errorf("32: got %q, want Done", got)
	}
	s, _ = applyAll(t, issueEvent("updated", "100", `{"id":"11"}`, status("Done")+","+at1), issueEvent("updated", "200", `{"id":"10"}`, status("In Progress")+","+at1))
	if got := s.Issue().Status.Value.Name; got != "Done" {
		t.Errorf("33: got %q, want what change 11 said", got)
	}
}

func TestJira34_TombstoneAndRevival(t *testing.T) {
	t.Parallel()
	deleted := issueEvent("deleted", "300", "", at1)
	late := issueEvent("updated", "250", `{"id":"9"}`, at1)
	newer := issueEvent("updated", "400", `{"id":"10"}`, at2)
	s, f := applyAll(t, issueEvent("created", "100", "", at1), deleted, late)
	if !s.Deleted() || !f[1].Deleted || f[2].Revived {
		t.Errorf("got deleted %v, effects %+v; want it to stay deleted", s.Deleted(), f[2])
	}
	s, f = applyAll(t, deleted, late, newer)
	if s.Deleted() || !f[2].Revived {
		t.Errorf("got deleted %v, effects %+v; want it revived", s.Deleted(), f[2])
	}
	if s, _ := applyAll(t, late, deleted); !s.Deleted() {
		t.Error("the deletion came second: got a live issue")
	}
}

func TestTiesComeOutTheSameEitherWay(t *testing.T) {
	t.Parallel()
	comment := func(body string) string {
		return `{"webhookEvent":"comment_updated","timestamp":100,"comment":{"id":"5","body":"` + body + `","updated":"2026-03-02T10:00:00.000+0000"},"issue":{"id":"10021"}}`
	}
	link := func(kind string) string {
		return `{"webhookEvent":"issuelink_created","timestamp":100,"issueLink":{"id":1,"sourceIssueId":10021,"destinationIssueId":2,"issueLinkType":{"name":"` + kind + `"}}}`
	}
	for name, pair := range map[string][2]string{
		"two texts of one comment at one time": {comment("a"), comment("b")},
		"two types of one link":                {link("Blocks"), link("Epic")},
		"two summaries at one time":            {issueEvent("updated", "100", "", summaryField("a")+","+at1), issueEvent("updated", "100", "", summaryField("b")+","+at1)},
		"an update and a deletion at one time": {issueEvent("updated", "100", "", at1), issueEvent("deleted", "100", "", at1)},
	} {
		a, _ := applyAll(t, pair[0], pair[1])
		b, _ := applyAll(t, pair[1], pair[0])
		if asJSON(t, a) != asJSON(t, b) {
			t.Errorf("%s: got %s and %s", name, asJSON(t, a), asJSON(t, b))
		}
		if strings.Contains(name, "deletion") && !a.Deleted() {
			t.Errorf("%s: the issue is live", name)
		}
	}
}

func TestAFieldCannotTakeTheNameOfAnother(t *testing.T) {
	t.Parallel()
	s, _ := applyAll(t, issueEvent("updated", "100", "", `"key":"EVIL-1","site":"https://evil.example",`+at1))
	if f := StarterRules().Match(s, "").Fields; s.Issue().Key != "UPG-1" || len(s.Issue().Custom) != 0 || strings.Contains(asJSON(t, s), "evil") {
		t.Errorf("got key %s, %+v", s.Issue().Key, f)
	}
}

func TestJira35_CascadeOfADeletion(t *testing.T) {
	t.Parallel()
	var s State
	s, _ = s.Apply(mustDecode(t, issueEvent("created", "100", "", summaryField("s")+","+at1)))
	s, _ = s.Apply(mustDecode(t, issueEvent("deleted", "300", "", summaryField("s")+","+at1)))
	for i := range 3 {
		next, f := s.Apply(mustDecode(t, fmt.Sprintf(`{"webhookEvent":"comment_deleted","timestamp":301,"comment":{"self":"https://x.example/rest/api/2/issue/10021/comment/%d","id":"%d"}}`, i, i)))
		if !f.Noop() {
			t.Errorf("comment %d: got %+v, want nothing to do", i, f)
		}
		s = next
	}
	_, f := s.Apply(mustDecode(t, `{"webhookEvent":"issuelink_deleted","timestamp":302,"issueLink":{"id":1,"sourceIssueId":10021,"destinationIssueId":2}}`))
	if !f.Noop() {
		t.Errorf("link: got %+v, want nothing to do", f)
	}
	if s.Issue().Summary.Value != "s" {
		t.Error("the text went with the issue")
	}
}

func TestJira36_EpicIsLinkedAgain(t *testing.T) {
	t.Parallel()
	link := func(event string, id int) string {
		return fmt.Sprintf(`{"webhookEvent":"issuelink_%s","timestamp":100,"issueLink":{"id":%d,"sourceIssueId":10021,"destinationIssueId":%d,"issueLinkType":{"name":"Epic"}}}`, event, id, 50+id)
	}
	for name, order := range map[string][]string{
		"created first": {link("created", 1), link("created", 2), link("deleted", 1)},
		"deleted first": {link("deleted", 1), link("created", 2), link("created", 1)},
	} {
		s, _ := applyAll(t, order...)
		got := s.LiveLinks()
		if len(got) != 1 || got[0].ID != "2" {
			t.Errorf("%s: got %+v, want link 2 alone", name, got)
		}
	}
	if got := mustDecode(t, link("created", 1)).IssueIDs(); !cmp.Equal(got, []ID{"10021", "51"}) {
		t.Errorf("got %v, want both ends", got)
	}
}

func TestJira37_AbsentIsNotNull(t *testing.T) {
	t.Parallel()
	full := issueEvent("created", "100", "", summaryField("s")+`,"labels":["postmortem"],"priority":{"name":"High"},"description":"d","assignee":{"accountId":"a"},`+at1)
	comment := `{"webhookEvent":"comment_created","timestamp":999,"comment":{"id":"1","body":"b","created":"2026-03-02T10:30:00.000+0000"},"issue":{"id":"10021","key":"UPG-1","fields":{"summary":"s","assignee":null,"priority":{"name":"Low"},"status":{"name":"Open"}}}}`
	s, _ := applyAll(t, full, comment)
	i := s.Issue()
	if !cmp.Equal(i.Labels.Value, []string{"postmortem"}) || i.Priority.Value.Name != "High" || string(i.Description.Value) != `"d"` || i.Assignee.Value != "a" {
		t.Errorf("got labels %v, priority %+v, description %s, assignee %+v; want what the full event said", i.Labels.Value, i.Priority.Value, i.Description.Value, i.Assignee)
	}
	cleared, _ := applyAll(t, full, issueEvent("updated", "200", "", `"labels":[],"description":null,`+at2))
	if i := cleared.Issue(); len(i.Labels.Value) != 0 || !i.Description.Null || i.Priority.Value.Name != "High" {
		t.Errorf("null and empty clear a field, absent does not: got %+v", i)
	}
}

func TestJira43_MoveKeepsTheIssue(t *testing.T) {
	t.Parallel()
	before := issueEvent("created", "100", "", `"project":{"id":"1","key":"UPG"},`+at1)
	moved := `{"webhookEvent":"jira:issue_updated","timestamp":200,"issue_event_type_name":"issue_moved","changelog":{"id":"5","items":[{"field":"Key","fieldtype":"jira","from":null,"fromString":"UPG-1","to":null,"toString":"OPS-7"}]},"issue":{"id":"10021","key":"OPS-7","fields":{"project":{"id":"2","key":"OPS"},` + at2 + `}}}`
	for name, order := range map[string][]string{"in order": {before, moved}, "move first": {moved, before}, "move alone": {moved}} {
		s, f := applyAll(t, order...)
		if s.Issue().Key != "OPS-7" || !cmp.Equal(s.Aliases(), []string{"UPG-1"}) || s.Issue().Project.Value.Key != "OPS" {
			t.Errorf("%s: got key %s, aliases %v, project %s", name, s.Issue().Key, s.Aliases(), s.Issue().Project.Value.Key)
		}
		if name == "in order" && (f[1].Moved == nil || *f[1].Moved != Move{From: "UPG-1", To: "OPS-7"}) {
			t.Errorf("got move %+v", f[1].Moved)
		}
	}
}

func TestJira46and47_Versions(t *testing.T) {
	t.Parallel()
	event := func(name string, ts int, released bool, more string) string {
		return fmt.Sprintf(`{"webhookEvent":"jira:version_%s","timestamp":%d,"version":{"id":"5","name":"24.3.1","projectId":10000,"released":%v}%s}`, name, ts, released, more)
	}
	apply := func(raw ...string) (v VersionState, f VersionEffects) {
		for _, r := range raw {
			v, f = v.Apply(mustDecode(t, r))
		}
		return v, f
	}
	v, f := apply(event("created", 1, false, ""), event("released", 2, true, ""))
	if !v.Released || !f.ReleasedNow || v.Name != "24.3.1" || v.ProjectID != "10000" {
		t.Errorf("46: got %+v, %+v; want it released", v, f)
	}
	if d := StarterRules().MatchVersion(v); d.Entity != EntityAttempt || d.Release != "24.3.1" || !d.Released {
		t.Errorf("46: got %+v, want an attempt for 24.3.1", d)
	}
	v, f = apply(event("released", 2, true, ""), event("unreleased", 3, false, ""))
	if v.Released || !f.UnreleasedNow {
		t.Errorf("47: got %+v, %+v; want it back to planned", v, f)
	}
	v, f = apply(event("unreleased", 3, false, ""), event("released", 2, true, ""))
	if v.Released || !f.Stale {
		t.Errorf("47: out of order: got %+v, %+v; want the older event to be history", v, f)
	}
	v, f = apply(event("released", 2, true, ""), event("deleted", 4, true, `,"mergedTo":{"id":"6"}`))
	if !v.Deleted || f.MergedTo != "6" {
		t.Errorf("46: merged: got %+v, %+v; want links to move to 6", v, f)
	}
	v, f = apply(event("deleted", 4, true, ""), event("released", 9, true, ""))
	if !v.Deleted || f.MergedTo != "" {
		t.Errorf("46: deleted: got %+v, %+v; want it to stay deleted", v, f)
	}
}

func TestJira54_RestrictedTextIsNotKept(t *testing.T) {
	t.Parallel()
	rules := StarterRules()
	var s State
	for _, raw := range []string{
		issueEvent("created", "100", "", summaryField("secret words")+`,"issuetype":{"name":"Bug"},"description":"secret words","security":{"id":"1","name":"secret level"},`+at1),
		`{"webhookEvent":"comment_created","timestamp":150,"comment":{"id":"1","body":"secret words"},"issue":{"id":"10021","key":"UPG-1","fields":{"summary":"secret words"}}}`,
	} {
		next, f := s.Apply(rules.Prepare(s, mustDecode(t, raw)))
		s = next
		if got := asJSON(t, []any{s, f}); strings.Contains(got, "secret words") {
			t.Errorf("restricted text is kept: %s", got)
		}
	}
	d := rules.Match(s, KindIssueUpdated)
	if !d.LinkOnly || d.NeedsState || d.Entity != EntityFinding || d.Fields.Key != "UPG-1" || d.Fields.URL == "" || strings.Contains(asJSON(t, d), "secret words") {
		t.Errorf("got %+v, want a bare link", d)
	}
	unknown := `{"webhookEvent":"comment_created","timestamp":150,"comment":{"id":"1","body":"secret words"},"issue":{"id":"10022","fields":{"summary":"secret words","issuetype":{"name":"Bug"}}}}`
	u, f := State{}.Apply(rules.Prepare(State{}, mustDecode(t, unknown)))
	if strings.Contains(asJSON(t, []any{u, f}), "secret words") || !rules.Match(u, "").LinkOnly || !rules.Match(u, "").NeedsState {
		t.Error("a comment on an issue of unknown level leaks")
	}
	open := rules
	open.Rules[0].Then.AllowRestricted = true
	o, _ := State{}.Apply(open.Prepare(State{}, mustDecode(t, issueEvent("created", "100", "", summaryField("kept words")+`,"issuetype":{"name":"Bug"},"security":{"id":"1"},`+at1))))
	if d := open.Match(o, ""); d.LinkOnly || d.Fields.Title != "kept words" {
		t.Errorf("a rule that opts in: got %+v", d)
	}
}

func TestApplyLeavesTheReceiverAlone(t *testing.T) {
	t.Parallel()
	s, _ := applyAll(t, issueEvent("created", "100", "", summaryField("a")+","+at1), own()[2])
	before := asJSON(t, s)
	s.Apply(mustDecode(t, issueEvent("updated", "200", `{"id":"3","items":[{"field":"Key","fromString":"A-1","toString":"UPG-1"}]}`, summaryField("b")+","+at2)))
	if after := asJSON(t, s); after != before {
		t.Errorf("got %s, want %s", after, before)
	}
}

// drawEvent makes one event about issue 10021 from a small space, so that equal stamps, repeats and conflicts are common.
func drawEvent(t *rapid.T, n int) string {
	ts := rapid.IntRange(1, 6).Draw(t, "ts")
	fields := []string{}
	for _, f := range []string{`"summary":"%d"`, `"labels":["l%d"]`, `"status":{"name":"s%d"}`, `"security":{"id":"%d"}`, `"description":null`, `"assignee":{"accountId":"a%d"}`} {
		if rapid.Bool().Draw(t, "has field") {
			if f[len(f)-4:] == "null" {
				fields = append(fields, f)
			} else {
				fields = append(fields, fmt.Sprintf(f, rapid.IntRange(0, 3).Draw(t, "value")))
			}
		}
	}
	members := ""
	for i, f := range fields {
		if i > 0 {
			members += ","
		}
		members += f
	}
	if rapid.IntRange(0, 3).Draw(t, "strong") > 0 {
		if members != "" {
			members += ","
		}
		members += fmt.Sprintf(`"updated":"2026-03-02T10:00:0%d.000+0000"`, rapid.IntRange(0, 4).Draw(t, "updated"))
	}
	change := ""
	if rapid.Bool().Draw(t, "has change") {
		change = fmt.Sprintf(`{"id":"%d","items":[{"field":"Key","fromString":"UPG-%d","toString":"UPG-1"}]}`, rapid.IntRange(1, 5).Draw(t, "change"), rapid.IntRange(1, 3).Draw(t, "from"))
	}
	switch rapid.IntRange(0, 8).Draw(t, "kind") {
	case 0:
		return issueEvent("created", fmt.Sprint(ts), "", members)
	case 1:
		return issueEvent("deleted", fmt.Sprint(ts), "", members)
	case 2, 3:
		return fmt.Sprintf(`{"webhookEvent":"%s","timestamp":%d,"comment":{"id":"%d","body":"b%d","updated":"2026-03-02T10:00:0%d.000+0000"},"issue":{"id":"10021","key":"UPG-1","fields":{%s}}}`,
			rapid.SampledFrom([]string{"comment_created", "comment_updated", "comment_deleted"}).Draw(t, "event"), ts, rapid.IntRange(1, 2).Draw(t, "comment"), rapid.IntRange(0, 2).Draw(t, "body"), rapid.IntRange(0, 3).Draw(t, "at"), members)
	case 4:
		return fmt.Sprintf(`{"webhookEvent":"%s","timestamp":%d,"issueLink":{"id":%d,"sourceIssueId":10021,"destinationIssueId":2,"issueLinkType":{"name":"%s"}}}`,
			rapid.SampledFrom([]string{"issuelink_created", "issuelink_deleted"}).Draw(t, "event"), ts, rapid.IntRange(1, 3).Draw(t, "link"), rapid.SampledFrom([]string{"Epic", "Blocks"}).Draw(t, "type"))
	case 5:
		return fmt.Sprintf(`{"webhookEvent":"%s","timestamp":%d,"worklog":{"id":"%d","issueId":"10021","timeSpentSeconds":%d,"updated":"2026-03-02T10:00:0%d.000+0000"}}`,
			rapid.SampledFrom([]string{"worklog_created", "worklog_updated", "worklog_deleted"}).Draw(t, "event"), ts, rapid.IntRange(1, 2).Draw(t, "worklog"), rapid.IntRange(1, 3).Draw(t, "seconds"), rapid.IntRange(0, 3).Draw(t, "at"))
	default:
		return issueEvent("updated", fmt.Sprint(ts), change, members)
	}
}

func TestJira66_AnyOrderWithRepeatsConverges(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var raw []string
		for i := range rapid.IntRange(1, 8).Draw(t, "events") {
			raw = append(raw, drawEvent(t, i))
		}
		shuffled := rapid.Permutation(append(append([]string{}, raw...), rapid.SliceOfN(rapid.SampledFrom(raw), 0, 4).Draw(t, "repeats")...)).Draw(t, "order")
		apply := func(list []string) (State, string) {
			s := State{ID: "10021"}
			for _, r := range list {
				e, err := Decode([]byte(r))
				if err != nil {
					t.Fatalf("decoding %s: %v", r, err)
				}
				s, _ = s.Apply(e)
				// As stored and loaded between two events.
				b, err := json.Marshal(s)
				if err != nil {
					t.Fatal(err)
				}
				s = State{}
				if err := json.Unmarshal(b, &s); err != nil {
					t.Fatal(err)
				}
			}
			b, _ := json.Marshal(s)
			return s, string(b)
		}
		a, first := apply(raw)
		b, second := apply(shuffled)
		if diff := cmp.Diff(first, second); diff != "" {
			t.Fatalf("states differ:\n%s\n%s", first, second)
		}
		if x, y := StarterRules().Match(a, ""), StarterRules().Match(b, ""); !cmp.Equal(x, y) {
			t.Fatalf("decisions differ: %s", cmp.Diff(x, y))
		}
	})
}

func TestJira66_VersionsAndProjectsConverge(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var raw []string
		for range rapid.IntRange(1, 6).Draw(t, "events") {
			raw = append(raw, fmt.Sprintf(`{"webhookEvent":"jira:version_%s","timestamp":%d,"version":{"id":"5","name":"n%d","projectId":1,"released":%v},"mergedTo":%s}`,
				rapid.SampledFrom([]string{"created", "released", "unreleased", "updated", "deleted"}).Draw(t, "event"), rapid.IntRange(1, 3).Draw(t, "ts"), rapid.IntRange(0, 2).Draw(t, "name"), rapid.Bool().Draw(t, "released"), rapid.SampledFrom([]string{"null", `"6"`, `"7"`}).Draw(t, "into")))
			raw = append(raw, fmt.Sprintf(`{"webhookEvent":"project_%s","timestamp":%d,"project":{"id":1,"key":"K%d"}}`,
				rapid.SampledFrom([]string{"updated", "soft_deleted", "restored_deleted"}).Draw(t, "event"), rapid.IntRange(1, 3).Draw(t, "ts"), rapid.IntRange(0, 2).Draw(t, "key")))
		}
		apply := func(list []string) (v VersionState, p ProjectState) {
			for _, r := range list {
				e, err := Decode([]byte(r))
				if err != nil {
					t.Fatal(err)
				}
				v, _ = v.Apply(e)
				p, _ = p.Apply(e)
			}
			return v, p
		}
		shuffled := rapid.Permutation(append(append([]string{}, raw...), raw[0])).Draw(t, "order")
		v1, p1 := apply(raw)
		v2, p2 := apply(shuffled)
		if v1 != v2 || p1 != p2 {
			t.Fatalf("got %+v %+v and %+v %+v", v1, p1, v2, p2)
		}
	})
}
