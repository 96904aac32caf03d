package collect

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hindcast-kb/hindcast/internal/drift"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

func TestLockFilesTellVersions(t *testing.T) {
	for name, tc := range map[string]struct {
		file, text string
		want       map[string]any
	}{
		"go.mod with a replacement and a toolchain": {"go.mod", `module example.org/shop
go 1.26.0
toolchain go1.26.8
require (
	example.org/a v1.2.3
	example.org/b/v2 v2.0.0 // indirect
)
replace example.org/a => ../a
replace example.org/b/v2 v2.0.0 => example.org/fork/v2 v2.0.1
`, map[string]any{
			"package/go/example.org/a": "v1.2.3 replaced by ../a", "package/go/example.org/b/v2": "v2.0.0 replaced by example.org/fork/v2@v2.0.1",
			"runtime/go": "1.26.0", "runtime/go toolchain": "go1.26.8",
		}},
		"package-lock of version 3 with two versions of one package": {"package-lock.json", `{"lockfileVersion": 3, "packages": {
			"": {"name": "shop", "version": "1.0.0"}, "node_modules/@babel/core": {"version": "7.1.0"}, "node_modules/left": {"version": "2.0.0"},
			"node_modules/@babel/core/node_modules/left": {"version": "1.0.0"}, "node_modules/part": {"resolved": "parts/part", "link": true},
			"parts/part": {"version": "0.1.0"}, "node_modules/alias": {"name": "real", "version": "3.0.0"}}}`, map[string]any{
			"package/npm/@babel/core": "7.1.0", "package/npm/left": []string{"1.0.0", "2.0.0"}, "package/npm/real": "3.0.0",
		}},
		"package-lock of version 1": {"npm-shrinkwrap.json", `{"dependencies": {"a": {"version": "1.0.0", "dependencies": {"b": {"version": "2.0.0"}}}}}`, map[string]any{
			"package/npm/a": "1.0.0", "package/npm/b": "2.0.0",
		}},
		"requirements with hashes, markers and options": {"requirements-dev.txt", "# all\n-r other.txt\n--index-url https://x\nDjango == 4.2.1 \\\n  --hash=sha256:aa \\\n  --hash=sha256:bb\n" +
			"zope.Interface>=5, <6  # why\nrequests[socks]==2.0 ; python_version  < '3.9'\nplain\r\n./local\ntool @ https://user:pass@example.org/tool.zip\n", map[string]any{
			"package/pypi/django": "4.2.1", "package/pypi/zope-interface": ">=5,<6", "package/pypi/requests": "2.0 where python_version < '3.9'",
			"package/pypi/plain": "any", "package/pypi/tool": Options{}.Hash("@https://user:pass@example.org/tool.zip"),
		}},
		"Gemfile.lock with a git source": {"Gemfile.lock", `GIT
  remote: https://example.org/x.git
  revision: abc123
  specs:
    x (0.1)
      rack (>= 1)

GEM
  remote: https://example.org/
  specs:
    rack (2.2.3)
    rails (7.0.4-x86_64-linux)
      rack (~> 2.0)

PLATFORMS
  ruby

DEPENDENCIES
  rails

RUBY VERSION
   ruby 3.1.2p20

BUNDLED WITH
   2.3.7
`, map[string]any{
			"package/gem/x": "0.1 at abc123", "package/gem/rack": "2.2.3", "package/gem/rails": "7.0.4-x86_64-linux",
			"runtime/ruby": "3.1.2p20", "runtime/bundler": "2.3.7",
		}},
		"composer.lock": {"composer.lock", `{"packages": [{"name": "Monolog/monolog", "version": "v2.0.0"}], "packages-dev": [{"name": "a/b", "version": "dev-main"}], "platform": {"php": ">=8.1"}}`,
			map[string]any{"package/composer/monolog/monolog": "2.0.0", "package/composer/a/b": "dev-main", "runtime/php": ">=8.1"}},
		"composer.lock with an empty platform": {"composer.lock", `{"packages": [{"name": "a/b", "version": "1"}], "platform": []}`, map[string]any{"package/composer/a/b": "1"}},
		"CycloneDX with nested parts": {"shop.cdx.json", `{"bomFormat": "CycloneDX", "components": [
			{"type": "library", "name": "core", "version": "12.0", "purl": "pkg:npm/%40angular/core@12.0?x=1#y"},
			{"type": "library", "group": "org.example", "name": "lib", "version": "1", "components": [{"type": "library", "name": "in", "version": "2", "purl": "pkg:golang/example.org/in@v2"}]},
			{"type": "file", "name": "a.txt"}]}`, map[string]any{
			"package/npm/@angular/core": "12.0", "package/generic/org.example/lib": "1", "package/go/example.org/in": "v2",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), tc.file)
			if err := os.WriteFile(path, []byte(tc.text), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := Packages(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(Result{vocab.SnapshotKindPackages, packagesTool, tc.want}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if _, err := drift.New(got.Kind, got.Items); err != nil {
				t.Errorf("it is no snapshot: %v", err)
			}
		})
	}
}

func TestPackagesReadsAFolder(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module a\nrequire b.org/b v1.0.0\n", "requirements.txt": "c==1\n", "readme.txt": "d==1\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Packages(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]any{"package/go/b.org/b": "v1.0.0", "package/pypi/c": "1"}, got.Items); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPackagesSaysWhatIsWrong(t *testing.T) {
	for name, tc := range map[string]struct{ file, text, want string }{
		"not JSON":            {"package-lock.json", "{", "no package-lock.json file"},
		"another JSON":        {"bom.json", "{}", "no CycloneDX document"},
		"a broken go.mod":     {"go.mod", "require (", "no go.mod file"},
		"a broken composer":   {"composer.lock", "[]", "no composer.lock file"},
		"nothing in it":       {"requirements.txt", "# none\n", "no package was found"},
		"an unknown file":     {"shop.toml", "x", "no lock file that is known"},
		"a broken npm entry":  {"package-lock.json", `{"packages": {"node_modules/a": 5}}`, `the package at "node_modules/a"`},
		"no file of the name": {"", "", "reading packages"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "missing", tc.file)
			if tc.file != "" {
				path = filepath.Join(t.TempDir(), tc.file)
				if err := os.WriteFile(path, []byte(tc.text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := Packages(path); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
}

func TestPackageWords(t *testing.T) {
	base, err := drift.New(vocab.SnapshotKindPackages, map[string]any{"package/npm/@babel/core": "7.1.0", "package/go/example.org/a": "v1", "runtime/ruby": "3.1"})
	if err != nil {
		t.Fatal(err)
	}
	target, err := drift.New(vocab.SnapshotKindPackages, map[string]any{"package/npm/@babel/core": []string{"7.1.0", "8.0.0"}, "runtime/ruby": "3.2"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range drift.Diff(base, target, drift.Names{Base: "PROD", Target: "DEV"}) {
		got = append(got, c.Why)
	}
	want := []string{"runtime ruby is 3.1 in PROD and 3.2 in DEV", "go package example.org/a is missing in DEV", "npm package @babel/core is 7.1.0 in PROD and (7.1.0, 8.0.0) in DEV"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// FuzzLockFiles wants every parser to end, to fail without a panic, and to find only what a snapshot can hold.
func FuzzLockFiles(f *testing.F) {
	for i, seed := range []string{
		"module a\ngo 1.26\nrequire b.org/b v1.0.0\nreplace b.org/b => ../b\n", `{"packages": {"node_modules/a": {"version": "1"}}}`,
		`{"dependencies": {"a": {"version": "1", "dependencies": {"b": {}}}}}`, "a[b]==1 ; x --hash=c\\\n d\n", "GEM\n  specs:\n    a (1)\n",
		`{"packages": [{"name": "a/b", "version": "1"}], "platform": {"php": "8"}}`, `{"bomFormat": "CycloneDX", "components": [{"purl": "pkg:npm/%40a/b@1"}]}`,
	} {
		f.Add(uint8(i), []byte(seed))
	}
	f.Fuzz(func(t *testing.T, which uint8, raw []byte) {
		found := versions{}
		if lockParsers[int(which)%len(lockParsers)].parse(raw, found) != nil || len(found) == 0 {
			return
		}
		if _, err := drift.New(vocab.SnapshotKindPackages, found.items()); err != nil {
			t.Fatalf("what was found is no snapshot: %v", err)
		}
	})
}
