// Package arch holds the drawing of docs/architecture.md as a test: which package may know which.
package arch

import (
	"go/build"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	module = "github.com/hindcast-kb/hindcast/"
	leaves = "fault vocab "
	// base is what every package that keeps records stands on.
	base = leaves + "ent store auth audit feed record "
	// domain are the packages of the nouns. Siblings never know each other.
	domain = "catalog upgrade assumption finding lesson incident review snapshot "
)

// arrows says what each package may import of ours, by its path without internal/. A new package has to be added, with care.
var arrows = map[string]string{
	"vocab": "", "fault": "vocab", "config": "", "markup": "", "search": "", "secret": "", "migrations": "", "docs": "",
	"outbound": "", "strictjson": "fault", "postmortem": leaves, "client": "vocab", "drift": leaves, "drift/collect": "drift vocab",
	"jira": leaves + "strictjson markup", "jira/fakejira": "jira", "identity/fakeissuer": "",

	"store": "ent migrations fault vocab", "audit/chain": "ent store vocab", "auth": leaves + "ent store audit/chain", "feed": leaves + "ent store", "audit": leaves + "ent store auth audit/chain",
	"idempotency": leaves + "ent store feed", "record": leaves + "ent store auth audit feed",

	"catalog": base, "upgrade": base, "assumption": base, "finding": base, "lesson": base, "incident": base,
	"review": base + "postmortem markup", "snapshot": base + "drift",

	"card": "markup",

	// Here the nouns meet.
	"parity": base + domain + "drift", "brief": base + domain, "analytics": base + domain, "timeline": base + domain, "support": base + domain, "story": base + domain + "brief",
	"importer": base + domain + "postmortem runbookdoc markup", "bundle": base, "index": base + "search", "alert": leaves, "inbox": base + "jira alert secret", "alertsync": base + "upgrade inbox alert",
	"jirasync": base + domain + "inbox jira audit/chain", "jirawork": base + domain + "inbox jira jirasync markup outbound",

	"handlers":     base + domain + "docs parity drift strictjson idempotency brief analytics timeline support importer bundle index search inbox jira jirasync jirawork markup secret identity timeline/draw web card draw embed recap remedy",
	"app":          base + domain + "handlers parity idempotency brief analytics timeline support importer bundle index inbox jirasync alertsync jirawork outbound secret identity card draw embed recap remedy linkcheck",
	"cmd/hindcast": "ent app audit auth client config drift/collect identity store story vocab fault",

	"runbookdoc": "", "remedy": base + domain, "linkcheck": base + "catalog outbound",
	"recap": base + domain + "timeline markup", "embed": base + "secret", "draw": base + domain + "brief card index search markup parity drift",

	"timeline/draw": leaves + "timeline", "web": "vocab timeline/draw", "identity": leaves + "auth",

	"chrome": "", "dbtest/pgserver": "", "dbtest": "dbtest/pgserver store migrations", "app/apptest": "app auth dbtest docs store vocab",
}

func TestEveryArrowIsInTheDrawing(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, dir := range packages(t) {
		pkg, err := build.ImportDir(filepath.Join("../..", dir), 0)
		if err != nil {
			t.Fatalf("reading %s: %v", dir, err)
		}
		name := strings.TrimPrefix(dir, "internal/")
		allowed, drawn := arrows[name]
		if !drawn {
			t.Errorf("%s is not in the drawing", dir)
			continue
		}
		seen[name] = true
		for _, path := range pkg.Imports {
			to, ours := strings.CutPrefix(path, module)
			if !ours {
				continue
			}
			if to = strings.TrimPrefix(to, "internal/"); strings.HasPrefix(to, "ent/") {
				to = "ent"
			}
			if !slices.Contains(strings.Fields(allowed), to) {
				t.Errorf("%s must not know %s", dir, to)
			}
		}
	}
	for name := range arrows {
		if !seen[name] {
			t.Errorf("%s is in the drawing and not in the tree", name)
		}
	}
}

// packages are the folders with code of the program, from the root of the module; generators and generated code are apart.
func packages(t *testing.T) []string {
	t.Helper()
	var dirs []string
	for _, top := range []string{"cmd", "docs", "handlers", "internal", "migrations"} {
		err := filepath.WalkDir(filepath.Join("../..", top), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.IsDir() {
				return err
			}
			dir, err := filepath.Rel("../..", path)
			if err != nil {
				return err
			}
			if entry.Name() == "testdata" || dir == "internal/gen" || dir == "internal/arch" {
				return fs.SkipDir
			}
			if holdsCode(path) {
				dirs = append(dirs, filepath.ToSlash(dir))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return dirs
}

func holdsCode(dir string) bool {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	return err == nil && slices.ContainsFunc(files, func(file string) bool { return !strings.HasSuffix(file, "_test.go") })
}
