package main

import (
	"strings"

	"ariga.io/atlas/sql/migrate"
	"entgo.io/ent/dialect"

	"github.com/hindcast-kb/hindcast/migrations"
)

// nothing is the file of a dialect that needs no change where the other one does, so that the numbers stay the same.
const nothing = "-- +goose Up\n-- This change needs nothing here.\nSELECT 1;\n"

// catcher is a formatter that keeps the text of the plan for itself and gives the planner no file to write.
type catcher struct {
	dialect string
	text    string
}

func (c *catcher) Format(plan *migrate.Plan) ([]migrate.File, error) {
	c.text = render(c.dialect, plan)
	return nil, nil
}

// render writes a goose file without a way down. A rebuild of a SQLite table must run outside goose's transaction.
func render(d string, plan *migrate.Plan) string {
	var b strings.Builder
	b.WriteString("-- +goose Up\n")
	for _, change := range plan.Changes {
		if change.Comment != "" {
			b.WriteString("-- " + change.Comment + "\n")
		}
		b.WriteString(change.Cmd + ";\n")
	}
	text := b.String()
	if d == dialect.SQLite && migrations.DropsTable(text) {
		text = migrations.NoTransaction + "\n" + text
	}
	return text
}
