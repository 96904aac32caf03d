package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

type exportCmd struct {
	remote
	Output string `help:"File to write to; the standard output when it is not given." placeholder:"FILE"`
}

// Run writes everything the server knows. A file is there whole or not at all, and for its owner only.
func (cmd *exportCmd) Run(ctx context.Context, io console) error {
	c, err := cmd.client()
	if err != nil {
		return exit{2, err}
	}
	if cmd.Output == "" || cmd.Output == "-" {
		return c.Export(ctx, io.out)
	}
	file, err := os.CreateTemp(filepath.Dir(cmd.Output), ".hindcast-export-*") // its mode is 0600
	if err != nil {
		return fmt.Errorf("writing --output: %w", err)
	}
	defer func() { _ = os.Remove(file.Name()) }() // after the rename there is none
	if err := errors.Join(c.Export(ctx, file), file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), cmd.Output)
}
