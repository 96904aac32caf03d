package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"gopkg.in/yaml.v3"
)

// settingsFile reads a file of settings: a flat YAML mapping whose keys are the names of flags.
func settingsFile(r io.Reader) (kong.Resolver, error) {
	values := map[string]any{}
	if err := yaml.NewDecoder(r).Decode(&values); err != nil && err != io.EOF {
		return nil, fmt.Errorf("reading the settings file: %w", err)
	}
	return settings(values), nil
}

type settings map[string]any

// Validate refuses keys that no flag of any command has.
func (s settings) Validate(app *kong.Application) error {
	var known []string
	_ = kong.Visit(app, func(node kong.Visitable, next kong.Next) error { // visiting cannot fail
		if flag, ok := node.(*kong.Flag); ok {
			known = append(known, flag.Name)
		}
		return next(nil)
	})
	for key := range s {
		if !slices.Contains(known, key) {
			return fmt.Errorf("the settings file has the unknown key %q", key)
		}
	}
	return nil
}

// Resolve gives the value of a flag that is in neither the arguments nor the environment.
func (s settings) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, env := range flag.Envs {
		if _, set := os.LookupEnv(env); set {
			return nil, nil
		}
	}
	value, given := s[flag.Name]
	if list, ok := value.([]any); ok {
		texts := make([]string, len(list))
		for i, item := range list {
			texts[i] = fmt.Sprint(item)
		}
		return strings.Join(texts, ","), nil
	}
	if !given {
		return nil, nil
	}
	return fmt.Sprint(value), nil
}
