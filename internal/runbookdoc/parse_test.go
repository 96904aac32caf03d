package runbookdoc

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

const base = "https://runbooks.example.com"

func TestAPageIsReadByItsPlaceAndItsFrontMatter(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		file, text, base string
		want             Page
	}{
		"the layout of an operator": {"content/runbooks/node/NodeFull.md", "---\ntitle: Node is full\nweight: 20\n---\n\n# NodeFull\n\n## Meaning\n\nNo room.\n", base, Page{
			Title: "Node is full", URL: base + "/content/runbooks/node/NodeFull", Areas: []string{"node"}, Alerts: []string{"NodeFull"}, Body: "# NodeFull\n\n## Meaning\n\nNo room.",
		}},
		"without front matter": {"restart-db.md", "# Restart the database #\r\n\r\nSlowly.", base + "/{slug}.html", Page{
			Title: "Restart the database", URL: base + "/restart-db.html", Body: "# Restart the database #\n\nSlowly.",
		}},
		"everything in the front matter": {"a/b.md", "---\ntitle: T\nurl: https://x.example/t\nalert: One\nalerts: [Two]\nservice: shop\nareas: [db]\ntags: [x]\n---\ntext", "", Page{
			Title: "T", URL: "https://x.example/t", Service: "shop", Areas: []string{"db"}, Alerts: []string{"Two", "One"}, Tags: []string{"x"}, Body: "text",
		}},
		"a path that climbs": {"../../etc/Passwd.md", "x", base + "/{file}", Page{Title: "Passwd", URL: base + "/etc/Passwd.md", Areas: []string{"etc"}, Alerts: []string{"Passwd"}, Body: "x"}},
	} {
		got, err := Read(tc.file, []byte(tc.text), tc.base)
		if err != nil || len(got) != 1 {
			t.Errorf("%s: %v, %v", name, got, err)
			continue
		}
		got[0].Key = ""
		if diff := cmp.Diff(tc.want, got[0]); diff != "" {
			t.Errorf("%s (-want +got): %s", name, diff)
		}
	}
}

func TestLinksOfACatalogAreRunbooks(t *testing.T) {
	t.Parallel()
	got, err := Read("svc/catalog-info.yaml", []byte(`apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: shop
  tags: [go]
  links:
    - {url: https://wiki.example.com/shop, title: Runbook, type: runbook}
    - {url: https://wiki.example.com/pay, title: Payment playbook}
    - {url: https://grafana.example.com, title: Dashboard}
---
kind: API
metadata: {name: other, namespace: ops, links: [{url: https://wiki.example.com/o, type: runbook}]}
`), "")
	if err != nil {
		t.Fatal(err)
	}
	want := []Page{
		{Key: "catalog:component:default/shop#https://wiki.example.com/shop", Title: "Runbook of shop", URL: "https://wiki.example.com/shop", Service: "component:default/shop", Tags: []string{"go"}},
		{Key: "catalog:component:default/shop#https://wiki.example.com/pay", Title: "Payment playbook", URL: "https://wiki.example.com/pay", Service: "component:default/shop", Tags: []string{"go"}},
		{Key: "catalog:api:ops/other#https://wiki.example.com/o", Title: "Runbook of other", URL: "https://wiki.example.com/o", Service: "api:ops/other"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got): %s", diff)
	}
}

func TestWhatIsNoRunbookIsLeftOut(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"content/_index.md": "x", "README.md": "x", "a.txt": "x", "catalog-info.yaml": "kind: Component\nmetadata: {name: x}"} {
		if _, err := Read(name, []byte(text), base); !NoRunbook(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, text := range map[string]string{"a.md": "---\ntitle: x", "b.md": "---\ntitle: [\n---\nx", "catalog-info.yml": "a: [", "d.md": "x"} {
		where := base
		if name == "d.md" {
			where = ""
		}
		if _, err := Read(name, []byte(text), where); err == nil || NoRunbook(err) {
			t.Errorf("%s: %v, want an error that says what is wrong", name, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("a/B.md", "---\ntitle: x\n---\n# y")
	f.Add("catalog-info.yaml", "kind: Component\nmetadata: {links: [{url: x, type: runbook}]}")
	f.Fuzz(func(t *testing.T, name, text string) {
		pages, err := Read(name, []byte(text), base)
		for _, p := range pages {
			if err == nil && (p.Key == "" || p.Title == "" || p.URL == "") {
				t.Errorf("%q gives %+v", name, p)
			}
		}
	})
}
