package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hindcast-kb/hindcast/internal/client"
)

type importCmd struct {
	Bundle   importBundleCmd   `cmd:"" help:"Read an export into an empty store."`
	Runbooks importRunbooksCmd `cmd:"" help:"Make runbooks from a folder of Markdown and from links of Backstage catalogs."`
	Markdown importMarkdownCmd `cmd:"" help:"Make reviews, with their incidents, events and actions, from Markdown files."`
}

type importBundleCmd struct {
	remote
	File   string `arg:"" help:"The export; - for the standard input."`
	DryRun bool   `help:"Check everything and write nothing."`
}

// Run prints what became of the bundle and how many rows of each table it has.
func (cmd *importBundleCmd) Run(ctx context.Context, io console) error {
	c, err := cmd.client()
	if err != nil {
		return exit{2, err}
	}
	in := io.in
	if cmd.File != "-" {
		file, err := os.Open(cmd.File)
		if err != nil {
			return exit{2, fmt.Errorf("reading the export: %w", err)}
		}
		defer file.Close()
		in = file
	}
	report, err := c.ImportBundle(ctx, in, cmd.DryRun)
	if err != nil {
		return err
	}
	fmt.Fprintf(io.out, "%s: %d rows\n", oneLine(report.Status), report.Rows)
	for _, table := range slices.Sorted(maps.Keys(report.Counts)) {
		fmt.Fprintf(io.out, "  %6d  %s\n", report.Counts[table], oneLine(table))
	}
	return nil
}

type importMarkdownCmd struct {
	remote
	Paths    []string `arg:"" name:"path" help:"Files, or folders whose .md and .markdown files are taken."`
	Timezone string   `help:"Zone of times that name none, such as Europe/Copenhagen." default:"UTC" env:"HINDCAST_TIMEZONE" placeholder:"ZONE"`
	DryRun   bool     `help:"Show where everything would go and write nothing."`
}

// Run prints, for each file, what became of it and where its text went, and exits 1 when one was refused.
func (cmd *importMarkdownCmd) Run(ctx context.Context, io console) error {
	c, err := cmd.client()
	if err != nil {
		return exit{2, err}
	}
	files, err := markdownFiles(cmd.Paths)
	if err != nil {
		return exit{2, err}
	}
	refused := 0
	for _, path := range files {
		result, err := cmd.one(ctx, c, path)
		var problem *client.Problem
		switch {
		case errors.As(err, &problem) && problem.Status == 401, errors.As(err, &problem) && problem.Status == 403:
			return err // the others would meet the same
		case err != nil:
			result = client.ImportedFile{Status: "refused", Errors: []client.Field{{Message: err.Error()}}}
		}
		if result.Status == "refused" {
			refused++
		}
		printImported(io, path, result)
	}
	if refused > 0 {
		return exit{1, fmt.Errorf("%d of %d files were refused", refused, len(files))}
	}
	return nil
}

func (cmd *importMarkdownCmd) one(ctx context.Context, c *client.Client, path string) (client.ImportedFile, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return client.ImportedFile{}, err
	}
	if !utf8.Valid(text) {
		return client.ImportedFile{}, errors.New("the file is not text in UTF-8")
	}
	items, err := c.ImportMarkdown(ctx, []client.MarkdownFile{{Name: filepath.Base(path), Markdown: string(text)}}, cmd.Timezone, cmd.DryRun)
	if err == nil && len(items) != 1 {
		err = fmt.Errorf("the server answered for %d files, not for one", len(items))
	}
	if err != nil {
		return client.ImportedFile{}, err
	}
	return items[0], nil
}

// markdownFiles are the files of the paths, those of a folder in the order of their names.
func markdownFiles(paths []string) ([]string, error) {
	var files []string
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			files = append(files, path)
			continue
		}
		err = filepath.WalkDir(path, func(at string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() && at != path && strings.HasPrefix(d.Name(), ".") {
				return filepath.SkipDir
			}
			if ext := strings.ToLower(filepath.Ext(at)); d.Type().IsRegular() && (ext == ".md" || ext == ".markdown") {
				files = append(files, at)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if len(files) == 0 {
		return nil, errors.New("there are no Markdown files in these paths")
	}
	return files, nil
}

func printImported(io console, path string, f client.ImportedFile) {
	fmt.Fprintf(io.out, "%s: %s", path, oneLine(f.Status))
	if !f.ReviewID.IsZero() {
		fmt.Fprintf(io.out, " %s", f.ReviewID)
	}
	if !f.IncidentID.IsZero() {
		fmt.Fprintf(io.out, " %s", f.IncidentID)
	}
	if f.Status != "refused" {
		fmt.Fprintf(io.out, " (%d events, %d factors, %d actions, %d references)", f.Counts.Events, f.Counts.Factors, f.Counts.Actions, f.Counts.References)
	}
	fmt.Fprintln(io.out)
	for _, e := range f.Errors {
		fmt.Fprintln(io.out, "  "+oneLine(e.Field+" "+e.Message))
	}
	for _, m := range f.Mapping {
		fmt.Fprintf(io.out, "  line %d", m.Line)
		if m.Text != "" {
			fmt.Fprintf(io.out, " %q", oneLine(m.Text))
		}
		fmt.Fprintf(io.out, " to %s\n", oneLine(m.Field))
	}
	for _, n := range f.Notes {
		if n.Line > 0 {
			fmt.Fprintf(io.out, "  note on line %d: %s\n", n.Line, oneLine(n.Message))
		} else {
			fmt.Fprintf(io.out, "  note: %s\n", oneLine(n.Message))
		}
	}
}
