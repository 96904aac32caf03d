// Command openapi writes the OpenAPI document: it has swag read the annotations of the handlers, finishes
// what swag wrote and stores it as JSON and YAML. Run it from the root of the module.
//
// An annotated handler needs @Summary, @Description, @Tags, its @Param, @Success and @Router with the whole
// path. The rest follows from method, path and types and is not written down:
//
//   - the name of the operation (listFindings, createFinding, …), unless @ID gives another;
//   - the scope: read for GET, write otherwise, none outside of /api/v1; @Security names another, or none;
//   - ids in the path, and the parameters of lists, conditions, idempotency and sequence;
//   - the errors, their examples and the headers of every answer; @Failure only where an error has a body
//     of its own;
//   - limit, cursor, sort, created_since and updated_since on answers of the type Page; @x-list ["limit",
//     "cursor"] narrows them, @x-sort ["created_at", "title"] names the fields to sort by;
//   - expand, for what @x-expand ["references"] names;
//   - the body of a PATCH, derived from the type it names: nothing required, null removes;
//   - the entries of a body at …/bulk, which are those of the create beside it.
//
// A filter is a query parameter: []vocab.Severity false "…" for words, string for an id whose name ends in
// _id. Types have their limits in tags: maxLength, minimum, maximum, minItems, maxItems, format, example;
// validate:"required" makes a member of a request required. In answers every member without omitempty or
// omitzero is required, and a pointer without them may be null. Annotated handlers stay out of api.go, whose
// general information they would overwrite.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/hindcast-kb/hindcast/handlers"
	"github.com/hindcast-kb/hindcast/internal/gen/openapi/finish"
)

func main() {
	api := flag.String("api", "handlers", "directory of the annotated handlers; its api.go holds the general information")
	types := flag.String("types", "", "directories of the types they use, separated by commas; told from the imports when empty")
	out := flag.String("out", "docs", "directory to write openapi.json and openapi.yaml to")
	flag.Parse()
	if err := run(*api, *types, *out); err != nil {
		fmt.Fprintln(os.Stderr, "openapi:", err)
		os.Exit(1)
	}
}

func run(api, types, out string) error {
	dirs := []string{api}
	if types != "" {
		dirs = append(dirs, strings.Split(types, ",")...)
	} else {
		imported, err := importedDirs(api)
		if err != nil {
			return err
		}
		dirs = append(dirs, imported...)
	}
	asJSON, asYAML, err := generate(dirs, server())
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(out, "openapi.json"), asJSON, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, "openapi.yaml"), asYAML, 0o644)
}

// generate runs swag over dirs, the first of which holds the general information, adds what the routes of api, which may be
// nil, accept and ask for, and finishes its output.
func generate(dirs []string, api *handlers.API) (asJSON, asYAML []byte, err error) {
	src, err := finish.ReadSource(dirs)
	if err != nil {
		return nil, nil, err
	}
	raw, err := swag(dirs, src)
	if err != nil {
		return nil, nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var doc map[string]any
	if err := dec.Decode(&doc); err != nil {
		return nil, nil, fmt.Errorf("reading what swag wrote: %w", err)
	}
	if api != nil {
		addLists(doc, api.Lists())
		addScopes(doc, api.Routes())
	}
	if err := finish.Finish(doc, src); err != nil {
		return nil, nil, err
	}
	return finish.Encode(doc)
}

func swag(dirs []string, src finish.Source) ([]byte, error) {
	tmp, err := os.MkdirTemp("", "openapi-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(tmp)
	staged, err := stage(tmp, dirs, src)
	if err != nil {
		return nil, fmt.Errorf("copying the sources for swag: %w", err)
	}
	cmd := exec.Command("go", "tool", "swag", "init", "--quiet", "--v3.1", "--parseInternal",
		"--generalInfo", "api.go", "--dir", strings.Join(staged, ","), "--output", tmp, "--outputTypes", "json")
	if output, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("running swag: %w\n%s", err, bytes.ReplaceAll(output, []byte(tmp), nil))
	}
	return os.ReadFile(filepath.Join(tmp, "swagger.json"))
}

// importedDirs lists the packages of this module below internal that the handlers build on, which is where
// the types of requests and answers live.
func importedDirs(api string) ([]string, error) {
	cmd := exec.Command("go", "list", "-deps", "-f", "{{if and .Module .Module.Main}}{{.Dir}}{{end}}", "./"+api)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	output, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("listing the packages of %s: %w\n%s", api, err, &stderr)
	}
	root, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	var dirs []string
	for _, dir := range strings.Fields(string(output)) {
		rel, err := filepath.Rel(root, dir)
		if err == nil && strings.HasPrefix(rel, "internal"+string(filepath.Separator)) {
			dirs = append(dirs, rel)
		}
	}
	return dirs, nil
}
