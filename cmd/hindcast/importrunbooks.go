package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/hindcast-kb/hindcast/internal/client"
)

type importRunbooksCmd struct {
	remote
	Paths   []string `arg:"" name:"path" help:"Files, or folders whose Markdown files and catalog-info.yaml are taken."`
	BaseURL string   `help:"Address that pages are read at; {path}, {file} and {slug} in it stand for the path of the file." env:"HINDCAST_RUNBOOK_URL" placeholder:"URL"`
	DryRun  bool     `help:"Show what would be written and write nothing."`
}

// Run prints what became of each runbook, and exits 1 when one was refused.
func (cmd *importRunbooksCmd) Run(ctx context.Context, io console) error {
	c, err := cmd.client()
	if err != nil {
		return exit{2, err}
	}
	files, err := runbookFiles(cmd.Paths)
	if err != nil {
		return exit{2, err}
	}
	refused := 0
	for _, file := range files {
		items, err := c.ImportRunbooks(ctx, []client.RunbookFile{file}, cmd.BaseURL, cmd.DryRun)
		if err != nil {
			return err
		}
		for _, item := range items {
			fmt.Fprintf(io.out, "%s: %s", oneLine(item.Name), oneLine(item.Status))
			if !item.ID.IsZero() {
				fmt.Fprintf(io.out, " %s", item.ID)
			}
			if item.Title != "" {
				fmt.Fprintf(io.out, " %s", oneLine(item.Title))
			}
			fmt.Fprintln(io.out)
			for _, e := range item.Errors {
				fmt.Fprintln(io.out, "  "+oneLine(e.Field+" "+e.Message))
			}
			if item.Status == "refused" {
				refused++
			}
		}
	}
	if refused > 0 {
		return exit{1, fmt.Errorf("%d runbooks were refused", refused)}
	}
	return nil
}

// runbookFiles reads the files of the paths, each named by its path below the folder that was given.
func runbookFiles(paths []string) ([]client.RunbookFile, error) {
	var files []client.RunbookFile
	read := func(at, name string) error {
		text, err := os.ReadFile(at)
		if err != nil {
			return err
		}
		if !utf8.Valid(text) {
			return fmt.Errorf("%s is not text in UTF-8", at)
		}
		files = append(files, client.RunbookFile{Name: filepath.ToSlash(name), Text: string(text)})
		return nil
	}
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			if err := read(path, filepath.Base(path)); err != nil {
				return nil, err
			}
			continue
		}
		err = filepath.WalkDir(path, func(at string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() && at != path && strings.HasPrefix(d.Name(), ".") {
				return filepath.SkipDir
			}
			lower := strings.ToLower(d.Name())
			taken := strings.HasSuffix(lower, ".md") || strings.HasSuffix(lower, ".markdown") || lower == "catalog-info.yaml" || lower == "catalog-info.yml"
			if !d.Type().IsRegular() || !taken {
				return nil
			}
			name, err := filepath.Rel(path, at)
			if err != nil {
				return err
			}
			return read(at, name)
		})
		if err != nil {
			return nil, err
		}
	}
	if len(files) == 0 {
		return nil, errors.New("there are no runbooks in these paths")
	}
	return files, nil
}
