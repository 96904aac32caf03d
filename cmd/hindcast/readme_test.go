package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestTheREADMEListsEverySetting(t *testing.T) {
	t.Parallel()
	parser, err := newParser(console{})
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, command := range parser.Model.Children {
		if command.Name != "serve" {
			continue
		}
		for _, flag := range command.Flags {
			standard := ""
			if flag.HasDefault {
				standard = "`" + flag.Default + "`"
			}
			want = append(want, fmt.Sprintf("| `--%s` | `%s` | %s | %s |", flag.Name, strings.Join(flag.Envs, "`, `"), standard, flag.Help))
		}
	}
	if text := strings.Join(want, "\n") + "\n\n"; len(want) == 0 || !strings.Contains(string(file), text) {
		t.Errorf("the table of README.md is not that of the flags of serve, which is\n%s", text)
	}
}
