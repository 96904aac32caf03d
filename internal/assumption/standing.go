package assumption

import (
	"context"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/assumption"
	"github.com/hindcast-kb/hindcast/ent/evidence"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// statusIs is the status rule as SQL, over the columns that keep the standing. It agrees with Standing.At.
func statusIs(s *entsql.Selector, word vocab.AssumptionStatus, now time.Time) *entsql.Predicate {
	c := s.C
	retired := entsql.And(entsql.NotNull(c(assumption.FieldRetiredAt)), entsql.LTE(c(assumption.FieldRetiredAt), now))
	if word == vocab.AssumptionStatusRetired {
		return retired
	}
	is := func(word vocab.AssumptionStatus) *entsql.Predicate {
		return entsql.EQ(c(assumption.FieldEvidenceStatus), string(word))
	}
	holds := is(word)
	switch word {
	case vocab.AssumptionStatusVerified:
		holds = entsql.And(holds, entsql.Or(entsql.IsNull(c(assumption.FieldVerifiedUntil)), entsql.GTE(c(assumption.FieldVerifiedUntil), now)))
	case vocab.AssumptionStatusExpired:
		aged := entsql.And(is(vocab.AssumptionStatusVerified), entsql.LT(c(assumption.FieldVerifiedUntil), now))
		holds = entsql.Or(holds, aged)
	}
	return entsql.And(entsql.Or(entsql.IsNull(c(assumption.FieldRetiredAt)), entsql.GT(c(assumption.FieldRetiredAt), now)), holds)
}

// weigh writes what the evidence of an assumption adds up to.
func weigh(ctx context.Context, tx *store.Tx, id int, claim Claim, at time.Time, m *ent.AssumptionMutation) error {
	rows, err := tx.Client().Evidence.Query().Where(evidence.AssumptionID(id)).All(ctx)
	if err != nil {
		return err
	}
	all := make([]Evidence, len(rows))
	for i, row := range rows {
		all[i] = EvidenceOf(row)
	}
	standing := Derive(claim, all, at)
	m.SetEvidenceStatus(standing.Status)
	m.SetEvidenceReason(standing.Reason)
	record.SetTime(standing.Until, m.SetVerifiedUntil, m.ClearVerifiedUntil)
	return nil
}

// reweigh brings the standing of an assumption up to date after its evidence, or one of its areas, has changed. set is what
// else the deed changes, or nil.
func (s *Service) reweigh(ctx context.Context, tx *store.Tx, id int, deed string, set func(*Claim, *ent.AssumptionMutation)) error {
	row, err := tx.Client().Assumption.Get(ctx, id)
	if err != nil {
		return err
	}
	before := row.EvidenceStatus
	entry := record.Entry{Op: vocab.ChangeOpUpdate, Deed: deed, Changes: make([]vocab.FieldChange, 1)}
	var weighErr error
	_, err = s.Amend(ctx, id, entry, func(m *ent.AssumptionMutation) {
		var claim Claim
		if row, weighErr = tx.Client().Assumption.Get(ctx, id); weighErr != nil {
			return
		}
		claim = ClaimOf(row)
		if set != nil {
			set(&claim, m)
		}
		weighErr = weigh(ctx, tx, id, claim, s.Now(), m)
		after, _ := m.EvidenceStatus()
		entry.Changes[0] = vocab.FieldChange{Field: "evidence_status", From: before, To: after}
	})
	if weighErr != nil {
		return weighErr
	}
	return err
}

// AreasChanged notes that a snapshot of the environment showed a change at the given time in whatever touched holds for:
// evidence from before no longer proves anything about those assumptions.
func (s *Service) AreasChanged(ctx context.Context, tx *store.Tx, environmentID int, touched func(area string) bool, at time.Time) error {
	rows, err := tx.Client().Assumption.Query().
		Where(assumption.EnvironmentID(environmentID), assumption.RetiredAtIsNil()).Order(ent.Asc(assumption.FieldID)).All(ctx)
	if err != nil {
		return err
	}
	ctx = auth.With(ctx, auth.System("snapshot")) // a snapshot speaks about assumptions of every team
	for _, row := range rows {
		if !anyArea(row.Areas, touched) || (row.AreaChangedAt != nil && !row.AreaChangedAt.Before(at)) {
			continue
		}
		err := s.reweigh(ctx, tx, row.ID, "area_changed", func(claim *Claim, m *ent.AssumptionMutation) {
			claim.AreaChangedAt = &at
			m.SetAreaChangedAt(at.UTC())
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func anyArea(areas []string, touched func(string) bool) bool {
	for _, area := range areas {
		if touched(area) {
			return true
		}
	}
	return false
}
