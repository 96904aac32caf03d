package index

import (
	"context"
	"errors"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/setting"
	"github.com/hindcast-kb/hindcast/internal/feed"
	"github.com/hindcast-kb/hindcast/internal/search"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

const (
	// modelPrefix stands in the feed for the model of meanings, which is no record.
	modelPrefix = "MODEL"
	// modelSetting holds the model; leaseSetting says when a replica began to train one.
	modelSetting = "search_model"
	leaseSetting = "search_model_lease"
	// leaseTime is how long the others leave a replica to it.
	leaseTime = 10 * time.Minute
	// trainPause is how long a replica waits after it could not train. After a training it waits trainShare times as long as that took.
	trainPause = 10 * time.Second
	trainShare = 4
	// quiet is how long a moment without writes lasts at least, and trainAtLast how long training waits for one.
	quiet       = pollEvery / 2
	trainAtLast = time.Minute
)

// appendModel adds the model that is kept, if any.
func (x *Index) appendModel(ctx context.Context, changes []search.Change) ([]search.Change, error) {
	row, err := x.store.Read().Setting.Query().Where(setting.Name(modelSetting)).Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return changes, nil
	case err != nil:
		return changes, x.store.Fault(err)
	}
	return append(changes, search.Change{Model: row.Value}), nil
}

// train makes a model beside everything else, when the engine wants one and no other replica is at it. The model comes to all
// replicas, this one too, through the feed. Search goes on without it meanwhile, and when it fails.
func (x *Index) train(ctx context.Context) {
	now := time.Now()
	engine, learns := x.current().(Learner)
	switch {
	case !learns, x.training.Load(), now.UnixNano() < x.trainAfter.Load():
		return
	case !engine.NeedsModel():
		x.wanted = time.Time{}
		return
	case x.wanted.IsZero():
		x.wanted = now
	}
	if x.current().Stats().Model > 0 && now.Sub(x.applied) < quiet && now.Sub(x.wanted) < trainAtLast {
		return // a model of more records is a better one, and any is better than none
	}
	x.wanted = time.Time{}
	x.training.Store(true)
	x.work.Go(func() {
		began := time.Now()
		err := x.trainWith(ctx, engine)
		if err != nil && !errors.Is(err, errLeased) {
			x.complain(ctx, "training the model of meanings", err)
		}
		pause := trainPause
		if err == nil {
			pause = max(quiet, trainShare*time.Since(began))
		}
		x.trainAfter.Store(time.Now().Add(pause).UnixNano())
		x.training.Store(false)
	})
}

var errLeased = errors.New("another replica is at it")

func (x *Index) trainWith(ctx context.Context, engine Learner) error {
	if err := x.store.Tx(ctx, x.lease); err != nil {
		return err
	}
	model := engine.TrainModel()
	if model == nil {
		return nil
	}
	return x.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		id, err := x.put(ctx, tx, modelSetting, model)
		if err != nil {
			return err
		}
		if _, err := tx.Client().Setting.Delete().Where(setting.Name(leaseSetting)).Exec(ctx); err != nil {
			return err
		}
		return feed.Append(ctx, tx, vocab.ID{Prefix: modelPrefix, N: id}, vocab.ChangeOpUpdate, x.now())
	})
}

// lease is errLeased while a training that began not long ago may still be under way.
func (x *Index) lease(ctx context.Context, tx *store.Tx) error {
	row, err := tx.Client().Setting.Query().Where(setting.Name(leaseSetting)).Only(ctx)
	if err != nil && !ent.IsNotFound(err) {
		return err
	}
	if err == nil && x.now().Sub(row.UpdatedAt) < leaseTime {
		return errLeased
	}
	_, err = x.put(ctx, tx, leaseSetting, nil)
	return err
}

func (x *Index) put(ctx context.Context, tx *store.Tx, name string, value []byte) (int, error) {
	if value == nil {
		value = []byte{}
	}
	row, err := tx.Client().Setting.Query().Where(setting.Name(name)).Only(ctx)
	if ent.IsNotFound(err) {
		row, err = tx.Client().Setting.Create().SetName(name).SetValue(value).SetUpdatedAt(x.now()).Save(ctx)
	} else if err == nil {
		err = tx.Client().Setting.UpdateOneID(row.ID).SetValue(value).SetUpdatedAt(x.now()).Exec(ctx)
	}
	if err != nil {
		return 0, err
	}
	return row.ID, nil
}
