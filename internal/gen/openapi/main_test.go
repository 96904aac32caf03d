package main

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
)

var update = flag.Bool("update", false, "write the golden documents anew")

// The sample API below testdata covers every convention; its document is kept beside it.
func TestSampleDocument(t *testing.T) {
	t.Chdir("testdata")
	asJSON, asYAML, err := generate([]string{"handlers", "gadget", "words"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string][]byte{"openapi.json": asJSON, "openapi.yaml": asYAML} {
		if *update {
			if err := os.WriteFile(name, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(got), string(want)); diff != "" {
			t.Errorf("%s: got (-) want (+):\n%s", name, diff)
		}
	}
	again, _, err := generate([]string{"handlers", "gadget", "words"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(again, asJSON) {
		t.Error("a second run writes another document")
	}
	valid(t, asJSON)
}

func valid(t *testing.T, document []byte) {
	t.Helper()
	doc, err := libopenapi.NewDocument(document)
	if err != nil {
		t.Fatal(err)
	}
	v, errs := validator.NewValidator(doc)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if ok, problems := v.ValidateDocument(); !ok {
		for _, problem := range problems {
			t.Errorf("%s: %s", problem.Message, problem.Reason)
		}
	}
}

func TestSwagErrorsAreShown(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/api.go", []byte("// Package handlers is broken.\n//\n//\t@title X\npackage handlers\n\n// F is it.\n//\n//\t@Success 200 {object} Missing\n//\t@Router /a [get]\nfunc F() {}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := generate([]string{dir}, nil); err == nil || !bytes.Contains([]byte(err.Error()), []byte("Missing")) {
		t.Errorf("got %v, want an error that names the missing type", err)
	}
}
