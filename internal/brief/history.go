package brief

import (
	"context"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/transition"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// history knows the states that records have left since a time.
type history struct{ left map[vocab.ID]string }

// state is the state a record was in at that time, given the one it is in now.
func (h *history) state(id vocab.ID, now string) string {
	if was, moved := h.left[id]; moved {
		return was
	}
	return now
}

// readHistory reads the transitions recorded after asOf. For a brief as of now there are none, and nothing is asked.
func (g *gathering) readHistory(ctx context.Context) error {
	g.earlier = &history{left: map[vocab.ID]string{}}
	if !g.asOf.Before(g.service.now()) {
		return nil
	}
	rows, err := g.c.Transition.Query().Where(transition.CreatedAtGT(g.asOf)).Order(ent.Desc(transition.FieldID)).All(ctx)
	if err != nil {
		return err
	}
	for _, row := range rows { // the oldest of them is met last, and names the state at asOf
		g.earlier.left[vocab.ID{Prefix: row.TargetKind, N: row.TargetID}] = row.FromState
	}
	return nil
}
