package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/hindcast-kb/hindcast/internal/audit"
	"github.com/hindcast-kb/hindcast/internal/config"
	"github.com/hindcast-kb/hindcast/internal/store"
)

type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"Walk the chain of entries and print its end; exits 1 when an entry was changed, moved or taken out."`
}

type auditVerifyCmd struct {
	config.Database
	Head string `help:"File with what an earlier run printed; it shows whether entries were cut off at the end." placeholder:"FILE" type:"existingfile"`
}

// Run prints the end of the chain as one line of JSON, to be kept where whoever can write to the database cannot.
func (cmd *auditVerifyCmd) Run(ctx context.Context, io console) error {
	var known audit.Head
	if cmd.Head != "" {
		text, err := os.ReadFile(cmd.Head)
		if err != nil {
			return exit{2, err}
		}
		if err := json.Unmarshal(text, &known); err != nil {
			return exit{2, fmt.Errorf("reading %s: %w", cmd.Head, err)}
		}
	}
	return withStore(ctx, &cmd.Database, true, func(ctx context.Context, s *store.Store) error {
		head, err := audit.NewLog(s).Verify(ctx, known)
		if err != nil {
			return err
		}
		return json.NewEncoder(io.out).Encode(head)
	})
}
