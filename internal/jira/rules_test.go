package jira

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/strictjson"
)

func rules(tb testing.TB, raw string) Rules {
	tb.Helper()
	r, err := ParseRules([]byte(raw))
	if err != nil {
		tb.Fatalf("parsing rules: %v", err)
	}
	return r
}

const upgPostmortem = `{"rules":[{"name":"postmortems","when":{"projects":["UPG"],"labels_any":["postmortem"]},"then":{"entity":"finding"}}]}`

const inUPG = `"project":{"id":"1","key":"UPG"},"issuetype":{"name":"Bug"},"status":{"name":"Open","statusCategory":{"key":"new"}},`

func TestStarterRules(t *testing.T) {
	t.Parallel()
	if err := StarterRules().Check(); err != nil {
		t.Fatal(err)
	}
	round, err := StarterRules().JSON()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(StarterRules(), rules(t, string(round))); diff != "" {
		t.Errorf("the starter rules change on their way through JSON:\n%s", diff)
	}
	for name, tc := range map[string]struct {
		fields string
		want   Entity
		rule   string
	}{
		"a bug":                      {`"issuetype":{"name":"Bug"}`, EntityFinding, "Bugs are findings"},
		"a labelled task":            {`"issuetype":{"name":"Task"},"labels":["Postmortem"]`, EntityAction, "Tasks labelled postmortem are actions"},
		"a task without the label":   {`"issuetype":{"name":"Task"},"labels":[]`, EntityIgnore, ""},
		"an incident":                {`"issuetype":{"name":"Incident"}`, EntityIncident, "Incidents are incidents"},
		"an incident of the service": {`"issuetype":{"name":"[System] Incident"}`, EntityIncident, "Incidents are incidents"},
		"an epic":                    {`"issuetype":{"name":"Epic"}`, EntityIgnore, ""},
	} {
		s, _ := applyAll(t, issueEvent("created", "100", "", tc.fields+`,`+summaryField("s")+","+at1))
		d := StarterRules().Match(s, KindIssueCreated)
		if d.Entity != tc.want || d.Rule != tc.rule || len(d.Explain) != 3 {
			t.Errorf("%s: got %s by %q with %d rules explained, want %s by %q with 3", name, d.Entity, d.Rule, len(d.Explain), tc.want, tc.rule)
		}
	}
	if got := StarterRules().CustomFields(); len(got) != 0 {
		t.Errorf("got custom fields %v, want none", got)
	}
}

func TestJira37_UnknownLabelsNeedState(t *testing.T) {
	t.Parallel()
	r := rules(t, upgPostmortem)
	comment := `{"webhookEvent":"comment_created","timestamp":100,"comment":{"id":"1"},"issue":{"id":"10021","key":"UPG-1","fields":{"summary":"s","project":{"key":"UPG"},"issuetype":{"name":"Bug"}}}}`
	s, _ := applyAll(t, comment)
	if d := r.Match(s, KindCommentCreated); !d.NeedsState || d.Entity != "" || d.Explain[0].Matched != Unknown {
		t.Errorf("got %+v, want a need for more state", d)
	}
	other, _ := applyAll(t, strings.Replace(comment, `"key":"UPG"}`, `"key":"OPS"}`, 1))
	if d := r.Match(other, KindCommentCreated); d.NeedsState || d.Entity != EntityIgnore {
		t.Errorf("another project: got %+v, want it ignored without asking", d)
	}
	s, _ = s.Apply(mustDecode(t, issueEvent("updated", "200", "", inUPG+`"labels":["postmortem"],`+at1)))
	if d := r.Match(s, KindIssueUpdated); d.Entity != EntityFinding {
		t.Errorf("with the whole issue: got %+v, want a finding", d)
	}
}

func TestJira41_Priorities(t *testing.T) {
	t.Parallel()
	decide := func(r Rules, priority string) Decision {
		s, _ := applyAll(t, issueEvent("created", "100", "", inUPG+`"priority":`+priority+`,"labels":["postmortem"],`+at1))
		return r.Match(s, "")
	}
	r := rules(t, upgPostmortem)
	for priority, want := range map[string][2]string{
		`"Minor"`: {"low", "p4"}, `{"name":"Minor","id":"3"}`: {"low", "p4"}, `{"name":"Highest","id":"1"}`: {"critical", "p1"}, `"Blocker"`: {"critical", "p1"},
		`{"name":"Hoch","id":"2"}`: {"high", "p2"}, `{"name":"Medium"}`: {"medium", "p3"}, `null`: {"medium", ""},
	} {
		d := decide(r, priority)
		if got := [2]string{string(d.Fields.Severity), string(d.Fields.Priority)}; got != want || len(d.Warnings) != 0 {
			t.Errorf("%s: got %v with warnings %v, want %v", priority, got, d.Warnings, want)
		}
	}
	d := decide(r, `{"name":"Whenever","id":"10400"}`)
	if d.Fields.Severity != "medium" || len(d.Warnings) != 2 || d.Warnings[0].Code != "severity_defaulted" {
		t.Errorf("an unknown priority: got %s with warnings %v, want the default and a warning", d.Fields.Severity, d.Warnings)
	}
	mapped := rules(t, `{"rules":[{"name":"r","then":{"entity":"finding","severity":{"from":[{"source":"priority","map":{"whenever":"high"}}],"default":"low"}}}]}`)
	if d := decide(mapped, `{"name":"Whenever"}`); d.Fields.Severity != "high" {
		t.Errorf("a map of the rule: got %s, want high", d.Fields.Severity)
	}
	if d := decide(mapped, `"Other"`); d.Fields.Severity != "low" {
		t.Errorf("the default of the rule: got %s, want low", d.Fields.Severity)
	}
}

func TestJira42_StatusByCategory(t *testing.T) {
	t.Parallel()
	decide := func(raw, status string) Decision {
		s, _ := applyAll(t, issueEvent("created", "100", "", `"issuetype":{"name":"x"},"status":`+status+`,`+at1))
		return rules(t, raw).Match(s, "")
	}
	plain := `{"rules":[{"name":"r","then":{"entity":"finding"}}]}`
	for status, want := range map[string]string{
		`{"name":"Erledigt","statusCategory":{"key":"done"}}`: "resolved", `{"name":"Offen","statusCategory":{"key":"new"}}`: "reported",
		`{"name":"x","statusCategory":{"key":"indeterminate"}}`: "confirmed", `{"name":"Erledigt"}`: "",
	} {
		d := decide(plain, status)
		if d.Fields.Status != want || (want == "") != (len(d.Warnings) == 1) || d.Fields.Closed != (want == "resolved") {
			t.Errorf("%s: got %q, closed %v, warnings %v; want %q", status, d.Fields.Status, d.Fields.Closed, d.Warnings, want)
		}
	}
	if d := decide(`{"rules":[{"name":"r","then":{"entity":"finding","status":{"erledigt":"verified"}}}]}`, `{"name":"Erledigt"}`); d.Fields.Status != "verified" || len(d.Warnings) != 0 {
		t.Errorf("the map of the rule: got %q, want verified", d.Fields.Status)
	}
	if d := decide(`{"rules":[{"name":"r","then":{"entity":"action"}}]}`, `{"name":"x","statusCategory":{"key":"indeterminate"}}`); d.Fields.Status != "in_progress" {
		t.Errorf("an action: got %q, want in_progress", d.Fields.Status)
	}
}

func TestJira51_LabelAddedAndRemoved(t *testing.T) {
	t.Parallel()
	r := rules(t, upgPostmortem)
	s, _ := applyAll(t, issueEvent("created", "100", "", inUPG+`"labels":[],`+at1))
	if d := r.Match(s, ""); d.Entity != EntityIgnore || d.NeedsState {
		t.Errorf("without the label: got %+v", d)
	}
	s, f := s.Apply(mustDecode(t, issueEvent("updated", "200", `{"id":"1","items":[{"field":"labels","fromString":"","toString":"postmortem"}]}`, inUPG+`"labels":["postmortem"],`+at2)))
	if d := r.Match(s, ""); d.Entity != EntityFinding || !cmp.Equal(f.Changed, []string{"labels"}) {
		t.Errorf("with the label: got %s after a change of %v", d.Entity, f.Changed)
	}
	s, _ = s.Apply(mustDecode(t, issueEvent("updated", "300", "", inUPG+`"labels":[],"updated":"2026-03-02T12:00:00.000+0000"`)))
	if d := r.Match(s, ""); d.Entity != EntityIgnore {
		t.Errorf("label removed: got %s, want no match", d.Entity)
	}
}

func TestJira52_FirstMatchDecidesAndAllAreExplained(t *testing.T) {
	t.Parallel()
	r := rules(t, `{"version":7,"rules":[
		{"name":"never","when":{"projects":["OPS"],"labels_none":["postmortem"]},"then":{"entity":"lesson"}},
		{"name":"first","when":{"labels_all":["postmortem","prod*"],"components":["session"],"fix_versions":["24.*"],"status_categories":["new"],"fields":[{"id":"customfield_1","in":["a","b"]},{"id":"customfield_2","exists":false}]},"then":{"entity":"finding","conflict":"newest"}},
		{"name":"second","when":{"events":["issue_created"],"issue_types":["bug"],"priorities":["high"]},"then":{"entity":"action"}}]}`)
	s, _ := applyAll(t, issueEvent("created", "100", "", inUPG+`"labels":["postmortem","production"],"components":[{"name":"Session"}],"fixVersions":[{"name":"24.3.1"}],"priority":"High","customfield_1":{"value":"B"},`+at1))
	d := r.Match(s, KindIssueCreated)
	if d.Rule != "first" || d.Entity != EntityFinding || d.RulesVersion != 7 || d.Conflict != ConflictNewest || d.OnDelete != DeleteTombstone {
		t.Errorf("got %+v", d)
	}
	type line struct {
		Name    string
		Matched Truth
		Chosen  bool
		Failed  string
	}
	var got []line
	for _, e := range d.Explain {
		l := line{Name: e.Name, Matched: e.Matched, Chosen: e.Chosen}
		for _, c := range e.Conditions {
			if c.Result != True {
				l.Failed += c.Condition + " "
			}
		}
		got = append(got, l)
	}
	want := []line{{"never", False, false, "projects labels_none "}, {"first", True, true, ""}, {"second", True, false, ""}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("explanation (-want +got):\n%s", diff)
	}
	if got := r.CustomFields(); !cmp.Equal(got, []string{"customfield_1", "customfield_2"}) {
		t.Errorf("custom fields: got %v", got)
	}
	if d := r.Match(s, KindIssueUpdated); d.Explain[2].Matched != False {
		t.Error("the event of a rule is not looked at")
	}
	if d := r.Match(s, ""); d.Explain[2].Matched != True {
		t.Error("rules applied again to what is stored must not ask for an event")
	}
}

func TestDerivedFieldsWithoutConfiguration(t *testing.T) {
	t.Parallel()
	s, _ := applyAll(t, issueEvent("created", "100", "", inUPG+summaryField("  Sessions\n expire ")+`,"description":"*bold* and role@example.com","labels":["severity-critical","exposed-by-change","env-PROD","detected-by-qa"],"components":[{"name":"session"}],"fixVersions":[{"name":"24.3.1"}],"assignee":{"accountId":"5b"},"duedate":"2026-04-01","priority":"Low",`+at1))
	f := StarterRules().Match(s, "").Fields
	got := []string{f.Title, string(f.Severity), string(f.Priority), string(f.Attribution), f.Environment, string(f.DetectedBy), f.Component, f.Attempt, f.Owner, f.DueOn, f.URL, f.Body.Markdown, f.Status}
	want := []string{"Sessions expire", "critical", "p4", "exposed_by_change", "PROD", "qa", "session", "24.3.1", "5b", "2026-04-01", "https://x.example/browse/UPG-1", "**bold** and (e-mail address removed)", "reported"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	for label, attempt := range map[string]string{"ATT-3": "ATT-3", "attempt-att-4": "ATT-4", "attempt-blue": "blue", "att": ""} {
		s, _ := applyAll(t, issueEvent("created", "100", "", inUPG+`"labels":["`+label+`"],`+at1))
		if got := StarterRules().Match(s, "").Fields.Attempt; got != attempt {
			t.Errorf("label %s: got attempt %q, want %q", label, got, attempt)
		}
	}
	for label, severity := range map[string]string{"sev1": "critical", "SEV-2": "high", "sev:3": "medium", "severity:low": "low", "several": "medium"} {
		s, _ := applyAll(t, issueEvent("created", "100", "", inUPG+`"labels":["`+label+`"],`+at1))
		if got := string(StarterRules().Match(s, "").Fields.Severity); got != severity {
			t.Errorf("label %s: got severity %q, want %q", label, got, severity)
		}
	}
}

func TestDerivedFromCustomFields(t *testing.T) {
	t.Parallel()
	r := rules(t, `{"rules":[{"name":"r","then":{"entity":"finding","severity":{"from":[{"source":"field","field":"customfield_9","map":{"Sev 1":"critical"}}]},"attempt":{"from":[{"source":"component","prefix":"try-"}]},"component":{"default":"core"}}}]}`)
	s, _ := applyAll(t, issueEvent("created", "100", "", inUPG+`"customfield_9":[{"id":"1","value":"sev 1"}],"customfield_8":"x","components":[{"name":"web"},{"name":"try-ATT-2"}],`+at1))
	f := r.Match(s, "").Fields
	if f.Severity != "critical" || f.Attempt != "ATT-2" || f.Component != "web" {
		t.Errorf("got severity %s, attempt %s, component %s", f.Severity, f.Attempt, f.Component)
	}
	kept := r.Prepare(State{}, mustDecode(t, issueEvent("created", "100", "", inUPG+`"customfield_9":"a","customfield_8":"x",`+at1)))
	if len(kept.Issue.Custom) != 1 {
		t.Errorf("got %v, want only the field a rule asks for", kept.Issue.Custom)
	}
}

func TestParseRulesNamesEveryBadField(t *testing.T) {
	t.Parallel()
	_, err := ParseRules([]byte(`{"rules":[
		{"name":"","when":{"events":["nope"],"labels_any":[""],"status_categories":["closed"],"fields":[{"id":"labels","equals":"x"},{"id":"customfield_1"}]},"then":{"entity":"problem","conflict":"mine"}},
		{"name":"a","then":{"entity":"finding","severity":{"default":"bad","from":[{"source":"label","map":{"x":"worse"}},{"source":"field"},{"source":"moon"}]},"status":{"Open":"open"}}},
		{"name":"a","then":{"entity":"finding"}}],"versions":{"entity":"finding"}}`))
	var e *fault.Error
	if !errors.As(err, &e) || e.Kind != fault.Invalid {
		t.Fatalf("got %v, want an invalid fault", err)
	}
	got := map[string]string{}
	for _, f := range e.Fields {
		got[f.Field] = f.Code
	}
	want := map[string]string{
		"rules[0].name": "required", "rules[0].when.events[0]": "invalid_choice", "rules[0].when.labels_any[0]": "required", "rules[0].when.status_categories[0]": "invalid_choice",
		"rules[0].when.fields[0].id": "invalid_choice", "rules[0].when.fields[1]": "required", "rules[0].then.entity": "invalid_choice", "rules[0].then.conflict": "invalid_choice",
		"rules[1].then.severity.default": "invalid_choice", "rules[1].then.severity.from[0].map.x": "invalid_choice", "rules[1].then.severity.from[1].field": "required",
		"rules[1].then.severity.from[2].source": "invalid_choice", "rules[1].then.status.Open": "invalid_choice", "rules[2].name": "duplicate", "versions.entity": "invalid_choice",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	_, err = ParseRules([]byte(`{"rules":[{"name":"a","when":{"label":["x"]},"then":{"entity":1}}]}`))
	if !errors.As(err, &e) || len(e.Fields) != 2 {
		t.Errorf("unknown field and wrong type: got %v, want two bad fields", err)
	}
	var malformed *strictjson.Malformed
	if _, err = ParseRules([]byte(`{"rules":[],"rules":[]}`)); !errors.As(err, &malformed) {
		t.Errorf("a repeated member: got %v, want malformed", err)
	}
}

func TestLike(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		pattern, s string
		want       bool
	}{{"24.*", "24.3", true}, {"24.*", "4.24.3", false}, {"*-rc", "1-RC", true}, {"a*b*c", "aXbYc", true}, {"a*b*c", "acb", false}, {"*", "", true}, {"x", "X", true}, {"x", "xy", false}, {"a*a", "a", false}} {
		if got := like(tc.pattern, tc.s); got != tc.want {
			t.Errorf("like(%q, %q): got %v, want %v", tc.pattern, tc.s, got, tc.want)
		}
	}
}

func FuzzParseRules(f *testing.F) {
	starter, _ := StarterRules().JSON()
	f.Add(starter)
	f.Add([]byte(upgPostmortem))
	f.Add([]byte(`{"rules":[{"name":"a","when":{"fields":[{"id":"customfield_1","exists":true}]},"then":{"entity":"finding","severity":{"from":[{"source":"field","field":"customfield_1"}]}}}]}`))
	s, _ := State{}.Apply(must(Decode([]byte(own()[0]))))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := ParseRules(raw)
		if err != nil {
			return
		}
		d := r.Match(s, KindIssueUpdated)
		if len(d.Explain) != len(r.Rules) {
			t.Fatalf("%d rules, %d explained", len(r.Rules), len(d.Explain))
		}
		again, err := r.JSON()
		if err != nil {
			t.Fatal(err)
		}
		back, err := ParseRules(again)
		if err != nil {
			t.Fatalf("rules do not survive their own JSON: %v\n%s", err, again)
		}
		// Empty conditions are left out on the way, after which nothing changes any more.
		third, err := ParseRules([]byte(asJSON(t, back)))
		if err != nil || asJSON(t, third) != asJSON(t, back) {
			t.Fatalf("got %s, %v; want %s", asJSON(t, third), err, asJSON(t, back))
		}
	})
}
