package web

import "testing"

func TestIdsInTextsLeadToTheirRecords(t *testing.T) {
	p, err := New("/hindcast", nil, func(text string) string { return text })
	if err != nil {
		t.Fatal(err)
	}
	for safe, want := range map[string]string{
		"<p>See FND-3.</p>":                     `<p>See <a class="id" href="/hindcast/findings/FND-3">FND-3</a>.</p>`,
		`<a href="/x">FND-3</a> (ATT-2, ATT-2)`: `<a href="/x">FND-3</a> (<a class="id" href="/hindcast/attempts/ATT-2">ATT-2</a>, <a class="id" href="/hindcast/attempts/ATT-2">ATT-2</a>)`,
		"<pre><code>FND-3</code></pre>FND-4":    `<pre><code>FND-3</code></pre><a class="id" href="/hindcast/findings/FND-4">FND-4</a>`,
		`<p title="FND-3">&lt;b&gt;</p>`:        `<p title="FND-3">&lt;b&gt;</p>`,
		"UTF-8, ISO-8601, XFND-3 and FND-03":    "UTF-8, ISO-8601, XFND-3 and FND-03",
		"<h2>FND-1</h2><abbr>ATT-1</abbr>":      `<h2><a class="id" href="/hindcast/findings/FND-1">FND-1</a></h2><abbr><a class="id" href="/hindcast/attempts/ATT-1">ATT-1</a></abbr>`,
	} {
		if got := string(p.linked(safe)); got != want {
			t.Errorf("%s becomes\n%s, want\n%s", safe, got, want)
		}
	}
}
