package review_test

import (
	"strings"
	"testing"

	"github.com/hindcast-kb/hindcast/internal/review"
)

func TestATemplateWritesItsFields(t *testing.T) {
	t.Parallel()
	d := review.Document{Title: "A *b*", Summary: "one\n\n# two", Tags: []string{"x", "y"}}
	for template, want := range map[string]string{
		"# {{title}}\n":        "# A \\*b\\*\n",
		"{{ title }} {{tags}}": "A \\*b\\* x, y\n",
		"a\n{{#lucky}}\n## Lucky\n{{lucky}}\n{{/lucky}}\nz": "a\nz\n",
		"{{#summary}}\n{{summary}}\n{{/summary}}\nz":        "one\n\n### two\nz\n",
		"{{#tags}}T{{#lucky}}L{{/lucky}}{{/tags}}.":         "T.\n",
		"{{title}}\n\n\n\n\n{{status}}\n\nend":              "A \\*b\\*\n\nend\n",
		"no field, {not one} and {{ }} either":              "no field, {not one} and {{ }} either\n",
		"{{#title}}t{{/title}}\n\n{{summary}}":              "t\n\none\n\n### two\n",
	} {
		parsed, err := review.ParseTemplate(template)
		if err != nil {
			t.Errorf("%q: %v", template, err)
			continue
		}
		if got := parsed.Write(d); got != want {
			t.Errorf("%q writes %q, want %q", template, got, want)
		}
	}
}

func TestATemplateThatIsWrongIsRefused(t *testing.T) {
	t.Parallel()
	for _, template := range []string{"{{nope}}", "{{#title}}", "{{/title}}", "{{#title}}{{#tags}}{{/title}}{{/tags}}"} {
		if _, err := review.ParseTemplate(template); err == nil {
			t.Errorf("%q was taken", template)
		}
	}
}

func TestTheTemplatesThatComeWithTheProgramAreRight(t *testing.T) {
	t.Parallel()
	for _, template := range []string{review.SREText, review.ShortText} {
		parsed, err := review.ParseTemplate(template)
		if err != nil {
			t.Fatal(err)
		}
		got := parsed.Write(review.Document{Title: "T", Date: "2026-03-09", Status: "draft", Summary: "What happened.", Actions: []review.FollowUp{{Title: "a | b", Owner: "team"}}})
		if !strings.HasPrefix(got, "# T\n") || !strings.Contains(got, "What happened.") || !strings.Contains(got, `| a \| b |`) || strings.Contains(got, "{{") {
			t.Errorf("it writes %s", got)
		}
		if strings.Contains(strings.ToLower(got), "root cause") {
			t.Error("it asks for a root cause")
		}
	}
}

func FuzzTemplate(f *testing.F) {
	f.Add(review.SREText, "x")
	f.Add("{{#title}}{{/title}}", "```")
	f.Fuzz(func(t *testing.T, template, text string) {
		parsed, err := review.ParseTemplate(template)
		if err != nil {
			return
		}
		d := review.Document{Title: text, Summary: text}
		if parsed.Write(d) != parsed.Write(d) {
			t.Error("the same document gives other text")
		}
	})
}
