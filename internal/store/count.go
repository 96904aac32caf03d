package store

import (
	"context"
	"sync/atomic"
)

type countKey struct{}

// Counted is a context whose statements are counted in n, those of transactions included; begin and commit are not. It is for
// tests that hold a question to a number of queries, and for looking at one.
func Counted(ctx context.Context) (counted context.Context, n *atomic.Int64) {
	n = &atomic.Int64{}
	return context.WithValue(ctx, countKey{}, n), n
}

func count(ctx context.Context) {
	if n, counted := ctx.Value(countKey{}).(*atomic.Int64); counted {
		n.Add(1)
	}
}
