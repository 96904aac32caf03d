package collect

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hindcast-kb/hindcast/internal/drift"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// The tools that read what is neither database nor lock file.
const (
	envTool    = "hindcast snapshot env"
	customTool = "hindcast snapshot custom"
)

// ofTheShell are variables that tell where and by whom a process was started, not how it is set up.
var ofTheShell = []string{
	"_", "PWD", "OLDPWD", "SHLVL", "HOME", "HOSTNAME", "LOGNAME", "USER", "TERM", "SHELL", "MAIL", "COLUMNS", "LINES", "INVOCATION_ID",
	"JOURNAL_STREAM", "SSH_CLIENT", "SSH_CONNECTION", "SSH_TTY", "SSH_AUTH_SOCK", "XDG_SESSION_ID", "XDG_RUNTIME_DIR", "DISPLAY", "TMPDIR",
}

// Env tells the names of environment variables and a hash of each value, never a value. The variables are in the form of
// os.Environ.
func Env(environ []string, opts Options) Result {
	items := map[string]any{}
	for _, variable := range environ {
		name, value, is := strings.Cut(variable, "=")
		if !is || name == "" || slices.Contains(ofTheShell, name) {
			continue
		}
		items[drift.Path("env", name)] = opts.Hash(value)
	}
	return Result{Kind: vocab.SnapshotKindSettings, Tool: envTool, Items: items}
}

// maxCustomDepth bounds the objects within objects of a custom document.
const maxCustomDepth = 32

// Custom makes a fact of every leaf of a JSON document. Objects become segments of the path; the entries of a list do so
// when each has a name of its own (in name, id or key), and otherwise the list is one fact. Values under a secret-looking
// name are hashed.
func Custom(raw []byte, opts Options) (Result, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var document any
	if err := decoder.Decode(&document); err != nil {
		return Result{}, fmt.Errorf("reading the document: %w", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return Result{}, errors.New("reading the document: there is more than one JSON value")
	}
	object, is := document.(map[string]any)
	if !is {
		return Result{}, errors.New("the document must be a JSON object")
	}
	items := map[string]any{}
	if err := flatten(items, nil, object, opts); err != nil {
		return Result{}, err
	}
	return Result{Kind: vocab.SnapshotKindCustom, Tool: customTool, Items: items}, nil
}

func flatten(items map[string]any, path []string, value any, opts Options) error {
	if len(path) > maxCustomDepth {
		return fmt.Errorf("%s is nested too deeply", drift.Path(path[:3]...))
	}
	children, is := value.(map[string]any)
	if list, isList := value.([]any); isList {
		children, is = byName(list)
	}
	if is && len(children) > 0 {
		for name, child := range children {
			if name == "" {
				name = "(empty)"
			}
			if err := flatten(items, append(slices.Clone(path), name), child, opts); err != nil {
				return err
			}
		}
		return nil
	}
	if len(path) > 0 {
		items[drift.Path(path...)] = opts.redact(path, value)
	}
	return nil
}

// byName makes an object of a list whose entries each have a name of their own.
func byName(list []any) (map[string]any, bool) {
	for _, field := range []string{"name", "id", "key"} {
		named := map[string]any{}
		for _, entry := range list {
			object, _ := entry.(map[string]any)
			if name, is := object[field].(string); is && name != "" {
				named[name] = entry
			}
		}
		if len(named) == len(list) {
			return named, true
		}
	}
	return nil, false
}

// redact hashes a leaf, or the leaves of a list, whose place or text looks secret.
func (o Options) redact(path []string, value any) any {
	switch v := value.(type) {
	case string:
		return o.secretUnder(path, v)
	case json.Number:
		if hashed := o.secretUnder(path, v.String()); hashed != v.String() {
			return hashed
		}
	case []any:
		out := make([]any, len(v))
		for i, entry := range v {
			out[i] = o.redact(path, entry)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, entry := range v {
			out[name] = o.redact(append(slices.Clone(path), name), entry)
		}
		return out
	}
	return value
}

func (o Options) secretUnder(path []string, text string) string {
	for _, segment := range path {
		if o.Value(segment, text) != text {
			return o.Hash(text)
		}
	}
	return text
}
