package app

import (
	"context"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/inbox"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// byProduct hands deliveries to the one that applies those of their source.
func byProduct(jira, alerts inbox.Process) inbox.Process {
	return func(ctx context.Context, tx *store.Tx, d *ent.Delivery, source *ent.Source) (inbox.Outcome, error) {
		if source.Product == vocab.SourceProductAlertmanager {
			return alerts(ctx, tx, d, source)
		}
		return jira(ctx, tx, d, source)
	}
}
