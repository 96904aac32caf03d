// Package feed keeps the change table: one row for each write of a record, made in the transaction of the write. Search
// and subscriptions follow it. It knows the order of changes, not their meaning.
package feed

import (
	"context"
	"time"

	"github.com/hindcast-kb/hindcast/ent/change"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Channel is where PostgreSQL announces that the feed grew. It wakes readers up; the table is the truth.
const Channel = "hindcast_changes"

// Receipt is what a write left in the feed, for an answer to carry.
type Receipt struct {
	// Seq is the sequence of the last change written, zero when nothing was.
	Seq int
	// First is the first record written.
	First vocab.ID
	tx    *store.Tx
}

type receiptKey struct{}

// WithReceipt is a context whose writes are noted in the receipt it comes with.
func WithReceipt(ctx context.Context) (context.Context, *Receipt) {
	receipt := new(Receipt)
	return context.WithValue(ctx, receiptKey{}, receipt), receipt
}

// ReceiptFrom is the receipt of the context, or nil.
func ReceiptFrom(ctx context.Context) *Receipt {
	receipt, _ := ctx.Value(receiptKey{}).(*Receipt)
	return receipt
}

// Append writes a change of the record in tx.
func Append(ctx context.Context, tx *store.Tx, id vocab.ID, op vocab.ChangeOp, at time.Time) error {
	change, err := tx.Client().Change.Create().SetKind(id.Prefix).SetRecordID(id.N).SetOp(op).SetAt(at).Save(ctx)
	if err != nil {
		return err
	}
	if receipt := ReceiptFrom(ctx); receipt != nil {
		if receipt.tx != tx { // a first write, or the transaction ran again
			*receipt = Receipt{tx: tx, First: id}
		}
		receipt.Seq = change.ID
	}
	return tx.Notify(ctx, Channel)
}

// pollEvery is how often Wait looks at the feed.
const pollEvery = 10 * time.Millisecond

// Wait returns once the feed has the sequence, and is Unavailable when ctx ends before that.
func Wait(ctx context.Context, s *store.Store, seq int) error {
	for {
		there, err := s.Client(ctx).Change.Query().Where(change.IDGTE(seq)).Exist(ctx)
		switch {
		case ctx.Err() != nil:
			return fault.New(fault.Unavailable, "sequence %d has not been reached here", seq)
		case err != nil:
			return s.Fault(err)
		case there:
			return nil
		}
		select {
		case <-ctx.Done():
		case <-time.After(pollEvery):
		}
	}
}
