package main

import (
	"context"
	"fmt"

	"github.com/hindcast-kb/hindcast/internal/client"
)

type searchCmd struct {
	Rebuild searchRebuildCmd `cmd:"" help:"Fill the search index of a server anew from its database."`
	Stats   searchStatsCmd   `cmd:"" help:"Show what the search index of a server holds."`
}

type searchRebuildCmd struct{ remote }

// Run waits until the new index has taken the place of the old one.
func (cmd *searchRebuildCmd) Run(ctx context.Context, io console) error {
	c, err := cmd.client()
	if err != nil {
		return exit{2, err}
	}
	stats, err := c.RebuildSearch(ctx)
	if err != nil {
		return err
	}
	return showSearch(io, stats)
}

type searchStatsCmd struct{ remote }

// Run prints one figure a line.
func (cmd *searchStatsCmd) Run(ctx context.Context, io console) error {
	c, err := cmd.client()
	if err != nil {
		return exit{2, err}
	}
	stats, err := c.SearchStats(ctx)
	if err != nil {
		return err
	}
	return showSearch(io, stats)
}

func showSearch(io console, s client.SearchStats) error {
	_, err := fmt.Fprintf(io.out, "documents        %d\ndeleted          %d\nwords            %d\nterms            %d\nmodel_documents  %d\nseq              %d\nready            %t\nrebuilding       %t\n",
		s.Documents, s.Deleted, s.Words, s.Terms, s.ModelDocuments, s.Seq, s.Ready, s.Rebuilding)
	return err
}
