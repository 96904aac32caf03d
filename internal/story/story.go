// Package story writes the demonstration data: an upgrade that was reverted twice and is about to be tried again, and an
// ordinary one that went well. It goes through the domain services like any client, each deed at its own time, so that
// audit, timelines and computed answers come out as they would have. What is shown of it is left to everybody else.
package story

import (
	"context"
	"fmt"
	"time"

	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Tell writes the story into an empty store, in one transaction. Its days are counted back from now, in the zone where the
// business keeps its hours (UTC when nil): the second attempt was reverted on a Monday one to two weeks ago. It is Conflict
// for a store that holds anything.
func Tell(ctx context.Context, s *store.Store, zone *time.Location, now time.Time) error {
	if zone == nil {
		zone = time.UTC
	}
	return s.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		told, err := tx.Client().Change.Query().Exist(ctx)
		if err != nil {
			return fmt.Errorf("looking for records: %w", err)
		}
		if told {
			return fault.New(fault.Conflict, "the store holds records already; the story is told to an empty one")
		}
		t := newTeller(ctx, s, zone, now)
		for _, chapter := range []func(*teller){
			scenery, plan, findTrouble, saturday, firstMonday, firstReview, secondPlan, friday, secondMonday, aftermath, thirdPlan, ordinary,
		} {
			chapter(t)
		}
		return t.err
	})
}

// The days of the story, counted from the Friday of the second attempt.
const (
	theSaturday  = -62
	theMonday    = -60
	theFriday    = 0
	secondRevert = 3
	ordinaryDay  = 5
)

// calendar turns days of the story into times.
type calendar struct {
	friday time.Time
	next   time.Time
	zone   *time.Location
}

func newCalendar(zone *time.Location, now time.Time) calendar {
	local := now.In(zone)
	day := func(back int) time.Time {
		return time.Date(local.Year(), local.Month(), local.Day()-back, 5, 0, 0, 0, zone)
	}
	friday, next := day(10), day(-5)
	if next.Before(now.AddDate(0, 0, 5)) {
		next = day(-6)
	}
	for friday.Weekday() != time.Friday {
		friday = friday.AddDate(0, 0, -1)
	}
	for next.Weekday() != time.Friday {
		next = next.AddDate(0, 0, 1)
	}
	return calendar{friday, next, zone}
}

// on is a time of a day counted from the Friday of the second attempt.
func (c calendar) on(day, hour, minute int) time.Time { return clock(c.friday, day, hour, minute) }

// ahead is a time of a day counted from the Friday of the third attempt.
func (c calendar) ahead(day, hour, minute int) time.Time { return clock(c.next, day, hour, minute) }

func clock(from time.Time, day, hour, minute int) time.Time {
	return time.Date(from.Year(), from.Month(), from.Day()+day, hour, minute, 0, 0, from.Location())
}

// teller does the deeds of the story one after another; after the first that fails it does no more.
type teller struct {
	calendar
	services
	ids

	ctx  context.Context
	base context.Context
	now  time.Time
	err  error
}

// ids are the records that later chapters speak of.
type ids struct {
	platform, notifications        vocab.ID
	prod, dev, sandbox, staging    vocab.ID
	upgrade, library               vocab.ID
	first, second, third, bump     vocab.ID
	sameSessions, quickRevert      vocab.ID
	loadTime, nightly, headroom    vocab.ID
	expiry, lockout, support       vocab.ID
	pileUp, slow, busyHours        vocab.ID
	sessionsDown, databaseDown     vocab.ID
	compare, watch, suspect, query vocab.ID
	review, processes              vocab.ID
}

func newTeller(ctx context.Context, s *store.Store, zone *time.Location, now time.Time) *teller {
	t := &teller{calendar: newCalendar(zone, now), base: ctx, ctx: ctx}
	t.services = newServices(s, t.tick, zone)
	return t
}

// tick is the clock of the services. It moves on with every look, so that no two deeds share a time.
func (t *teller) tick() time.Time {
	t.now = t.now.Add(time.Microsecond)
	return t.now
}

// at moves the story on to a time, and to the role that acts then.
func (t *teller) at(when time.Time, role string) {
	if t.err == nil && when.Before(t.now) {
		t.err = fmt.Errorf("the story goes back from %s to %s", t.now, when)
	}
	t.now = when
	t.ctx = auth.With(t.base, auth.Actor{Name: role, Scopes: []vocab.Scope{vocab.ScopeAdmin}})
}
