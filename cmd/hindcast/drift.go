package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hindcast-kb/hindcast/internal/client"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

type driftCmd struct {
	remote
	Environment string   `arg:"" optional:"" help:"The environment to compare: its id, such as ENV-1, or its name. Without one, every environment that has a parity target."`
	Target      string   `help:"The environment to compare with; its parity target when it is not given." placeholder:"ENV-2"`
	Kind        []string `help:"What is compared: schema, settings, packages or custom." default:"schema"`
	Attempt     string   `help:"The attempt to rank for; its blocking assumptions and changed areas say what blocks." placeholder:"ATT-1"`
	FailOn      string   `help:"Which differences make the exit code 1: none, those that block, or any." default:"none" enum:"none,blocking,any"`
	Output      string   `help:"How the answer is written." default:"text" enum:"text,json,markdown,junit"`
}

// Help says what the exit code means.
func (*driftCmd) Help() string {
	return "Exits 0 when nothing differs that --fail-on names, 1 when something does, and 2 when the environments could not be compared."
}

// comparison is one pair of environments, compared by one kind of snapshots.
type comparison struct {
	base, target string
	kind         vocab.SnapshotKind
	drift        client.Drift
}

func (c comparison) String() string {
	return fmt.Sprintf("%s against %s, %s", c.base, c.target, c.kind)
}

func (c comparison) blocking() int {
	n := 0
	for _, item := range c.drift.Items {
		if item.Blocking {
			n++
		}
	}
	return n
}

// Run prints what differs. Whatever cannot be compared exits 2, never 0.
func (cmd *driftCmd) Run(ctx context.Context, io console) error {
	questions, names, c, err := cmd.questions(ctx)
	if err != nil {
		return exit{2, err}
	}
	var all []comparison
	failing := 0
	for _, q := range questions {
		found, err := c.Drift(ctx, q)
		if err != nil {
			return exit{2, fmt.Errorf("%s cannot be compared: %w", q.Base, err)}
		}
		one := comparison{base: names[q.Base], target: names[q.Target], kind: q.Kind, drift: found}
		all = append(all, one)
		switch cmd.FailOn {
		case "any":
			failing += len(found.Items)
		case "blocking":
			failing += one.blocking()
		}
	}
	text, err := driftWritten(cmd.Output, cmd.FailOn, all)
	if err == nil {
		_, err = io.out.Write(text)
	}
	switch {
	case err != nil:
		return exit{2, fmt.Errorf("writing what differs: %w", err)}
	case failing > 0:
		return exit{code: 1}
	}
	return nil
}

// questions are the pairs to compare, with the names of their environments.
func (cmd *driftCmd) questions(ctx context.Context) ([]client.DriftQuestion, map[vocab.ID]string, *client.Client, error) {
	var attempt vocab.ID
	if cmd.Attempt != "" {
		var err error
		if attempt, err = vocab.ParseID(cmd.Attempt); err != nil || !attempt.Is(vocab.Attempt) {
			return nil, nil, nil, fmt.Errorf("%q is not the id of an attempt, such as ATT-3", cmd.Attempt)
		}
	}
	for _, kind := range cmd.Kind {
		if !vocab.Valid(vocab.SnapshotKind(kind)) {
			return nil, nil, nil, fmt.Errorf("--kind: %q is none of %s", kind, strings.Join(vocab.SnapshotKind("").Values(), ", "))
		}
	}
	c, err := cmd.client()
	if err != nil {
		return nil, nil, nil, err
	}
	known, err := c.Environments(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	pairs, names, err := cmd.pairs(known)
	var questions []client.DriftQuestion
	for _, pair := range pairs {
		for _, kind := range cmd.Kind {
			questions = append(questions, client.DriftQuestion{Base: pair[0], Target: pair[1], Kind: vocab.SnapshotKind(kind), Attempt: attempt})
		}
	}
	return questions, names, c, err
}

func (cmd *driftCmd) pairs(known []client.Environment) ([][2]vocab.ID, map[vocab.ID]string, error) {
	names := map[vocab.ID]string{}
	parity := map[vocab.ID]vocab.ID{}
	for _, e := range known {
		names[e.ID], parity[e.ID] = oneLine(e.Name), e.ParityTargetID
	}
	find := func(text string) (vocab.ID, error) {
		for _, e := range known {
			if e.ID.String() == strings.ToUpper(text) || strings.EqualFold(e.Name, text) {
				return e.ID, nil
			}
		}
		return vocab.ID{}, fmt.Errorf("there is no environment %q", text)
	}
	if cmd.Environment != "" {
		base, err := find(cmd.Environment)
		if err != nil {
			return nil, nil, err
		}
		target := parity[base]
		if cmd.Target != "" {
			if target, err = find(cmd.Target); err != nil {
				return nil, nil, err
			}
		}
		if target.IsZero() {
			return nil, nil, fmt.Errorf("%s has no parity target; name one with --target", names[base])
		}
		return [][2]vocab.ID{{base, target}}, names, nil
	}
	if cmd.Target != "" {
		return nil, nil, errors.New("--target needs the environment that is compared with it")
	}
	var pairs [][2]vocab.ID
	seen := map[[2]vocab.ID]bool{}
	for i := len(known) - 1; i >= 0; i-- { // the oldest first
		base, target := known[i].ID, known[i].ParityTargetID
		if target.IsZero() || seen[[2]vocab.ID{target, base}] { // two that are each other's target are one pair
			continue
		}
		seen[[2]vocab.ID{base, target}] = true
		pairs = append(pairs, [2]vocab.ID{base, target})
	}
	if len(pairs) == 0 {
		return nil, nil, errors.New("no environment has a parity target; name the pair")
	}
	return pairs, names, nil
}
