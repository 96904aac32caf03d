package jira

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func decodeCode(err error) DecodeCode {
	var e *DecodeError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func TestJira17to20_UnreadableBodies(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_000)
	for name, tc := range map[string]struct {
		body string
		want DecodeCode
	}{
		"17 empty": {"", DecodeNoBody}, "17 blanks": {" \n", DecodeNoBody},
		"18 not JSON": {`{"issue": secret-words`, DecodeBadJSON}, "18 two values": {`{}{}`, DecodeBadJSON},
		"19 array": {`[1]`, DecodeNotObject}, "19 string": {`"x"`, DecodeNotObject}, "19 number": {`1`, DecodeNotObject}, "19 null": {`null`, DecodeNotObject},
		"20 nesting": {deep, DecodeTooDeep}, "20 nesting, unclosed": {strings.Repeat("[", 1_000_000), DecodeTooDeep},
		"45 no event": {`{"id":1,"key":"UPG-1","fields":{}}`, DecodeNoEvent}, "no issue": {`{"webhookEvent":"jira:issue_updated"}`, DecodeNoEvent},
	} {
		_, err := Decode([]byte(tc.body))
		if decodeCode(err) != tc.want {
			t.Errorf("%s: got %v, want code %q", name, err, tc.want)
		}
		if err != nil && strings.Contains(err.Error(), "secret-words") {
			t.Errorf("%s: the error shows the body: %v", name, err)
		}
	}
	quoted := `{"webhookEvent":"x","a":"` + strings.Repeat("{", 1000) + `\""}`
	if _, err := Decode([]byte(quoted)); err != nil {
		t.Errorf("brackets in a string: got %v", err)
	}
}

func TestJira21_DuplicateKeysAndNUL(t *testing.T) {
	t.Parallel()
	e := mustDecode(t, issueEvent("updated", "1", "", `"summary":"first","summary":"a\u0000b","description":"x\u0000","customfield_1":"\u0000",`+at1))
	if got := e.Issue.Summary.Value; got != "ab" {
		t.Errorf("got %q, want the last value without NUL", got)
	}
	s, _ := State{}.Apply(e)
	if b := asJSON(t, s); strings.Contains(b, `\u0000`) {
		t.Errorf("a NUL in the state: %s", b)
	}
}

func TestJira25to28_DedupeKeys(t *testing.T) {
	t.Parallel()
	event := func(ts string) string {
		return `{"webhookEvent":"jira:issue_updated","timestamp":` + ts + `,"issue":{"id":"1"},"changelog":{"id":"9"}}`
	}
	key := func(h http.Header, raw string) string {
		e, err := Decode([]byte(raw))
		if err != nil {
			return DedupeKey(h, []byte(raw), nil)
		}
		return DedupeKey(h, []byte(raw), &e)
	}
	if got := key(header(IdentifierHeader, "abc"), event("1")); got != "hdr:abc" {
		t.Errorf("25: got %q, want hdr:abc", got)
	}
	if a, b := key(header(IdentifierHeader, strings.Repeat("x", 5000)), event("1")), key(header(IdentifierHeader, strings.Repeat("x", 5001)), event("1")); len(a) > 100 || a == b {
		t.Errorf("long identifiers: got %.40q and %.40q", a, b)
	}
	if a, b := key(nil, event("1")), key(nil, event("1")); a != b || !strings.HasPrefix(a, "sem:") {
		t.Errorf("28 identical: got %q and %q, want one semantic key", a, b)
	}
	if key(nil, event("1000")) == key(nil, event("2000")) {
		t.Error("28: a second later is the same key, want two")
	}
	if a := SemanticKey(mustDecode(t, event("1000"))); a != "chg:9" || a != SemanticKey(mustDecode(t, event("2000"))) {
		t.Errorf("28: got semantic key %q, want chg:9 for both", a)
	}
	for _, raw := range []string{`{"webhookEvent":"sprint_closed","timestamp":5,"sprint":{"id":1}}`, `not json`, `{"webhookEvent":"x"}`} {
		if got := key(nil, raw); !strings.HasPrefix(got, "raw:") {
			t.Errorf("%s: got %q, want a key of its bytes", raw, got)
		}
	}
	created := issueEvent("created", "7", "", at1)
	if key(nil, created) == key(nil, strings.Replace(created, "issue_created", "issue_updated", 1)) {
		t.Error("two events of one millisecond share a key")
	}
}

func TestJira37and38_CommentEvents(t *testing.T) {
	t.Parallel()
	e := mustDecode(t, own()[1])
	if e.IssueID != "10148" || e.Issue != nil || e.Site != "https://h.example/jira" {
		t.Errorf("38: got issue %q, site %q; want 10148 at https://h.example/jira", e.IssueID, e.Site)
	}
	six := mustDecode(t, `{"webhookEvent":"comment_created","timestamp":5,"comment":{"id":"1"},"issue":{"id":"10021","key":"UPG-1","fields":{"summary":"s","assignee":null,"priority":{"name":"High"}}}}`)
	if six.Issue.Labels.Set || six.Issue.Description.Set || !six.Issue.Assignee.Null {
		t.Errorf("37: got labels %+v, description set %v, assignee %+v; want absent, absent, null", six.Issue.Labels, six.Issue.Description.Set, six.Issue.Assignee)
	}
}

func TestJira39_Sites(t *testing.T) {
	t.Parallel()
	for self, want := range map[string]string{
		"https://x.atlassian.net/rest/api/2/10021": "https://x.atlassian.net", "https://h/jira/rest/api/2/issue/1": "https://h/jira",
		"HTTPS://H.Example:443/rest/api/3/issue/1": "https://h.example", "http://h:8080/rest/api/2/issue/1": "http://h:8080",
		"ftp://h/rest/api": "", "": "", "https://h/browse/X-1": "", "/rest/api/2/issue/1": "", "javascript://h/rest/": "", "https://u:p@h/rest/x": "https://h",
	} {
		if got := SiteOf(self); got != want {
			t.Errorf("%s: got %q, want %q", self, got, want)
		}
	}
	if got := BrowseURL("https://x.atlassian.net", "KAN-22"); got != "https://x.atlassian.net/browse/KAN-22" {
		t.Errorf("got %q", got)
	}
	if got := BrowseURL("https://x.atlassian.net", "../admin"); got != "" {
		t.Errorf("a key that is none: got %q, want nothing", got)
	}
	e := mustDecode(t, `{"webhookEvent":"jira:issue_updated","issue":{"self":"https://x.atlassian.net/rest/api/2/10021","fields":{}}}`)
	if e.IssueID != "10021" {
		t.Errorf("id from self: got %q, want 10021", e.IssueID)
	}
}

func TestJira40_FlexibleIDs(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]ID{`"10124"`: "10124", `10124`: "10124", `1.0124e4`: "10124", `10124.0`: "10124"} {
		e := mustDecode(t, `{"webhookEvent":"jira:issue_updated","issue":{"id":1},"changelog":{"id":`+raw+`}}`)
		if e.Changelog == nil || e.Changelog.ID != want {
			t.Errorf("%s: got %+v, want %s", raw, e.Changelog, want)
		}
	}
	if e := mustDecode(t, `{"webhookEvent":"jira:issue_updated","issue":{"id":1},"changelog":{"id":null}}`); e.Changelog != nil {
		t.Errorf("null: got %+v, want none", e.Changelog)
	}
	a := mustDecode(t, `{"webhookEvent":"project_created","project":{"id":10601,"key":"UPG"}}`)
	b := mustDecode(t, `{"webhookEvent":"project_created","project":{"id":"10601","key":"UPG"}}`)
	if *a.Project != *b.Project {
		t.Errorf("got projects %+v and %+v, want the same", a.Project, b.Project)
	}
}

func TestJira44and45and48_Kinds(t *testing.T) {
	t.Parallel()
	if e := mustDecode(t, strings.Replace(own()[0], "issue_generic", "acme_custom_event", 1)); e.Kind != KindIssueUpdated {
		t.Errorf("44: got %s, want a plain update", e.Kind)
	}
	if e := mustDecode(t, `{"webhookEvent":"foo_bar"}`); e.Ignored() != "unknown_event" {
		t.Errorf("44: got %q, want unknown_event", e.Ignored())
	}
	for _, name := range []string{"sprint_closed", "board_created", "attachment_created", "issue_property_set", "issuetype_updated", "user_created", "option_voting_changed"} {
		if e := mustDecode(t, `{"webhookEvent":"`+name+`"}`); e.Ignored() != "by_policy" {
			t.Errorf("48: %s: got %q, want by_policy", name, e.Ignored())
		}
	}
	e, err := DecodeAs([]byte(own()[4]), DecodeOptions{Payload: PayloadAutomation})
	if err != nil || e.Kind != KindIssueUpdated || e.IssueID != "10021" || e.Changelog == nil || e.Changelog.ID != "4" {
		t.Errorf("45: got %+v, %v; want an update of 10021 by change 4", e, err)
	}
	e, err = DecodeAs([]byte(own()[4]), DecodeOptions{Payload: PayloadAutomation, Event: "issue_created"})
	if err != nil || e.Kind != KindIssueCreated {
		t.Errorf("45: event of the address: got %s, %v; want issue_created", e.Kind, err)
	}
	if _, err := Decode([]byte(own()[4])); decodeCode(err) != DecodeNoEvent {
		t.Errorf("45: on a webhook source: got %v, want no_event", err)
	}
	if e := mustDecode(t, own()[6]); e.Kind != KindUserDeleted || e.User.ID() != "5b10" {
		t.Errorf("57: got %s of %s, want the deletion of 5b10", e.Kind, e.User.ID())
	}
}

var mail = regexp.MustCompile(`[\w.+-]+@[\w-]+\.[\w.]+`)

func TestJira49and57_EveryCapture(t *testing.T) {
	t.Parallel()
	for name, raw := range captures(t) {
		e, err := Decode(raw)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(e.Warnings) != 0 {
			t.Errorf("%s: warnings %v", name, e.Warnings)
		}
		// One capture has no time, and one an address that is none of Jira's.
		if (e.TS == 0) != (e.Kind == KindProjectChanged) || (e.Site == "") != (e.Issue != nil && e.Issue.Self == "https://example.org/TP-8") {
			t.Errorf("%s: got time %d and site %q, want both", name, e.TS, e.Site)
		}
		if e.Kind == KindUnknown || (strings.Contains(name, "issue_") && e.IssueID == "") {
			t.Errorf("%s: got kind %s, issue %q", name, e.Kind, e.IssueID)
		}
		if strings.HasPrefix(name, "comment") && (e.Actor.ID() == "unknown" || e.IssueID == "" || e.Comment == nil || len(e.Comment.Body) == 0) {
			t.Errorf("%s: got actor %q, issue %q, comment %+v", name, e.Actor.ID(), e.IssueID, e.Comment)
		}
		s, f := State{}.Apply(StarterRules().Prepare(State{}, e))
		d := StarterRules().Match(s, e.Kind)
		if kept := asJSON(t, []any{s, f.History, d}); mail.MatchString(kept) {
			t.Errorf("%s: an address is kept: %s", name, mail.FindString(kept))
		}
		if f.Deleted {
			continue
		}
		if again, g := s.Apply(StarterRules().Prepare(s, e)); !g.Noop() || asJSON(t, again) != asJSON(t, s) {
			t.Errorf("%s: applied twice: %+v", name, g)
		}
	}
}

func TestJira50_LargeAndOddFields(t *testing.T) {
	t.Parallel()
	fields := []string{at1, summaryField("s"), `"customfield_10005":["com.atlassian.greenhopper.service.sprint.Sprint@1f[id=1,state=ACTIVE]"]`}
	for range 500 {
		fields = append(fields, `"customfield_`+string(rune('a'+len(fields)%26))+strings.Repeat("x", len(fields)%50)+`":null`)
	}
	fields = append(fields, `"comment":{"comments":[`+strings.TrimSuffix(strings.Repeat(`{"id":"1","body":"`+strings.Repeat("long ", 280)+`","updated":"2026-03-02T10:00:00.000+0000"},`, 100), ",")+`]}`)
	e := mustDecode(t, issueEvent("updated", "1", "", strings.Join(fields, ",")))
	s, f := State{}.Apply(StarterRules().Prepare(State{}, e))
	if !f.Created || len(f.Comments) != 1 || len(s.Issue().Custom) != 0 {
		t.Errorf("got created %v, %d comments, %d custom fields; want true, 1, 0", f.Created, len(f.Comments), len(s.Issue().Custom))
	}
}

func TestUnexpectedTypesLeaveWarnings(t *testing.T) {
	t.Parallel()
	e := mustDecode(t, `{"webhookEvent":"jira:issue_updated","timestamp":"1700000000000","user":"bob","issue":{"id":"1","fields":{"summary":{"x":1},"labels":"a","status":7,"priority":[],"components":{},"updated":5,"issuetype":null}},"changelog":[],"comment":{"id":{}}}`)
	if e.TS != 1700000000000 || e.Issue == nil || e.Issue.Summary.Set || !e.Issue.Type.Null {
		t.Errorf("got %+v", e.Issue)
	}
	if len(e.Warnings) == 0 {
		t.Error("got no warnings")
	}
}

func TestJira59_Echo(t *testing.T) {
	t.Parallel()
	e := mustDecode(t, own()[0])
	if !e.Echo([]string{"other", "5b10"}) || e.Echo([]string{"5b1", ""}) || (Event{}).Echo([]string{"unknown", ""}) {
		t.Error("the actor is compared wrongly with the accounts that are ours")
	}
	legacy := Event{Actor: Person{Name: "role@example.com"}}
	if !legacy.Echo([]string{"role@example.com"}) || mail.MatchString(legacy.Actor.ID()) {
		t.Errorf("an address as user name: got id %q", legacy.Actor.ID())
	}
}

func TestCommentBodiesConvert(t *testing.T) {
	t.Parallel()
	e := mustDecode(t, own()[1])
	if got := e.Comment.Text().Markdown; got != "seen **again**" {
		t.Errorf("got %q", got)
	}
}

func FuzzDecode(f *testing.F) {
	for _, raw := range captures(f) {
		f.Add(raw)
	}
	for _, raw := range own() {
		f.Add([]byte(raw))
	}
	rules := StarterRules()
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, kind := range []PayloadKind{PayloadWebhook, PayloadAutomation} {
			e, err := DecodeAs(raw, DecodeOptions{Payload: kind})
			if err != nil {
				if decodeCode(err) == "" {
					t.Fatalf("an error without a code: %v", err)
				}
				continue
			}
			s, _ := State{}.Apply(rules.Prepare(State{}, e))
			again, g := s.Apply(rules.Prepare(s, e))
			if asJSON(t, s) != asJSON(t, again) || len(g.Changed) > 0 {
				t.Fatalf("applying twice changed %v:\n%s\n%s", g.Changed, asJSON(t, s), asJSON(t, again))
			}
			var back State
			if err := json.Unmarshal([]byte(asJSON(t, s)), &back); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(asJSON(t, s), asJSON(t, back)); diff != "" {
				t.Fatalf("state changed on its way through JSON: %s", diff)
			}
			rules.Match(s, e.Kind)
			VersionState{}.Apply(e)
			ProjectState{}.Apply(e)
			DedupeKey(nil, raw, &e)
		}
	})
}

// The largest bodies Jira sends hold an issue with its whole list of comments.
func BenchmarkDecodeAndApply(b *testing.B) {
	for name, comments := range map[string]int{"5KB": 3, "140KB": 90} {
		list := strings.TrimSuffix(strings.Repeat(`{"id":"1","author":{"name":"bob"},"body":"`+strings.Repeat("text ", 280)+`","updated":"2026-03-02T10:00:00.000+0000"},`, comments), ",")
		raw := []byte(issueEvent("updated", "1", "", summaryField("s")+`,"comment":{"comments":[`+list+`]},`+at1))
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			for b.Loop() {
				e, err := Decode(raw)
				if err != nil {
					b.Fatal(err)
				}
				s, _ := State{}.Apply(e)
				StarterRules().Match(s, e.Kind)
			}
		})
	}
}
