package review_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/hindcast-kb/hindcast/internal/review"
)

func TestWordingsThatLookForBlameGetARemark(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"The team should have tested the index.":                                        {"counterfactual: should have tested"},
		"We should've known better.":                                                    {"counterfactual: should've known"},
		"The change shouldn't have been merged.":                                        {"counterfactual: shouldn't have been merged"},
		"The change should not have been merged.":                                       {"counterfactual: should not have been merged"},
		"This could have been avoided.":                                                 {"counterfactual: could have been avoided"},
		"It could have easily been caught in review.":                                   {"counterfactual: could have easily been caught"},
		"We should have automated the tests.":                                           {"counterfactual: should have automated"},
		"They should of checked.":                                                       {"counterfactual: should of checked"},
		"If only we had looked at the graph, we would know.":                            {"counterfactual: If only"},
		"If only somebody checked.":                                                     {"counterfactual: If only"},
		"The team failed to check the schema.":                                          {"counterfactual: failed to check"},
		"Unfortunately we failed to verify that it was running.":                        {"counterfactual: failed to verify"},
		"The analysis failed to predict a number of issues.":                            {"counterfactual: failed to predict"},
		"QA forgot to restart the node.":                                                {"counterfactual: forgot to restart"},
		"Nobody on the on-call rota neglected to act; the engineer failed to start it.": {"counterfactual: neglected to act", "counterfactual: failed to start"},
		"The flag was carelessly set.":                                                  {"normative: carelessly"},
		"Obviously the index was missing.":                                              {"normative: Obviously"},
		"They simply restarted it.":                                                     {"normative: simply"},
		"It was negligent and sloppy.":                                                  {"normative: negligent", "normative: sloppy"},
		"The cause was human error.":                                                    {"normative: human error"},
		"The vendor is to blame.":                                                       {"normative: is to blame"},
		"John broke production on Friday.":                                              {"person: John broke"},
		"Then Maria Lopez accidentally deleted the table.":                              {"person: Maria Lopez accidentally deleted"},
		"It was Peter's mistake.":                                                       {"person: Peter's mistake"},
		"The table was deleted by Robert.":                                              {"person: deleted by Robert"},
		"Ask @jdoe why.":                                                                {"person: @jdoe"},
		"The engineer who deployed it left.":                                            {"person: The engineer who deployed"},
		"A junior developer that ran the script saw nothing.":                           {"person: A junior developer that ran"},
		"He deleted the pods.":                                                          {"person: He deleted"},
		"Whoever merged it was in a hurry.":                                             {"person: Whoever"},
		"It was her fault.":                                                             {"person: her fault"},
		"He should have known.":                                                         {"person: He should have", "counterfactual: should have known"},
		"We *should* have\ntested it.":                                                  {"counterfactual: should* have\ntested"},
		"- a fact\n- we should have asked\n":                                            {"counterfactual: should have asked"},
		"| what |\n|---|\n| we could have known |":                                      {"counterfactual: could have known"},
		"Don't say 'fine': we should have asked.":                                       {"counterfactual: should have asked"},
		"Ünïcode först — we should have asked.":                                         {"counterfactual: should have asked"},
	} {
		var got []string
		for _, r := range review.Lint(review.Field{Name: "summary", Text: text}) {
			got = append(got, string(r.Kind)+": "+r.Match)
			if r.Field != "summary" || text[r.Position:r.Position+len(r.Match)] != r.Match || !strings.HasSuffix(r.Question, "?") {
				t.Errorf("%q: %+v does not point at its match with a question", text, r)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

func TestOrdinarySentencesStayClean(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"",
		"The index was added in production only.",
		"The pod failed to start.",
		"Failed to create temporary user for the image.",
		"The service failed to respond within 30 s.",
		"The hub failed to check the token with the proxy.",
		"Letsencrypt has failed to link the two accounts.",
		"Health checks failed to notice the hanging process.",
		"Any attempt to add watches will fail with an error.",
		"Each service should have an owner.",
		"Every environment should have the same schema.",
		"We should have automated tests for drift.",
		"Production should have dedicated nodes.",
		"Deployments should have at least two replicas.",
		"The runbook should have more detail.",
		"Queries should have limited impact on the primary.",
		"Each job should have need-based priority.",
		"We could have a second cluster by spring.",
		"A team could have two tokens.",
		"The alert fires if only one node is left.",
		"It matters only if the primary fails.",
		"If only the standby is up, writes stop.",
		"Users could not log in for four hours.",
		"The query is simple to run and the simplest of the three.",
		"It is not obvious which pod is the leader.",
		"The careful rollout helped.",
		"`git blame` showed the change.",
		"The default was set to 30 seconds.",
		"A page fault at startup is normal.",
		"The certificate expired on Monday.",
		"Kubernetes deleted the pods.",
		"Jenkins ran the pipeline and Travis did not deploy it.",
		"Grafana missed two scrapes and Helm changed the revision.",
		"Argo CD deployed version 2.3.",
		"Developers reported timeouts.",
		"The engineer on call restarted the hub.",
		"The developer who reported it confirmed the fix.",
		"The team that owns the service was paged.",
		"Once we were made aware of the issue (thanks, Peter), we patched it.",
		"Tim suggests to restart the hub and Chris says the pods run.",
		"Carol joined the call at 14:10.",
		"She was paged at 05:12.",
		"Announced in @here and @channel.",
		"Install @types/node and write to team@example.org.",
		"The support team told us within minutes.",
		"The will to try again was there; Mark 14:00 in the calendar.",
		"May changes the load, as April did not.",
		"Read replicas have changed by design.",
		"Monitoring would show it.",
		"The failed job was retried.",
		"Failure to start is reported as code 2.",
		"Error budget policy applies.",
		"User error messages were shown in the log.",
		"The table was dropped by the migration.",
		"The request was missed by Varnish.",
		"The lead time was short, and the responsible service is the broker.",
		"We decided to revert.",
		"The index, which nobody had documented, made it fast.",
		"The alert was ignored by the filter rule.",
	} {
		if got := review.Lint(review.Field{Name: "f", Text: text}); len(got) > 0 {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

func TestQuotesAndCodeAreExempt(t *testing.T) {
	t.Parallel()
	const regret = "we should have asked"
	for name, text := range map[string]string{
		"straight quotes":     `One said "` + regret + `" later.`,
		"curly quotes":        "One said “" + regret + "” later.",
		"german quotes":       "One said „" + regret + "“ later.",
		"guillemets":          "One said «" + regret + "» later.",
		"single quotes":       "One said '" + regret + "' later.",
		"curly single quotes": "One said ‘" + regret + "’ later.",
		"over two lines":      "One said \"we should\nhave asked\" later.",
		"a block quote":       "> " + regret,
		"a nested quote":      "- point\n\n  > " + regret,
		"a lazy quote":        "> a\n" + regret,
		"inline code":         "`" + regret + "`",
		"fenced code":         "```\n" + regret + "\n```",
		"indented code":       "text\n\n    " + regret,
		"code in a list":      "- a\n\n  ```\n  " + regret + "\n  ```",
		"a link address":      "[log](https://example.org/we_should_have_asked)",
		"html":                "<div>\n" + regret + "\n</div>",
		"across code":         "we should `x` have asked",
		"across two blocks":   "we should\n\nhave asked",
		"across table cells":  "| we should | have asked |\n|---|---|",
	} {
		if got := review.Lint(review.Field{Name: "f", Text: text}); len(got) > 0 {
			t.Errorf("%s: %+v", name, got)
		}
		if name != "across two blocks" && name != "across table cells" && name != "across code" && name != "a lazy quote" {
			if got := review.Lint(review.Field{Name: "f", Text: text + "\n\n" + regret}); len(got) != 1 {
				t.Errorf("%s, then the same unquoted: %d remarks, want 1", name, len(got))
			}
		}
	}
}

func TestRemarksComeInTheOrderOfFieldsAndText(t *testing.T) {
	t.Parallel()
	got := review.Lint(review.Field{Name: "impact", Text: "Obviously, we should have asked."}, review.Field{Name: "lucky", Text: "simply"})
	var order []string
	for _, r := range got {
		order = append(order, r.Field+" "+r.Match)
	}
	if diff := cmp.Diff([]string{"impact Obviously", "impact should have asked", "lucky simply"}, order); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func FuzzLint(f *testing.F) {
	for _, s := range []string{"we should have asked", "> q\n\n`c`", "\"", "'a' “b", "| a |\n|-|\n| b |", "@a", "\xff'\"\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, r := range review.Lint(review.Field{Name: "f", Text: text}) {
			if text[r.Position:r.Position+len(r.Match)] != r.Match || utf8.ValidString(text) && !utf8.ValidString(r.Match) {
				t.Errorf("%+v points beside its match", r)
			}
		}
	})
}
