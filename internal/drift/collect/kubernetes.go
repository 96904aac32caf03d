package collect

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/hindcast-kb/hindcast/internal/drift"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// kubernetesTool names the readings of manifest files.
const kubernetesTool = "hindcast snapshot kubernetes"

// manifest is what is read of a Kubernetes object; the rest of it is passed over.
type manifest struct {
	Kind     string `yaml:"kind"`
	Metadata struct {
		Name      string `yaml:"name"`
		Namespace string `yaml:"namespace"`
	} `yaml:"metadata"`
	Spec       podHolder      `yaml:"spec"`
	Data       map[string]any `yaml:"data"`
	StringData map[string]any `yaml:"stringData"`
	Items      []manifest     `yaml:"items"`
}

// podHolder is a spec that is a pod's, holds one, or holds a job that holds one.
type podHolder struct {
	podSpec  `yaml:",inline"`
	Replicas *int   `yaml:"replicas"`
	Schedule string `yaml:"schedule"`
	Template struct {
		Spec podSpec `yaml:"spec"`
	} `yaml:"template"`
	JobTemplate struct {
		Spec struct {
			Template struct {
				Spec podSpec `yaml:"spec"`
			} `yaml:"template"`
		} `yaml:"spec"`
	} `yaml:"jobTemplate"`
}

type podSpec struct {
	Containers     []container `yaml:"containers"`
	InitContainers []container `yaml:"initContainers"`
}

type container struct {
	Name      string         `yaml:"name"`
	Image     string         `yaml:"image"`
	Command   []string       `yaml:"command"`
	Args      []string       `yaml:"args"`
	Resources map[string]any `yaml:"resources"`
	Env       []struct {
		Name      string         `yaml:"name"`
		Value     *string        `yaml:"value"`
		ValueFrom map[string]any `yaml:"valueFrom"`
	} `yaml:"env"`
	EnvFrom []map[string]any `yaml:"envFrom"`
}

// workloads are the kinds of object that run containers.
var workloads = []string{"deployment", "statefulset", "daemonset", "job", "cronjob", "pod"}

// Kubernetes reads manifest files: what runs with which image, resources and environment. Values of variables, config maps
// and secrets are told as hashes only.
func Kubernetes(opts Options, paths ...string) (Result, error) {
	items := map[string]any{}
	for _, path := range paths {
		raw, err := readFile(path)
		if err != nil {
			return Result{}, err
		}
		if err := readManifests(raw, items, opts); err != nil {
			return Result{}, fmt.Errorf("reading %s: %w", path, err)
		}
	}
	if len(items) == 0 {
		return Result{}, errors.New("nothing that runs was found in " + strings.Join(paths, ", "))
	}
	return Result{Kind: vocab.SnapshotKindSettings, Tool: kubernetesTool, Items: items}, nil
}

func readManifests(raw []byte, items map[string]any, opts Options) error {
	decoder := yaml.NewDecoder(bytes.NewReader(raw))
	for {
		var m manifest
		err := decoder.Decode(&m)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("it is no Kubernetes manifest: %w", err)
		}
		m.read(items, opts)
	}
}

func (m manifest) read(items map[string]any, opts Options) {
	for _, item := range m.Items {
		item.read(items, opts)
	}
	kind := strings.ToLower(m.Kind)
	path := drift.Path(kind, drift.Qualified(m.Metadata.Namespace, "default", m.Metadata.Name))
	switch {
	case m.Metadata.Name == "":
	case slices.Contains(workloads, kind):
		fact := map[string]any{"schedule": m.Spec.Schedule}
		if m.Spec.Replicas != nil {
			fact["replicas"] = *m.Spec.Replicas
		}
		items[path] = compact(fact)
		for _, spec := range []podSpec{m.Spec.podSpec, m.Spec.Template.Spec, m.Spec.JobTemplate.Spec.Template.Spec} {
			for _, c := range spec.Containers {
				c.read(path, false, items, opts)
			}
			for _, c := range spec.InitContainers {
				c.read(path, true, items, opts)
			}
		}
	case kind == "configmap" || kind == "secret":
		keys := map[string]any{}
		for _, data := range []map[string]any{m.Data, m.StringData} {
			for name, value := range data {
				keys[name] = opts.Hash(fmt.Sprint(value))
			}
		}
		items[path] = keys
	}
}

func (c container) read(owner string, initial bool, items map[string]any, opts Options) {
	if c.Name == "" {
		return
	}
	path := owner + "/" + drift.Path("container", c.Name)
	fact := map[string]any{"image": c.Image, "init": initial, "command_hash": hashList(c.Command, opts), "arguments_hash": hashList(c.Args, opts)}
	if len(c.Resources) > 0 {
		fact["resources"] = texts(c.Resources)
	}
	if len(c.EnvFrom) > 0 {
		fact["env_from"] = texts(c.EnvFrom)
	}
	items[path] = compact(fact)
	for _, variable := range c.Env {
		if variable.Name == "" {
			continue
		}
		at := path + "/" + drift.Path("env", variable.Name)
		switch {
		case variable.ValueFrom != nil:
			items[at] = map[string]any{"from": texts(variable.ValueFrom)}
		case variable.Value != nil:
			items[at] = opts.Hash(*variable.Value)
		default:
			items[at] = opts.Hash("")
		}
	}
}

// hashList hashes a command line, which may hold a secret.
func hashList(words []string, opts Options) string {
	if len(words) == 0 {
		return ""
	}
	return opts.Hash(strings.Join(words, "\x00"))
}

// texts is a value with every key and leaf a text: 500m and 1, 64Mi and 0.5 are amounts, not numbers.
func texts(value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, child := range v {
			out[name] = texts(child)
		}
		return out
	case map[any]any:
		out := make(map[string]any, len(v))
		for name, child := range v {
			out[fmt.Sprint(name)] = texts(child)
		}
		return out
	case []map[string]any:
		out := make([]any, len(v))
		for i, child := range v {
			out[i] = texts(child)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, child := range v {
			out[i] = texts(child)
		}
		return out
	}
	return fmt.Sprint(value)
}
