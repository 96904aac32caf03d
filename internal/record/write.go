package record

import (
	"context"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/audit"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/feed"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// AnyVersion is the condition of a write that does not care what it overwrites.
const AnyVersion = 0

// Add writes a new record. It is Invalid with every bad field.
func (r *Records[E, M, I]) Add(ctx context.Context, in I) (E, error) {
	var added, none E
	if err := auth.Require(ctx, vocab.ScopeWrite); err != nil {
		return none, err
	}
	err := r.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := r.check(ctx, tx, none, in); err != nil {
			return err
		}
		var fillErr error
		row, err := r.noun.Table.create(ctx, tx.Client(), func(m M) {
			now := r.now()
			m.SetCreatedAt(now)
			m.SetUpdatedAt(now)
			m.SetCreatedBy(auth.From(ctx).Name)
			r.noun.Apply(in, m)
			fillErr = r.fill(ctx, tx, none, in, m)
		})
		if fillErr != nil {
			return fillErr
		}
		if err != nil {
			return err
		}
		added, err = r.settle(ctx, tx, none, row.Meta().ID, Entry{Op: vocab.ChangeOpCreate})
		return err
	})
	return added, err
}

// check is Invalid with every field that breaks a rule by itself, names a record that is not there, or breaks a rule that
// needs other rows.
func (r *Records[E, M, I]) check(ctx context.Context, tx *store.Tx, old E, in I) error {
	var check fault.Check
	in.Check(&check)
	if err := checkRefs(ctx, tx.Client(), tx.Dialect(), &check); err != nil {
		return err
	}
	if r.noun.Rule != nil && len(check.Fields) == 0 {
		if err := r.noun.Rule(ctx, tx, old, in, &check); err != nil {
			return err
		}
	}
	return check.Err()
}

func (r *Records[E, M, I]) fill(ctx context.Context, tx *store.Tx, old E, in I, m M) error {
	if r.noun.Fill == nil {
		return nil
	}
	return r.noun.Fill(ctx, tx, old, in, m)
}

// Change rewrites a record: patch is given what the record is as an input and answers what it shall be. It is NotFound,
// Precondition when ifVersion is given and has moved, Conflict when the state does not allow it, or Invalid.
func (r *Records[E, M, I]) Change(ctx context.Context, id, ifVersion int, patch func(I) (I, error)) (E, error) {
	return r.rewrite(ctx, id, ifVersion, Entry{Op: vocab.ChangeOpUpdate}, func(ctx context.Context, tx *store.Tx, old E) (func(M) error, error) {
		if r.noun.Guard != nil {
			if err := r.noun.Guard(ctx, tx, old, vocab.ChangeOpUpdate); err != nil {
				return nil, err
			}
		}
		in, err := patch(r.noun.Of(old))
		if err != nil {
			return nil, err
		}
		if err := r.check(ctx, tx, old, in); err != nil {
			return nil, err
		}
		return func(m M) error {
			r.noun.Apply(in, m)
			return r.fill(ctx, tx, old, in, m)
		}, nil
	})
}

// Amend sets columns that no client may set, as part of a deed of a domain package. It is a write like any other: audited,
// fed and counted in the version.
func (r *Records[E, M, I]) Amend(ctx context.Context, id int, entry Entry, fill func(M)) (E, error) {
	return r.rewrite(ctx, id, AnyVersion, entry, func(context.Context, *store.Tx, E) (func(M) error, error) {
		return func(m M) error {
			fill(m)
			return nil
		}, nil
	})
}

// rewrite is the path of every write to a record that exists. The update is conditional on the version that was read, so
// that of two writers one sees what the other did; without a condition from the caller it reads again and goes on.
func (r *Records[E, M, I]) rewrite(ctx context.Context, id, ifVersion int, entry Entry,
	decide func(ctx context.Context, tx *store.Tx, old E) (func(M) error, error),
) (E, error) {
	var changed, none E
	if err := auth.Require(ctx, entry.scope()); err != nil {
		return none, err
	}
	err := r.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		for {
			old, err := r.load(ctx, tx.Client(), id)
			if err != nil {
				return err
			}
			version := old.Meta().Version
			if ifVersion != AnyVersion && ifVersion != version {
				return r.stale(id, version)
			}
			write, err := decide(ctx, tx, old)
			if err != nil {
				return err
			}
			var writeErr error
			_, err = r.noun.Table.update(ctx, tx.Client(), id, entsql.FieldEQ("version", version), func(m M) {
				m.SetUpdatedAt(r.now())
				m.AddVersion(1)
				writeErr = write(m)
			})
			if writeErr != nil {
				return writeErr
			}
			if ent.IsNotFound(err) { // another writer was first
				continue
			}
			if err != nil {
				return err
			}
			changed, err = r.settle(ctx, tx, old, id, entry)
			return err
		}
	})
	return changed, err
}

func (r *Records[E, M, I]) stale(id, version int) error {
	return fault.New(fault.Precondition, "%s is at version %d by now; read it again", r.noun.Kind.ID(id), version)
}

// settle reads the written row back and does what follows every write.
func (r *Records[E, M, I]) settle(ctx context.Context, tx *store.Tx, before E, id int, entry Entry) (E, error) {
	after, err := r.load(auth.With(ctx, auth.System("write")), tx.Client(), id)
	if err != nil {
		return after, err
	}
	if err := r.keep(ctx, tx, r.auditable(before, entry.Op != vocab.ChangeOpCreate), r.auditable(after, true), id, entry); err != nil {
		return after, err
	}
	if r.noun.After == nil {
		return after, nil
	}
	return after, r.noun.After(ctx, tx, before, after)
}

// keep writes the audit entry and the feed entry of a write.
func (r *Records[E, M, I]) keep(ctx context.Context, tx *store.Tx, before, after any, id int, entry Entry) error {
	changes, err := audit.Diff(before, after)
	if err != nil {
		return err
	}
	target, now := r.noun.Kind.ID(id), r.now()
	err = audit.Record(ctx, tx, audit.Entry{
		Target: target, Action: entry.action(), Changes: append(changes, entry.Changes...), Reason: entry.Reason, At: now,
	})
	if err != nil {
		return err
	}
	return feed.Append(ctx, tx, target, entry.Op, now)
}

// auditable is what an audit entry compares: the input that would make the row.
func (r *Records[E, M, I]) auditable(e E, exists bool) any {
	if !exists {
		return nil
	}
	return r.noun.Of(e)
}

// Entry says what a write is in the audit and the feed.
type Entry struct {
	Op vocab.ChangeOp
	// Deed is the name of the deed when Op does not say enough.
	Deed    string
	Changes []vocab.FieldChange
	Reason  string
	// Scope is what the actor needs; write when empty.
	Scope vocab.Scope
}

func (e Entry) action() string {
	if e.Deed != "" {
		return e.Deed
	}
	return string(e.Op)
}

func (e Entry) scope() vocab.Scope {
	if e.Scope == "" {
		return vocab.ScopeWrite
	}
	return e.Scope
}

// Remove deletes a record. It is NotFound, Precondition, or Conflict naming the records that still refer to it.
func (r *Records[E, M, I]) Remove(ctx context.Context, id, ifVersion int) error {
	if err := auth.Require(ctx, vocab.ScopeWrite); err != nil {
		return err
	}
	return r.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		old, err := r.load(ctx, tx.Client(), id)
		if err != nil {
			return err
		}
		version := old.Meta().Version
		if ifVersion != AnyVersion && ifVersion != version {
			return r.stale(id, version)
		}
		if r.noun.Guard != nil {
			if err := r.noun.Guard(ctx, tx, old, vocab.ChangeOpDelete); err != nil {
				return err
			}
		}
		target := r.noun.Kind.ID(id)
		if err := unreferred(ctx, tx, target); err != nil {
			return err
		}
		if err := removeLinks(ctx, tx, target); err != nil {
			return err
		}
		err = r.noun.Table.remove(ctx, tx.Client(), id, entsql.FieldEQ("version", version))
		if ent.IsNotFound(err) {
			return r.stale(id, version)
		}
		if err != nil {
			return err
		}
		return r.keep(ctx, tx, r.auditable(old, true), nil, id, Entry{Op: vocab.ChangeOpDelete})
	})
}

// Now is the time of the service, for domain packages that share its clock.
func (r *Records[E, M, I]) Now() time.Time { return r.now() }
