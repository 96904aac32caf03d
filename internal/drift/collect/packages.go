package collect

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hindcast-kb/hindcast/internal/drift"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// packagesTool names the readings of lock files.
const packagesTool = "hindcast snapshot packages"

// maxFile is the largest file that is read, in bytes.
const maxFile = 64 << 20

// lockParsers are the files that tell versions, by the pattern of their name.
var lockParsers = []struct {
	pattern string
	parse   func(raw []byte, found versions) error
}{
	{"go.mod", parseGoMod},
	{"package-lock.json", parsePackageLock},
	{"npm-shrinkwrap.json", parsePackageLock},
	{"requirements*.txt", parseRequirements},
	{"Gemfile.lock", parseGemfileLock},
	{"composer.lock", parseComposerLock},
	{"*.cdx.json", parseCycloneDX},
	{"*bom.json", parseCycloneDX},
}

// Packages reads the versions in lock files and in CycloneDX documents. A folder stands for the known files in it, not
// below it. A package that is there in several versions has a list of them.
func Packages(paths ...string) (Result, error) {
	found := versions{}
	for _, path := range paths {
		files, err := lockFiles(path)
		if err != nil {
			return Result{}, err
		}
		for _, file := range files {
			if err := readLockFile(file, found); err != nil {
				return Result{}, err
			}
		}
	}
	if len(found) == 0 {
		return Result{}, errors.New("no package was found in " + strings.Join(paths, ", "))
	}
	return Result{Kind: vocab.SnapshotKindPackages, Tool: packagesTool, Items: found.items()}, nil
}

func lockFiles(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("reading packages: %w", err)
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, fmt.Errorf("reading packages: %w", err)
	}
	var files []string
	for _, entry := range entries {
		if !entry.IsDir() && lockParser(entry.Name()) != nil {
			files = append(files, filepath.Join(path, entry.Name()))
		}
	}
	return files, nil
}

func lockParser(name string) func([]byte, versions) error {
	for _, p := range lockParsers {
		if matched, err := filepath.Match(strings.ToLower(p.pattern), strings.ToLower(name)); err == nil && matched {
			return p.parse
		}
	}
	return nil
}

func readLockFile(path string, found versions) error {
	parse := lockParser(filepath.Base(path))
	if parse == nil {
		return fmt.Errorf("%s is no lock file that is known here", path)
	}
	raw, err := readFile(path)
	if err != nil {
		return err
	}
	if err := parse(raw, found); err != nil {
		return fmt.Errorf("reading %s: %w", path, err)
	}
	return nil
}

// readFile reads a file of bounded size.
func readFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading a file: %w", err)
	}
	defer func() { _ = file.Close() }()
	raw, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	if len(raw) > maxFile {
		return nil, fmt.Errorf("%s is larger than %d bytes", path, maxFile)
	}
	return raw, nil
}

// versions are what was found, by path.
type versions map[string][]string

// add notes a version. What has no name or a name that no path can hold is left out.
func (v versions) add(ecosystem, name, version string) {
	name = strings.Trim(strings.TrimSpace(name), "/")
	version = strings.TrimSpace(version)
	if name == "" || strings.Contains(name, "//") {
		return
	}
	if version == "" {
		version = "any"
	}
	path := "package/" + ecosystem + "/" + name
	if secretValue.MatchString(version) {
		version = Options{}.Hash(version)
	}
	if !slices.Contains(v[path], version) {
		v[path] = append(v[path], version)
	}
}

// runtime notes the version of a language or a tool.
func (v versions) runtime(name, version string) {
	if version = strings.TrimSpace(version); version != "" {
		path := drift.Path("runtime", name)
		v[path] = append(v[path], version)
	}
}

func (v versions) items() map[string]any {
	items := make(map[string]any, len(v))
	for path, list := range v {
		if list = sorted(list); len(list) == 1 {
			items[path] = list[0]
		} else {
			items[path] = list
		}
	}
	return items
}
