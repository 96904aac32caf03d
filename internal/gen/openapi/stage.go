package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/hindcast-kb/hindcast/internal/gen/openapi/finish"
)

// stage copies the Go files of dirs into a module below tmp, with the struct tags that swag stumbles over
// changed, and gives out the directories of the copies. The module has no requirements: swag asks it for
// import paths only.
func stage(tmp string, dirs []string, src finish.Source) ([]string, error) {
	output, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return nil, err
	}
	module, err := os.ReadFile(strings.TrimSpace(string(output)))
	if err != nil {
		return nil, err
	}
	line, _, _ := strings.Cut(string(module), "\n")
	if err := os.WriteFile(filepath.Join(tmp, "go.mod"), []byte(line+"\n"), 0o600); err != nil {
		return nil, err
	}
	root := filepath.Dir(strings.TrimSpace(string(output)))
	var staged []string
	for _, dir := range dirs {
		absolute, err := filepath.Abs(dir)
		if err != nil {
			return nil, err
		}
		rel, err := filepath.Rel(root, absolute)
		if err != nil || strings.HasPrefix(rel, "..") {
			rel = filepath.Base(dir)
		}
		to := filepath.Join(tmp, rel)
		if err := stageDir(dir, to, src); err != nil {
			return nil, err
		}
		staged = append(staged, to)
	}
	return staged, nil
}

func stageDir(from, to string, src finish.Source) error {
	files, err := filepath.Glob(filepath.Join(from, "*.go"))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if source, err = breakCycles(source, src); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, filepath.Base(file)), fixTags(source), 0o600); err != nil {
			return err
		}
	}
	return nil
}

var (
	structTag = regexp.MustCompile("`[^`\n]*swaggertype:\"array,[^`\n]*`")
	swagType  = regexp.MustCompile(` ?swaggertype:"array,[^"]*"`)
	example   = regexp.MustCompile(`(^|[ ` + "`" + `])example:"([^"]*)"`)
	rawJSON   = regexp.MustCompile(`\bjson\.RawMessage\b`)
)

// fixTags takes out what swag fails on. It builds the array of a swaggertype without items and stumbles over
// it; the type of the field says enough, and the example goes along as an extension. It does not find the
// type of raw JSON, which is any value.
func fixTags(source []byte) []byte {
	source = structTag.ReplaceAllFunc(source, func(tag []byte) []byte {
		return example.ReplaceAll(swagType.ReplaceAll(tag, nil), []byte(`${1}extensions:"x-example=$2"`))
	})
	return rawJSON.ReplaceAll(source, []byte("any"))
}

// breakCycles gives fields that hold a type which embeds their own struct the type any, and names the real
// one in an extension. swag crashes on such a circle.
func breakCycles(source []byte, src finish.Source) ([]byte, error) {
	file, err := parser.ParseFile(token.NewFileSet(), "", source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	type edit struct {
		from, to int
		text     string
	}
	var edits []edit
	offset := func(pos token.Pos) int { return int(pos - file.FileStart) }
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		fields, ok := spec.Type.(*ast.StructType)
		if !ok {
			return true
		}
		for _, field := range fields.Fields.List {
			element, name := finish.Element(file.Name.Name, field.Type)
			if len(field.Names) == 0 || field.Tag == nil || !src.Embeds(name, file.Name.Name+"."+spec.Name.Name) {
				continue
			}
			edits = append(edits,
				edit{offset(element.Pos()), offset(element.End()), "any"},
				edit{offset(field.Tag.End()) - 1, offset(field.Tag.End()) - 1, ` extensions:"x-ref=` + name + `"`})
		}
		return true
	})
	slices.SortFunc(edits, func(a, b edit) int { return b.from - a.from })
	for _, e := range edits {
		source = slices.Concat(source[:e.from], []byte(e.text), source[e.to:])
	}
	return source, nil
}
