package collect

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

func parseGoMod(raw []byte, found versions) error {
	file, err := modfile.Parse("go.mod", raw, nil)
	if err != nil {
		return errors.New("it is no go.mod file")
	}
	replaced := map[string]string{}
	for _, r := range file.Replace {
		with := r.New.Path
		if r.New.Version != "" {
			with += "@" + r.New.Version
		}
		replaced[r.Old.Path+"@"+r.Old.Version] = with
	}
	for _, r := range file.Require {
		version := r.Mod.Version
		for _, key := range []string{r.Mod.Path + "@" + version, r.Mod.Path + "@"} {
			if with, is := replaced[key]; is {
				version += " replaced by " + with
				break
			}
		}
		found.add("go", r.Mod.Path, version)
	}
	if file.Go != nil {
		found.runtime("go", file.Go.Version)
	}
	if file.Toolchain != nil {
		found.runtime("go toolchain", file.Toolchain.Name)
	}
	return nil
}

// npmPackage is an entry of a package-lock.json, in the form of version 1 and of the later ones.
type npmPackage struct {
	Name         string                `json:"name"`
	Version      string                `json:"version"`
	Link         bool                  `json:"link"`
	Dependencies map[string]npmPackage `json:"dependencies"`
}

func parsePackageLock(raw []byte, found versions) error {
	var lock struct {
		LockfileVersion int                        `json:"lockfileVersion"`
		Packages        map[string]json.RawMessage `json:"packages"`
		Dependencies    map[string]npmPackage      `json:"dependencies"`
	}
	if err := json.Unmarshal(raw, &lock); err != nil {
		return errors.New("it is no package-lock.json file")
	}
	for _, place := range slices.Sorted(maps.Keys(lock.Packages)) {
		// What is outside node_modules is the project itself or a part of it.
		at := strings.LastIndex(place, "node_modules/")
		if at < 0 {
			continue
		}
		var entry struct {
			Name    string `json:"name"`
			Version string `json:"version"`
			Link    bool   `json:"link"`
		}
		if err := json.Unmarshal(lock.Packages[place], &entry); err != nil {
			return fmt.Errorf("the package at %q cannot be read", place)
		}
		if entry.Name == "" {
			entry.Name = place[at+len("node_modules/"):]
		}
		if !entry.Link {
			found.add("npm", entry.Name, entry.Version)
		}
	}
	if len(lock.Packages) == 0 {
		addNPM(lock.Dependencies, found)
	}
	return nil
}

func addNPM(packages map[string]npmPackage, found versions) {
	for name, p := range packages {
		found.add("npm", name, p.Version)
		addNPM(p.Dependencies, found)
	}
}

// requirement splits a line into name, extras and the rest.
var requirement = regexp.MustCompile(`^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(\[[^\]]*\])?\s*(.*)$`)

// dashes are equal in names of Python packages (PEP 503).
var dashes = regexp.MustCompile(`[-_.]+`)

func parseRequirements(raw []byte, found versions) error {
	text := strings.ReplaceAll(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\\\n", " ")
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		if i := strings.Index(line, " #"); i >= 0 {
			line = line[:i]
		}
		if line == "" || line[0] == '#' || line[0] == '-' {
			continue // options, and files that are named and must be given themselves
		}
		m := requirement.FindStringSubmatch(line)
		if m == nil {
			continue // a path or an address without a name
		}
		version, _, _ := strings.Cut(m[3], " --")
		version, marker, marked := strings.Cut(version, ";")
		version = strings.TrimPrefix(strings.Join(strings.Fields(version), ""), "==")
		if marked {
			version += " where " + strings.Join(strings.Fields(marker), " ")
		}
		found.add("pypi", strings.ToLower(dashes.ReplaceAllString(m[1], "-")), version)
	}
	return nil
}

// gem matches a resolved gem: four spaces, name, version in parentheses. Deeper lines are what a gem asks for.
var gem = regexp.MustCompile(`^ {4}(\S+) \(([^)]+)\)$`)

func parseGemfileLock(raw []byte, found versions) error {
	section, revision := "", ""
	for line := range strings.SplitSeq(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\n") {
		switch trimmed := strings.TrimSpace(line); {
		case trimmed == "":
		case !strings.HasPrefix(line, " "):
			section, revision = trimmed, ""
		case section == "RUBY VERSION":
			found.runtime("ruby", strings.TrimPrefix(trimmed, "ruby "))
		case section == "BUNDLED WITH":
			found.runtime("bundler", trimmed)
		case strings.HasPrefix(line, "  revision: "):
			revision = " at " + strings.TrimPrefix(trimmed, "revision: ")
		case section == "GEM" || section == "GIT" || section == "PATH" || section == "PLUGIN SOURCE":
			if m := gem.FindStringSubmatch(line); m != nil {
				found.add("gem", m[1], m[2]+revision)
			}
		}
	}
	return nil
}

func parseComposerLock(raw []byte, found versions) error {
	type pack struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	var lock struct {
		Packages    []pack          `json:"packages"`
		PackagesDev []pack          `json:"packages-dev"`
		Platform    json.RawMessage `json:"platform"`
	}
	if err := json.Unmarshal(raw, &lock); err != nil {
		return errors.New("it is no composer.lock file")
	}
	for _, p := range append(lock.Packages, lock.PackagesDev...) {
		found.add("composer", strings.ToLower(p.Name), strings.TrimPrefix(p.Version, "v"))
	}
	var platform map[string]string // an empty one is written as a list
	if json.Unmarshal(lock.Platform, &platform) == nil {
		for name, version := range platform {
			found.runtime(name, version)
		}
	}
	return nil
}

// component is a part of a CycloneDX document.
type component struct {
	Type       string      `json:"type"`
	Group      string      `json:"group"`
	Name       string      `json:"name"`
	Version    string      `json:"version"`
	PURL       string      `json:"purl"`
	Components []component `json:"components"`
}

func parseCycloneDX(raw []byte, found versions) error {
	var bom struct {
		BOMFormat  string      `json:"bomFormat"`
		Components []component `json:"components"`
	}
	if err := json.Unmarshal(raw, &bom); err != nil || bom.BOMFormat != "CycloneDX" {
		return errors.New("it is no CycloneDX document in JSON")
	}
	addComponents(bom.Components, found)
	return nil
}

func addComponents(components []component, found versions) {
	for _, c := range components {
		addComponents(c.Components, found)
		if ecosystem, name, version, is := readPURL(c.PURL); is {
			if version == "" {
				version = c.Version
			}
			found.add(ecosystem, name, version)
			continue
		}
		if c.Type == "file" {
			continue
		}
		name := c.Name
		if c.Group != "" {
			name = c.Group + "/" + name
		}
		found.add("generic", name, c.Version)
	}
}

// readPURL reads a package URL: pkg:type/namespace/name@version?qualifiers#subpath.
func readPURL(purl string) (ecosystem, name, version string, is bool) {
	rest, is := strings.CutPrefix(purl, "pkg:")
	if !is {
		return "", "", "", false
	}
	rest, _, _ = strings.Cut(rest, "#")
	rest, _, _ = strings.Cut(rest, "?")
	ecosystem, name, is = strings.Cut(strings.TrimLeft(rest, "/"), "/")
	if at := strings.LastIndexByte(name, '@'); at > 0 {
		name, version = name[:at], name[at+1:]
	}
	name, errName := url.PathUnescape(name)
	version, errVersion := url.PathUnescape(version)
	ecosystem = strings.ToLower(ecosystem)
	if ecosystem == "golang" {
		ecosystem = "go"
	}
	valid := ecosystem != "" && !strings.ContainsAny(ecosystem, "/ ") && name != "" && errName == nil && errVersion == nil
	return ecosystem, name, version, is && valid
}
