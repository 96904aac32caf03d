package audit

import (
	"context"
	"fmt"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/auditentry"
	"github.com/hindcast-kb/hindcast/internal/audit/chain"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Head is the end of the chain. Kept elsewhere, it shows later that nothing up to it was changed or cut off.
type Head struct {
	Entries int    `json:"entries"` // how many there are
	Last    int    `json:"last"`    // the number of the last one
	Hash    string `json:"hash"`    // its hash
	// Erased counts entries whose changes were taken out, as the law may ask for; who did what when is still there.
	Erased int `json:"erased,omitempty"`
}

// ErrBroken is what Verify finds: an entry that is not as it was written.
type ErrBroken struct {
	// Entry is the number of the first entry that does not continue the chain.
	Entry int
	// Why says in what way.
	Why string
}

func (e *ErrBroken) Error() string { return fmt.Sprintf("audit entry %d %s", e.Entry, e.Why) }

// Verify walks the chain from its beginning and gives its end. An *ErrBroken names the first entry that was edited, or before which
// one was removed, added or moved. What was cut off at the end shows only against a head from before; the zero Head asks for nothing.
func (l *Log) Verify(ctx context.Context, known Head) (Head, error) {
	if err := auth.Require(ctx, vocab.ScopeAdmin); err != nil {
		return Head{}, err
	}
	const page = 1000
	var head Head
	met := known.Hash == ""
	for {
		rows, err := l.store.Client(ctx).AuditEntry.Query().Where(auditentry.IDGT(head.Last)).Order(ent.Asc(auditentry.FieldID)).Limit(page).All(ctx)
		if err != nil {
			return head, l.store.Fault(err)
		}
		for _, row := range rows {
			hash, err := chain.Hash(head.Hash, row)
			if err != nil {
				return head, err
			}
			if hash != row.Hash {
				return head, &ErrBroken{row.ID, "does not continue the chain: it was changed, or what stood before it"}
			}
			head.Entries, head.Last, head.Hash = head.Entries+1, row.ID, hash
			if chain.IsErased(row.Changes) {
				head.Erased++
			}
			same := head.Entries == known.Entries && head.Last == known.Last && head.Hash == known.Hash // more may have been erased since
			if row.ID == known.Last && !same {
				return head, &ErrBroken{row.ID, "is not the one that was the last when the head was kept"}
			}
			met = met || same
		}
		if len(rows) < page {
			break
		}
	}
	if !met {
		return head, &ErrBroken{known.Last, "was the last when the head was kept, and is gone"}
	}
	return head, nil
}
