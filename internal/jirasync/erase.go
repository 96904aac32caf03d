package jirasync

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/auditentry"
	"github.com/hindcast-kb/hindcast/ent/delivery"
	"github.com/hindcast-kb/hindcast/ent/event"
	"github.com/hindcast-kb/hindcast/ent/issuestate"
	"github.com/hindcast-kb/hindcast/internal/audit"
	"github.com/hindcast-kb/hindcast/internal/audit/chain"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/feed"
	"github.com/hindcast-kb/hindcast/internal/inbox"
	"github.com/hindcast-kb/hindcast/internal/jira"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Erasure names the accounts to take out of everything that came from a source.
type Erasure struct {
	Accounts []string `json:"accounts"`
}

// PutErasure asks to erase accounts. The name of the work is a digest, since it stays when the accounts are gone.
func PutErasure(ctx context.Context, tx *store.Tx, source int, by string, e Erasure, now func() time.Time) (int, error) {
	sum := sha256.Sum256([]byte(strings.Join(e.Accounts, "\n")))
	return inbox.Put(ctx, tx, now(), by, inbox.Ask{
		Source: source, Kind: vocab.JobKindErase, Key: "erase:" + hex.EncodeToString(sum[:8]), Wanted: e,
	})
}

func (p *Processor) userDeleted(ctx context.Context, tx *store.Tx, source *ent.Source, e jira.Event) (inbox.Outcome, error) {
	var gone Erasure
	for _, id := range []string{e.User.AccountID, e.User.Key, e.User.Name} {
		if id != "" && !slices.Contains(gone.Accounts, id) {
			gone.Accounts = append(gone.Accounts, id)
		}
	}
	if len(gone.Accounts) == 0 {
		return inbox.Outcome{Status: vocab.DeliveryStatusNoop, Reason: reasonNoChange}, nil
	}
	_, err := PutErasure(ctx, tx, source.ID, "jira", gone, p.now)
	return inbox.Outcome{Status: vocab.DeliveryStatusApplied}, err
}

// eraseBatch is how many rows are taken out of one transaction.
const eraseBatch = 100

// Erase takes an account out of the bodies and the records of a source. It may be run again.
func (p *Processor) Erase(ctx context.Context, source *ent.Source, account string) error {
	ctx = auth.With(ctx, auth.System("jira"))
	if account == "" {
		return nil
	}
	for after := 0; ; {
		last, err := p.eraseBodies(ctx, source, account, after)
		if err != nil {
			return err
		}
		if last == 0 {
			break
		}
		after = last
	}
	for after := 0; ; {
		last, err := p.eraseIssues(ctx, source, account, after)
		if err != nil || last == 0 {
			return err
		}
		after = last
	}
}

func (p *Processor) eraseBodies(ctx context.Context, source *ent.Source, account string, after int) (last int, err error) {
	err = p.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		last = 0
		rows, err := tx.Client().Delivery.Query().Where(delivery.SourceID(source.ID), delivery.RawGone(false), delivery.IDGT(after)).
			Order(ent.Asc(delivery.FieldID)).Limit(eraseBatch).All(ctx)
		if err != nil {
			return err
		}
		for _, row := range rows {
			last = row.ID
			body, err := jira.Unpack(row.Raw, row.Encoding, jira.MaxBody)
			if err == nil && !bytes.Contains(body, []byte(account)) {
				continue
			}
			update := tx.Client().Delivery.UpdateOneID(row.ID).SetUpdatedAt(p.now()).AddVersion(1)
			if erased := repack(jira.EraseRaw(body, account), row.Encoding); err == nil && erased != nil {
				update.SetRaw(erased)
			} else {
				update.ClearRaw().SetRawGone(true)
			}
			if err := update.Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	return last, err
}

// repack gives a body the encoding it came in.
func repack(body []byte, encoding string) []byte {
	if body == nil || encoding == "" || encoding == "identity" {
		return body
	}
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(body) // a buffer takes everything
	_ = w.Close()
	return out.Bytes()
}

func (p *Processor) eraseIssues(ctx context.Context, source *ent.Source, account string, after int) (last int, err error) {
	err = p.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		last = 0
		rows, err := tx.Client().IssueState.Query().Where(issuestate.SourceID(source.ID), issuestate.IDGT(after)).
			Order(ent.Asc(issuestate.FieldID)).Limit(eraseBatch).All(ctx)
		if err != nil {
			return err
		}
		for _, row := range rows {
			last = row.ID
			if err := p.eraseIssue(ctx, tx, row, account); err != nil {
				return err
			}
		}
		return nil
	})
	return last, err
}

func (p *Processor) eraseIssue(ctx context.Context, tx *store.Tx, row *ent.IssueState, account string) error {
	state, err := openState(row.State)
	if err != nil {
		return err
	}
	closed, err := closeState(state.Erase(account))
	if err != nil {
		return err
	}
	history := slices.Clone(row.History)
	for i, entry := range history {
		if erased := jira.EraseRaw(entry, account); erased != nil {
			history[i] = erased
		}
	}
	update := tx.Client().IssueState.UpdateOneID(row.ID).SetState(closed).SetHistory(history).SetUpdatedAt(p.now()).AddRevision(1)
	if erased := jira.EraseRaw(row.Written, account); erased != nil {
		update.SetWritten(erased)
	}
	if err := update.Exec(ctx); err != nil || row.RecordID == 0 {
		return err
	}
	return p.eraseRecord(ctx, tx, vocab.ID{Prefix: row.RecordKind, N: row.RecordID}, account)
}

// derived are the columns that texts of an issue end up in, by the table.
var derived = map[string][]string{
	vocab.Finding.Table: {"title", "observed"}, vocab.Incident.Table: {"title", "impact"}, vocab.Action.Table: {"title", "owner"},
}

// eraseRecord takes an account out of a record, its timeline and the audit of both. That it was done is audited without what was there.
func (p *Processor) eraseRecord(ctx context.Context, tx *store.Tx, target vocab.ID, account string) error {
	touched := []vocab.ID{target}
	column := map[string]string{vocab.Finding.Prefix: event.FieldFindingID, vocab.Incident.Prefix: event.FieldIncidentID}[target.Prefix]
	if column != "" {
		ids, err := tx.Client().Event.Query().Where(func(s *entsql.Selector) { s.Where(entsql.EQ(s.C(column), target.N)) }).IDs(ctx)
		if err != nil {
			return err
		}
		for _, id := range ids {
			touched = append(touched, vocab.Event.ID(id))
		}
	}
	changed := false
	for _, id := range touched {
		columns := derived[id.Kind().Table]
		if id.Is(vocab.Event) {
			columns = []string{event.FieldText}
		}
		for _, column := range columns {
			n, err := replaceText(ctx, tx, id, column, account)
			if err != nil {
				return err
			}
			if n == 0 {
				continue
			}
			changed = true
			if err := feed.Append(ctx, tx, id, vocab.ChangeOpUpdate, p.now()); err != nil {
				return err
			}
		}
		if err := eraseAudit(ctx, tx, id, account); err != nil {
			return err
		}
	}
	if !changed {
		return nil
	}
	return audit.Record(ctx, tx, audit.Entry{Target: target, Action: "erase", Changes: []vocab.FieldChange{}, At: p.now()})
}

// shortAccount is the length below which a name may be a part of ordinary words, so that only mentions of it are replaced.
const shortAccount = 12

// replaceText takes an account out of a column and says how many rows had it. It goes past the services, since the texts of events
// are not changed otherwise.
func replaceText(ctx context.Context, tx *store.Tx, id vocab.ID, column, account string) (int64, error) {
	t := entsql.Dialect(tx.Dialect())
	find, become := account, jira.Erased
	if len(account) < shortAccount {
		find, become = "@"+account, "@"+jira.Erased
	}
	where := entsql.And(entsql.EQ("id", id.N), entsql.Contains(column, find))
	update := t.Update(id.Kind().Table).Set(column, entsql.ExprFunc(func(b *entsql.Builder) {
		b.WriteString("REPLACE(").Ident(column).WriteString(", ").Arg(find).WriteString(", ").Arg(become).WriteString(")")
	})).Where(where)
	if column == "owner" {
		update = t.Update(id.Kind().Table).Set(column, jira.Erased).Where(entsql.And(entsql.EQ("id", id.N), entsql.EQ(column, account)))
	}
	query, args := update.Query()
	result, err := tx.Client().ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// eraseAudit takes out of the audit of a record whole changes that name the account; the chain keeps their digest.
func eraseAudit(ctx context.Context, tx *store.Tx, id vocab.ID, account string) error {
	rows, err := tx.Client().AuditEntry.Query().Where(auditentry.TargetKind(id.Prefix), auditentry.TargetID(id.N)).All(ctx)
	if err != nil {
		return err
	}
	for _, row := range rows {
		text, err := json.Marshal(row.Changes)
		if err != nil {
			return err
		}
		if !bytes.Contains(text, []byte(account)) {
			continue
		}
		erased, err := chain.Erased(row.Changes)
		if err != nil {
			return err
		}
		if text, err = json.Marshal(erased); err != nil {
			return err
		}
		query, args := entsql.Dialect(tx.Dialect()).Update(auditentry.Table).Set(auditentry.FieldChanges, string(text)).Where(entsql.EQ("id", row.ID)).Query()
		if _, err := tx.Client().ExecContext(ctx, query, args...); err != nil {
			return err
		}
	}
	return nil
}
