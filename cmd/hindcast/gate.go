package main

import (
	"context"
	"fmt"
	"time"

	"github.com/hindcast-kb/hindcast/internal/client"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

type gateCmd struct {
	remote
	Attempt string `arg:"" help:"The attempt, such as ATT-3."`
	Output  string `help:"How the answer is written." default:"text" enum:"text,json,markdown,junit"`
}

// Help says what the exit code means.
func (*gateCmd) Help() string {
	return "Exits 0 when the attempt may go ahead (pass, or pass with a waiver), 1 when it may not, and 2 when the gate could not be asked or answered with something unknown."
}

// Run prints the answer. It fails closed: whatever is not a clear pass does not exit 0.
func (cmd *gateCmd) Run(ctx context.Context, io console) error {
	id, err := vocab.ParseID(cmd.Attempt)
	if err != nil || !id.Is(vocab.Attempt) {
		return exit{2, fmt.Errorf("%q is not the id of an attempt, such as ATT-3", cmd.Attempt)}
	}
	c, err := cmd.client()
	if err != nil {
		return exit{2, err}
	}
	verdict, err := c.Gate(ctx, id)
	if err != nil {
		return exit{2, fmt.Errorf("the gate could not be evaluated: %w", err)}
	}
	code := 1
	if verdict.Decision == vocab.GateDecisionPass || verdict.Decision == vocab.GateDecisionPassWithWaiver {
		code = 0
	}
	text, err := written(cmd.Output, id, verdict)
	if err == nil {
		_, err = io.out.Write(text)
	}
	switch {
	case err != nil:
		return exit{2, fmt.Errorf("writing the answer of the gate: %w", err)}
	case code != 0:
		return exit{code: code}
	}
	return nil
}

func written(output string, id vocab.ID, v client.Verdict) ([]byte, error) {
	switch output {
	case "json":
		return append(v.Raw, '\n'), nil
	case "markdown":
		return gateMarkdown(id, v), nil
	case "junit":
		return gateJUnit(id, v)
	}
	return gateText(id, v), nil
}

func evaluated(v client.Verdict) string {
	text := ""
	if !v.EvaluatedAt.IsZero() {
		text = ", evaluated " + v.EvaluatedAt.UTC().Format(time.RFC3339)
	}
	if v.BriefHash != "" {
		text += ", brief " + oneLine(v.BriefHash)
	}
	return text
}
