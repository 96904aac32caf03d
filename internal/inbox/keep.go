package inbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/delivery"
	"github.com/hindcast-kb/hindcast/internal/jira"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Addresses of deliveries that nobody sent: what a backfill or a fetch read goes the way of all deliveries.
const (
	backfillAddress = "backfill:"
	fetchAddress    = "fetch:"
)

// provenance says how a delivery came, by its address.
func provenance(address string) jira.Provenance {
	switch address {
	case backfillAddress:
		return jira.ProvenanceBackfill
	case fetchAddress:
		return jira.ProvenanceRefetch
	}
	return jira.ProvenanceWebhook
}

// Read is an issue as its site showed it, or that it is gone, in the form of a delivery.
type Read struct {
	// Key names what was read, so that the same is kept once.
	Key string
	// From says who read it: a backfill or a fetch.
	From jira.Provenance
	Body []byte
}

// KeepRead keeps what was read from the site of a source as a delivery, in the transaction of the work that read it. It answers
// false for what is known.
func (b *Inbox) KeepRead(ctx context.Context, tx *store.Tx, source *ent.Source, r Read) (bool, error) {
	address := fetchAddress
	if r.From == jira.ProvenanceBackfill {
		address = backfillAddress
	}
	sum := sha256.Sum256(r.Body)
	now := b.now()
	d := &ent.Delivery{SourceID: source.ID, Raw: r.Body, Size: len(r.Body), Sha256: hex.EncodeToString(sum[:]), URL: address, DedupeKey: clip(r.Key, 300),
		Status: vocab.DeliveryStatusReceived, NextAttemptAt: now, LastSeenAt: now, Headers: map[string][]string{}}
	e, err := Decode(source, address, r.Body)
	describe(d, source, e, err, nil)
	d.Event = strings.TrimSuffix(address, ":")
	known, err := tx.Client().Delivery.Query().Where(delivery.SourceID(source.ID), delivery.DedupeKey(d.DedupeKey)).Exist(ctx)
	if err != nil || known {
		return false, err
	}
	_, err = b.insert(ctx, tx, source, d)
	if err == nil {
		tx.AfterCommit(b.Wake)
	}
	return err == nil, err
}
