// Package jirasync applies deliveries of Jira: it merges an event into what is known of its issue, asks the rules of the source
// what the issue is, and writes findings, actions, incidents, attempts, timelines and links through their own services, all in the
// transaction of the delivery. What an event means is decided in package jira; taking deliveries in is left to package inbox.
package jirasync

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/delivery"
	"github.com/hindcast-kb/hindcast/ent/issuestate"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/catalog"
	"github.com/hindcast-kb/hindcast/internal/finding"
	"github.com/hindcast-kb/hindcast/internal/inbox"
	"github.com/hindcast-kb/hindcast/internal/incident"
	"github.com/hindcast-kb/hindcast/internal/jira"
	"github.com/hindcast-kb/hindcast/internal/review"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/upgrade"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Services are what records are written through.
type Services struct {
	Findings   *finding.Service
	Actions    *review.Actions
	Incidents  *incident.Service
	Events     *incident.Events
	References *catalog.References
	Upgrades   *upgrade.Upgrades
	Attempts   *upgrade.Attempts
	Efforts    *upgrade.Efforts
}

// Processor applies deliveries.
type Processor struct {
	Services
	store *store.Store
	now   func() time.Time
}

// New applies deliveries to s.
func New(s *store.Store, now func() time.Time, services Services) *Processor {
	return &Processor{Services: services, store: s, now: now}
}

// Reasons of outcomes, beside those of packages jira and inbox.
const (
	reasonNeedsState = "needs_state"
	reasonNoRule     = "no_rule"
	// reasonUnknownIssue is why the deletion of an issue that was never heard of leaves nothing but a note.
	reasonUnknownIssue = "unknown_issue"
	reasonNoChange     = "no_change"
	// reasonRecordGone is why an issue is followed no more: somebody deleted its record.
	reasonRecordGone = "record_deleted"
	reasonNoService  = "no_service"
	reasonNoAttempt  = "no_attempt"
)

// Process applies one delivery. It has the form of inbox.Process.
func (p *Processor) Process(ctx context.Context, tx *store.Tx, d *ent.Delivery, source *ent.Source) (inbox.Outcome, error) {
	ctx = auth.With(ctx, auth.System("jira"))
	e, outcome, done := p.read(d, source)
	if done {
		return outcome, nil
	}
	return p.apply(ctx, tx, source, e)
}

// read decodes a delivery; done is set for one that there is nothing to do for.
func (p *Processor) read(d *ent.Delivery, source *ent.Source) (e jira.Event, outcome inbox.Outcome, done bool) {
	aside := func(status vocab.DeliveryStatus, reason string) (jira.Event, inbox.Outcome, bool) {
		return e, inbox.Outcome{Status: status, Reason: reason}, true
	}
	body, err := jira.Unpack(d.Raw, d.Encoding, jira.MaxBody)
	if err != nil {
		return aside(vocab.DeliveryStatusQuarantined, "bad_encoding")
	}
	e, err = inbox.Decode(source, d.URL, body)
	whole(&e, source, d.CreatedAt)
	var bad *jira.DecodeError
	switch {
	case errors.As(err, &bad) && bad.Code == jira.DecodeNoBody:
		return aside(vocab.DeliveryStatusIgnored, string(bad.Code))
	case errors.As(err, &bad):
		return aside(vocab.DeliveryStatusQuarantined, string(bad.Code))
	case e.Ignored() != "":
		return aside(vocab.DeliveryStatusIgnored, e.Ignored())
	case e.Echo(source.BotAccounts):
		return aside(vocab.DeliveryStatusIgnored, "echo")
	}
	return e, inbox.Outcome{}, false
}

// whole takes an issue that a rule of Automation sends for all there is to it, as of when it was sent: what such a rule sends is
// written by people, who may leave out when the issue was changed.
func whole(e *jira.Event, source *ent.Source, came time.Time) {
	if e.Issue == nil || !e.Issue.Updated.IsZero() || inbox.Payload(source) == jira.PayloadWebhook {
		return
	}
	switch e.Kind {
	case jira.KindIssueCreated, jira.KindIssueUpdated, jira.KindIssueDeleted:
		e.Issue.Updated = first(e.At(), came)
	}
}

func (p *Processor) apply(ctx context.Context, tx *store.Tx, source *ent.Source, e jira.Event) (inbox.Outcome, error) {
	switch {
	case e.Kind == jira.KindUserDeleted:
		return p.userDeleted(ctx, tx, source, e)
	case e.Version != nil:
		return p.version(ctx, tx, source, e)
	case e.Project != nil && len(e.IssueIDs()) == 0:
		return p.project(ctx, tx, e)
	case len(e.IssueIDs()) == 0:
		return inbox.Outcome{Status: vocab.DeliveryStatusIgnored, Reason: "by_policy"}, nil
	}
	rules, err := inbox.Rules(source)
	if err != nil {
		return inbox.Outcome{}, err
	}
	ids := e.IssueIDs()
	slices.Sort(ids) // two events about the same two issues must not wait for one another
	total := inbox.Outcome{Status: vocab.DeliveryStatusNoop, Reason: reasonNoChange}
	for _, id := range ids {
		one, err := p.issue(ctx, tx, source, rules, e, id)
		if err != nil {
			return total, err
		}
		total = worse(total, one)
	}
	return total, nil
}

// worse joins the outcomes of two issues: what was applied counts, then what could not be.
func worse(a, b inbox.Outcome) inbox.Outcome {
	rank := []vocab.DeliveryStatus{vocab.DeliveryStatusNoop, vocab.DeliveryStatusIgnored, vocab.DeliveryStatusApplied, vocab.DeliveryStatusQuarantined}
	effects := append(a.Effects, b.Effects...)
	if slices.Index(rank, b.Status) > slices.Index(rank, a.Status) || a.Status == b.Status && a.Reason == reasonNoChange {
		a = b
	}
	a.Effects = effects
	return a
}

// tracked is an issue in the hands of one transaction.
type tracked struct {
	row   *ent.IssueState
	state jira.State
	// written is what was last written to the record because of Jira, by field.
	written map[string]string
	effects []string
	// seeding is set while it is only noted what Jira says, and the record stays as it is.
	seeding bool
	// replaces is the row that stood in for this one while nothing told the site, or zero.
	replaces int
}

// issue applies an event to one issue.
func (p *Processor) issue(ctx context.Context, tx *store.Tx, source *ent.Source, rules jira.Rules, e jira.Event, id jira.ID) (inbox.Outcome, error) {
	site, err := p.siteOf(ctx, tx, source, e, id)
	if err != nil {
		return inbox.Outcome{}, err
	}
	e.Site = site
	t, err := p.track(ctx, tx, source, site, id)
	if err != nil {
		return inbox.Outcome{}, err
	}
	return p.merge(ctx, tx, source, rules, e, t)
}

// merge applies an event to a tracked issue.
func (p *Processor) merge(ctx context.Context, tx *store.Tx, source *ent.Source, rules jira.Rules, e jira.Event, t *tracked) (inbox.Outcome, error) {
	id := jira.ID(t.row.IssueID)
	wasComplete := t.state.Complete() && (t.state.LiveAt > 0 || !t.state.Deleted())
	next, fx := t.state.Apply(rules.Prepare(t.state, e))
	decision := decide(rules, t.row, next, e.Kind)
	if decision.Entity == jira.EntityIgnore {
		decision = former(rules, t.row, next, e, decision)
	}
	if e.Kind == jira.KindIssueDeleted && next.Deleted() && next.LiveAt == 0 && t.target().IsZero() {
		return p.buried(ctx, tx, rules, e, t)
	}
	unborn := next.Deleted() && next.LiveAt == 0 && len(fx.Comments)+len(fx.Buried)+len(fx.Worklogs) > 0 // its record is still to come
	if unborn || decision.NeedsState && (len(fx.Comments) > 0 || len(fx.Buried) > 0 || len(fx.Worklogs) > 0 || e.Issue != nil) && !next.Deleted() {
		return inbox.Outcome{Status: vocab.DeliveryStatusQuarantined, Reason: reasonNeedsState}, inbox.PutFetch(ctx, tx, p.now(), source.ID, string(id), 0)
	}
	t.state = next
	unknown := t.target().IsZero()
	if !unknown {
		if there, err := exists(ctx, tx, t.target()); err != nil || !there { // people deleted it, and shall not find it again
			return inbox.Outcome{Status: vocab.DeliveryStatusIgnored, Reason: reasonRecordGone}, errors.Join(err, p.save(ctx, tx, t, fx))
		}
	}
	if err := p.write(ctx, tx, source, t, decision, fx); err != nil {
		return inbox.Outcome{}, err
	}
	if unknown && !t.target().IsZero() {
		if err := p.tellAgain(ctx, tx, source, t); err != nil {
			return inbox.Outcome{}, err
		}
	}
	if err := p.relate(ctx, tx, source, t, decision); err != nil {
		return inbox.Outcome{}, err
	}
	if err := p.save(ctx, tx, t, fx); err != nil {
		return inbox.Outcome{}, err
	}
	if !wasComplete && next.Complete() && (next.LiveAt > 0 || !next.Deleted()) {
		if err := p.retryWaiting(ctx, tx, source, id); err != nil {
			return inbox.Outcome{}, err
		}
	}
	return outcomeOf(t, decision, fx), nil
}

// decide says what an issue is by the rules of its source; kind is the event that asks, or empty.
func decide(rules jira.Rules, row *ent.IssueState, s jira.State, kind jira.Kind) jira.Decision {
	decision := rules.Match(s, kind)
	if row.Ours {
		decision = rules.Owned(s, entityOf(row.RecordKind), decision)
	}
	return decision
}

// buried notes that an issue is gone that was never heard of. There is no record of it; should older events bring one yet, the comments
// that the deletion lists are told again.
func (p *Processor) buried(ctx context.Context, tx *store.Tx, rules jira.Rules, e jira.Event, t *tracked) (inbox.Outcome, error) {
	kept := t.state
	var fx jira.Effects
	t.state, fx = kept.Apply(rules.Prepare(kept, e))
	t.state = t.state.TellCommentsAgain(func(id jira.ID) bool { _, known := kept.Comments[id]; return known })
	outcome := inbox.Outcome{Status: vocab.DeliveryStatusNoop, Reason: reasonUnknownIssue}
	return outcome, p.save(ctx, tx, t, fx)
}

// former is what an issue is that matches no rule by now and did before: it keeps its record, which goes on following it. Whether it did
// is told by the record it has, or by an older event that comes late.
func former(rules jira.Rules, row *ent.IssueState, s jira.State, e jira.Event, decided jira.Decision) jira.Decision {
	entity := entityOf(row.RecordKind)
	if row.RecordID == 0 {
		if e.Issue == nil || e.Issue.Updated.IsZero() {
			return decided
		}
		then, _ := jira.State{}.Apply(e)
		was := rules.Match(then, e.Kind)
		if was.NeedsState || was.Entity == jira.EntityIgnore {
			return decided
		}
		entity = was.Entity
	}
	d := rules.Owned(s, entity, decided)
	d.Former = d.Entity != jira.EntityIgnore
	return d
}

func outcomeOf(t *tracked, d jira.Decision, fx jira.Effects) inbox.Outcome {
	switch {
	case len(t.effects) > 0:
		return inbox.Outcome{Status: vocab.DeliveryStatusApplied, Effects: t.effects}
	case fx.Noop():
		return inbox.Outcome{Status: vocab.DeliveryStatusNoop, Reason: fx.Reason()}
	case t.row.RecordID == 0 && d.Entity == jira.EntityIgnore:
		return inbox.Outcome{Status: vocab.DeliveryStatusIgnored, Reason: reasonNoRule}
	case t.row.RecordID == 0 && d.Entity == jira.EntityAttempt:
		return inbox.Outcome{Status: vocab.DeliveryStatusIgnored, Reason: reasonNoAttempt}
	}
	return inbox.Outcome{Status: vocab.DeliveryStatusApplied}
}

// siteOf is the site an issue belongs to. Events about links do not tell; then it is that of the issue as the source knows it, and the
// source itself stands in for the site of an issue that is still to come.
func (p *Processor) siteOf(ctx context.Context, tx *store.Tx, source *ent.Source, e jira.Event, id jira.ID) (string, error) {
	if e.Site != "" {
		return e.Site, nil
	}
	unknown := vocab.Source.ID(source.ID).String()
	if err := tx.Lock(ctx, lockName(unknown, id)); err != nil { // a new issue at a site asks for the same, see track
		return "", err
	}
	row, err := tx.Client().IssueState.Query().Where(issuestate.SourceID(source.ID), issuestate.IssueID(string(id))).Order(ent.Asc(issuestate.FieldID)).First(ctx)
	if ent.IsNotFound(err) {
		return unknown, nil
	}
	if err != nil {
		return "", err
	}
	return row.Site, nil
}

func lockName(site string, id jira.ID) string { return site + " issue " + string(id) }

// track reads what is known of an issue and keeps other transactions from it until this one ends.
func (p *Processor) track(ctx context.Context, tx *store.Tx, source *ent.Source, site string, id jira.ID) (*tracked, error) {
	if err := tx.Lock(ctx, lockName(site, id)); err != nil {
		return nil, err
	}
	row, err := tx.Client().IssueState.Query().Where(issuestate.Site(site), issuestate.IssueID(string(id))).Only(ctx)
	if ent.IsNotFound(err) {
		return p.arrived(ctx, tx, source, site, id)
	}
	if err != nil {
		return nil, err
	}
	return openTracked(row)
}

// arrived is an issue that is new at its site, with what events told of it that did not name the site.
func (p *Processor) arrived(ctx context.Context, tx *store.Tx, source *ent.Source, site string, id jira.ID) (*tracked, error) {
	row := &ent.IssueState{Site: site, IssueID: string(id), SourceID: source.ID, CreatedAt: p.now()}
	unknown := vocab.Source.ID(source.ID).String()
	if site == unknown {
		return openTracked(row)
	}
	if err := tx.Lock(ctx, lockName(unknown, id)); err != nil {
		return nil, err
	}
	waiting, err := tx.Client().IssueState.Query().Where(issuestate.Site(unknown), issuestate.IssueID(string(id))).Only(ctx)
	if ent.IsNotFound(err) {
		return openTracked(row)
	}
	if err != nil {
		return nil, err
	}
	replaces := waiting.ID
	waiting.ID, waiting.Site = 0, site
	t, err := openTracked(waiting)
	if err == nil {
		t.replaces = replaces
	}
	return t, err
}

// openTracked takes a row apart.
func openTracked(row *ent.IssueState) (*tracked, error) {
	t := &tracked{row: row, written: map[string]string{}}
	var err error
	if len(row.State) > 0 {
		if t.state, err = openState(row.State); err != nil {
			return nil, err
		}
	}
	if len(row.Written) > 0 {
		if err := json.Unmarshal(row.Written, &t.written); err != nil {
			return nil, fmt.Errorf("reading what was written: %w", err)
		}
	}
	if row.Events == nil {
		row.Events = map[string]int{}
	}
	if row.Efforts == nil {
		row.Efforts = map[string]int{}
	}
	if row.Parts == nil {
		row.Parts = map[string]int{}
	}
	return t, nil
}

// closeState writes a state as a text within JSON: a column of JSON may come back with other spaces and another order of members,
// and the merge compares values by their bytes.
func closeState(s jira.State) (json.RawMessage, error) {
	raw, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	return json.Marshal(string(raw))
}

func openState(raw json.RawMessage) (jira.State, error) {
	var text string
	var s jira.State
	if err := json.Unmarshal(raw, &text); err != nil {
		return s, fmt.Errorf("reading the state of an issue: %w", err)
	}
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return s, fmt.Errorf("reading the state of an issue: %w", err)
	}
	return s, nil
}

// maxHistory bounds the changes that are kept of an issue; the oldest go first.
const maxHistory = 500

// save keeps what is known of the issue from now on.
func (p *Processor) save(ctx context.Context, tx *store.Tx, t *tracked, fx jira.Effects) error {
	state, err := closeState(t.state)
	if err != nil {
		return err
	}
	written, err := json.Marshal(t.written)
	if err != nil {
		return err
	}
	history, err := withHistory(t.row.History, fx.History)
	if err != nil {
		return err
	}
	key, now := t.state.Issue().Key, p.now()
	if t.replaces != 0 {
		if err := tx.Client().IssueState.DeleteOneID(t.replaces).Exec(ctx); err != nil {
			return err
		}
	}
	if t.row.ID == 0 {
		return tx.Client().IssueState.Create().SetSite(t.row.Site).SetIssueID(t.row.IssueID).SetSourceID(t.row.SourceID).SetKey(key).SetState(state).
			SetWritten(written).SetRecordKind(t.row.RecordKind).SetRecordID(t.row.RecordID).SetEvents(t.row.Events).SetEfforts(t.row.Efforts).
			SetParts(t.row.Parts).SetOurs(t.row.Ours).SetHistory(history).SetLink(t.row.Link).SetCreatedAt(now).SetUpdatedAt(now).Exec(ctx)
	}
	return tx.Client().IssueState.UpdateOneID(t.row.ID).SetKey(key).SetState(state).SetWritten(written).SetRecordKind(t.row.RecordKind).
		SetRecordID(t.row.RecordID).SetEvents(t.row.Events).SetEfforts(t.row.Efforts).SetParts(t.row.Parts).SetOurs(t.row.Ours).
		SetHistory(history).SetLink(t.row.Link).AddRevision(1).SetUpdatedAt(now).Exec(ctx)
}

// withHistory puts an entry where it belongs in Jira's order.
func withHistory(kept []json.RawMessage, entry *jira.HistoryEntry) ([]json.RawMessage, error) {
	entries := make([]jira.HistoryEntry, 0, len(kept)+1)
	for _, raw := range kept {
		var e jira.HistoryEntry
		if err := json.Unmarshal(raw, &e); err != nil {
			return nil, fmt.Errorf("reading the history of an issue: %w", err)
		}
		entries = append(entries, e)
	}
	if entry != nil {
		entries = append(entries, *entry)
	}
	slices.SortStableFunc(entries, func(a, b jira.HistoryEntry) int {
		if c := a.At().Compare(b.At()); c != 0 {
			return c
		}
		if a.Key < b.Key {
			return -1
		}
		return 1
	})
	if len(entries) > maxHistory {
		entries = entries[len(entries)-maxHistory:]
	}
	out := make([]json.RawMessage, 0, len(entries))
	for _, e := range entries {
		raw, err := json.Marshal(e)
		if err != nil {
			return nil, err
		}
		out = append(out, raw)
	}
	return out, nil
}

// tellAgain lets the comments be told again that came while their issue had no record, since it has one now.
func (p *Processor) tellAgain(ctx context.Context, tx *store.Tx, source *ent.Source, t *tracked) error {
	t.state = t.state.TellCommentsAgain(func(id jira.ID) bool { return t.row.Events[string(id)] != 0 })
	return tx.Client().Delivery.Update().
		Where(delivery.SourceID(source.ID), delivery.IssueID(t.row.IssueID), delivery.StatusIn(vocab.DeliveryStatusIgnored, vocab.DeliveryStatusNoop),
			delivery.ReasonIn(reasonNoRule, reasonUnknownIssue), delivery.RawGone(false)).
		SetStatus(vocab.DeliveryStatusReceived).SetReason("").SetNextAttemptAt(p.now()).SetAttempts(0).Exec(ctx)
}

// retryWaiting lets deliveries that waited for the whole issue be applied.
func (p *Processor) retryWaiting(ctx context.Context, tx *store.Tx, source *ent.Source, id jira.ID) error {
	return tx.Client().Delivery.Update().
		Where(delivery.SourceID(source.ID), delivery.IssueID(string(id)), delivery.StatusEQ(vocab.DeliveryStatusQuarantined), delivery.Reason(reasonNeedsState), delivery.RawGone(false)).
		SetStatus(vocab.DeliveryStatusReceived).SetReason("").SetNextAttemptAt(p.now()).SetAttempts(0).Exec(ctx)
}
