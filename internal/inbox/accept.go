package inbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/delivery"
	"github.com/hindcast-kb/hindcast/internal/audit"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/jira"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Message is what came over the wire.
type Message struct {
	// Source is the number of the source that the address names; zero when it names none.
	Source int
	// Alerts says that the address is the one for Alertmanager.
	Alerts bool
	Header http.Header
	URL    *url.URL
	Peer   netip.Addr
	// Body is what was sent, byte for byte, still in its content encoding.
	Body []byte
}

// Receipt says what became of a message.
type Receipt struct {
	// ID names the delivery that keeps it.
	ID vocab.ID
	// Status is accepted, duplicate or ignored.
	Status string
	// Source and KeyID name what proved it authentic.
	Source vocab.ID
	KeyID  string
}

// The words of Receipt.Status.
const (
	Accepted  = "accepted"
	Duplicate = "duplicate"
	Ignored   = "ignored"
)

// Reasons for which a delivery is set aside before it is looked at further, beside those of package jira.
const (
	reasonStale       = "stale"
	reasonEcho        = "echo"
	reasonBadEncoding = "bad_encoding"
	reasonRefetch     = "needs_refetch"
)

// storageWait bounds how long a message may wait for storage at each step: the source, then the insert. After that the sender is asked
// to come again, within two seconds in all where storage is away.
const storageWait = 1750 * time.Millisecond

// insertRate is how many bytes of a body are given another second to be written.
const insertRate = 4 << 20

// Accept keeps a message with one insert. It is NotFound for an unknown source, Forbidden for a peer that may not deliver,
// Unauthenticated for a message that is not authentic, TooLarge, and Unavailable when trying again is right. A repeat is no error.
func (b *Inbox) Accept(ctx context.Context, m Message) (Receipt, error) {
	ctx = auth.With(ctx, auth.System("jira"))
	source, err := b.source(ctx, m.Source)
	if err != nil {
		return Receipt{}, err
	}
	known := source != nil && isAlerts(source) == m.Alerts
	if !known {
		source = b.nobody
	}
	if !jira.Allowed(m.Peer, prefixes(source)) {
		return Receipt{}, fault.New(fault.Forbidden, "this address may not deliver here")
	}
	if !b.rates.allow(source.ID, source.Rate) {
		f := fault.New(fault.Unavailable, "the source sends more than it may")
		f.RetryAfter = time.Second
		return Receipt{}, f
	}
	secrets := b.sources.auth(source)
	if m.Alerts {
		secrets = plainBearer(secrets)
	}
	key, err := jira.Verify(secrets, m.Header, m.URL.Query(), m.Body, b.now())
	switch {
	case !known:
		return Receipt{}, fault.New(fault.NotFound, "there is no such source")
	case err != nil:
		return Receipt{}, refusal(err)
	}
	draft, err := b.draft(source, secrets, m)
	if err != nil {
		return Receipt{}, err
	}
	draft.KeyID = key
	receipt, err := b.keep(ctx, source, draft)
	if err == nil && m.Alerts && receipt.Status == Duplicate {
		err = b.offerAgain(ctx, receipt.ID.N)
	}
	return receipt, err
}

// source reads a source; nil when there is none.
func (b *Inbox) source(ctx context.Context, id int) (*ent.Source, error) {
	ctx, cancel := context.WithTimeout(ctx, storageWait)
	defer cancel()
	row, err := b.store.Read().Source.Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	return row, b.store.Fault(err)
}

// refusal is a failed verification for the sender, who learns the code and nothing about the secret.
func refusal(err error) error {
	var failed *jira.AuthError
	if !errors.As(err, &failed) {
		return err
	}
	kind := fault.Unauthenticated
	if failed.Unavailable() {
		kind = fault.Unavailable
	}
	f := fault.New(kind, "%s", failed.Message)
	f.Fields = []fault.Field{{Field: jira.SignatureHeader, Code: string(failed.Code), Message: failed.Message}}
	if kind == fault.Unavailable {
		f.RetryAfter = time.Minute
	}
	return f
}

// draft is the row of a message. Nothing in the body makes it fail but its size.
func (b *Inbox) draft(source *ent.Source, secrets jira.Auth, m Message) (*ent.Delivery, error) {
	sum := sha256.Sum256(m.Body)
	now := b.now()
	d := &ent.Delivery{
		SourceID: source.ID, Raw: m.Body, Encoding: strings.ToLower(m.Header.Get("Content-Encoding")), Size: len(m.Body), Sha256: hex.EncodeToString(sum[:]),
		Headers: jira.RedactHeaders(m.Header, secrets), URL: clip(jira.RedactURL(m.URL, secrets), fault.MaxURL),
		Status: vocab.DeliveryStatusReceived, NextAttemptAt: now, LastSeenAt: now,
	}
	d.MaxRetry, _ = strconv.Atoi(m.Header.Get(jira.RetryHeader)) // zero when it is no number
	body, err := jira.Unpack(m.Body, d.Encoding, jira.MaxBody)
	var event *jira.Event
	switch {
	case errors.Is(err, jira.ErrTooLarge):
		return nil, fault.New(fault.TooLarge, "the body has more than %d bytes", jira.MaxBody)
	case err != nil:
		aside(d, vocab.DeliveryStatusQuarantined, reasonBadEncoding)
	case isAlerts(source):
		describeAlerts(d, source, body)
	default:
		e, err := Decode(source, d.URL, body)
		describe(d, source, e, err, m.URL.Query())
		if err == nil {
			event = &e
		}
	}
	if event != nil && d.Status == vocab.DeliveryStatusReceived && signed(source) && jira.Stale(event.At(), now) {
		aside(d, vocab.DeliveryStatusQuarantined, reasonStale)
	}
	if d.DedupeKey == "" {
		d.DedupeKey = clip(jira.DedupeKey(m.Header, m.Body, event), 300)
	}
	if event == nil && d.IssueID != "" { // empty bodies are all the same; what names the issue is the address
		d.DedupeKey += ":" + d.IssueID
	}
	if d.Lane == "" {
		d.Lane = "delivery:" + d.Sha256
	}
	return d, nil
}

// signed says whether the deliveries of a source are signed, so that an old one may be a copy that somebody sends again.
func signed(source *ent.Source) bool {
	return source.AuthKind == vocab.SourceAuthHMAC || source.AuthKind == vocab.SourceAuthBearer
}

// Decode reads a body as its source sends it; address is the path and query it was sent to.
func Decode(source *ent.Source, address string, body []byte) (jira.Event, error) {
	from := provenance(address)
	options := jira.DecodeOptions{Payload: Payload(source)}
	if from != jira.ProvenanceWebhook {
		options.Payload = jira.PayloadWebhook
	} else if u, err := url.Parse(address); err == nil {
		options.Event = u.Query().Get("event")
	}
	e, err := jira.DecodeAs(body, options)
	e.Provenance = from
	if err == nil && e.Site == "" {
		e.Site = source.Site
	}
	return e, err
}

// describe notes what a message is about, and sets aside one that needs no worker.
func describe(d *ent.Delivery, source *ent.Source, e jira.Event, err error, query url.Values) {
	var bad *jira.DecodeError
	if errors.As(err, &bad) {
		issue := query.Get("issue")
		switch {
		case bad.Code == jira.DecodeNoBody && !issueName.MatchString(issue):
			aside(d, vocab.DeliveryStatusIgnored, string(bad.Code))
		case bad.Code == jira.DecodeNoBody:
			d.IssueID = clip(issue, 40)
			aside(d, vocab.DeliveryStatusQuarantined, reasonRefetch)
		default:
			if issueName.MatchString(issue) {
				d.IssueID = clip(issue, 40)
			}
			aside(d, vocab.DeliveryStatusQuarantined, string(bad.Code))
		}
		return
	}
	d.Event = clip(e.Name, 120)
	if d.Event == "" {
		d.Event = string(e.Kind)
	}
	d.IssueID = clip(string(e.IssueID), 40)
	if e.Issue != nil {
		d.IssueKey = clip(e.Issue.Key, 120)
	}
	d.Lane = lane(source, e)
	switch {
	case e.Ignored() != "":
		aside(d, vocab.DeliveryStatusIgnored, e.Ignored())
	case e.Echo(source.BotAccounts):
		aside(d, vocab.DeliveryStatusIgnored, reasonEcho)
	}
}

// lane names what an event is about. Events of one lane are applied one after another.
func lane(source *ent.Source, e jira.Event) string {
	about := ""
	switch ids := e.IssueIDs(); {
	case len(ids) > 0:
		about = "issue:" + string(ids[0])
	case e.Version != nil:
		about = "version:" + string(e.Version.ID)
	case e.Project != nil:
		about = "project:" + string(e.Project.ID)
	default:
		return ""
	}
	return clip(vocab.Source.ID(source.ID).String()+" "+about, 200)
}

func aside(d *ent.Delivery, status vocab.DeliveryStatus, reason string) {
	d.Status, d.Reason = status, reason
}

func clip(s string, limit int) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "")
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "")
}

// keep writes the row, or counts a repeat of one that is there.
func (b *Inbox) keep(ctx context.Context, source *ent.Source, d *ent.Delivery) (Receipt, error) {
	ctx, cancel := context.WithTimeout(ctx, storageWait+time.Duration(len(d.Raw)/insertRate)*time.Second)
	defer cancel()
	var receipt Receipt
	err := b.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		id, err := b.insert(ctx, tx, source, d)
		if err != nil {
			return err
		}
		row, err := tx.Client().Delivery.Query().Where(delivery.ID(id)).
			Select(delivery.FieldSeen, delivery.FieldStatus, delivery.FieldMaxRetry).Only(ctx)
		if err != nil {
			return err
		}
		receipt = Receipt{ID: vocab.Delivery.ID(id), Status: Accepted, Source: vocab.Source.ID(source.ID), KeyID: d.KeyID}
		switch {
		case row.Seen > 1:
			receipt.Status = Duplicate
		case d.Status == vocab.DeliveryStatusIgnored:
			receipt.Status = Ignored
		}
		if receipt.Status == Accepted {
			if err := b.fetch(ctx, tx, source, d); err != nil {
				return err
			}
		}
		if row.MaxRetry >= d.MaxRetry {
			return nil
		}
		return tx.Client().Delivery.UpdateOneID(id).SetMaxRetry(d.MaxRetry).Exec(ctx)
	})
	if err == nil && receipt.Status == Accepted {
		b.Wake()
	}
	return receipt, err
}

// insert writes the row of a delivery, or counts it where it is there, and gives its number.
func (b *Inbox) insert(ctx context.Context, tx *store.Tx, source *ent.Source, d *ent.Delivery) (int, error) {
	now := b.now()
	create := tx.Client().Delivery.Create().
		SetCreatedAt(now).SetUpdatedAt(now).SetCreatedBy(clip(source.Name, fault.MaxName)).SetSourceID(d.SourceID).SetDedupeKey(d.DedupeKey).
		SetRaw(d.Raw).SetEncoding(d.Encoding).SetSize(d.Size).SetSha256(d.Sha256).SetHeaders(d.Headers).SetURL(d.URL).SetKeyID(d.KeyID).
		SetEvent(d.Event).SetLane(d.Lane).SetIssueID(d.IssueID).SetIssueKey(d.IssueKey).SetStatus(d.Status).SetReason(d.Reason).
		SetNextAttemptAt(d.NextAttemptAt).SetLastSeenAt(d.LastSeenAt).SetMaxRetry(d.MaxRetry)
	if d.Status != vocab.DeliveryStatusReceived {
		create.SetSettledAt(now)
	}
	return create.OnConflictColumns(delivery.FieldSourceID, delivery.FieldDedupeKey).
		Update(func(u *ent.DeliveryUpsert) { u.AddSeen(1).SetLastSeenAt(now) }).ID(ctx)
}

// fetch asks to read an issue whose delivery does not tell what it is, and every changed one where the source wants that.
func (b *Inbox) fetch(ctx context.Context, tx *store.Tx, source *ent.Source, d *ent.Delivery) error {
	switch {
	case d.IssueID == "":
		return nil
	case d.Event == "": // nothing tells what it is but the address
		return PutFetch(ctx, tx, b.now(), source.ID, d.IssueID, 0)
	case source.APIRefetch && d.Status == vocab.DeliveryStatusReceived && !strings.HasSuffix(d.Event, "_deleted"):
		return PutFetch(ctx, tx, b.now(), source.ID, d.IssueID, fetchWait)
	}
	return nil
}

// issueName is the id or the key of an issue, as an address names it.
var issueName = regexp.MustCompile(`^(\d{1,18}|[A-Z][A-Z0-9_]{0,40}-\d{1,18})$`)

// Oversize notes in the audit that a message was refused for its size, with what names it, and asks to read the issue that the
// address names.
func (b *Inbox) Oversize(ctx context.Context, source int, identifier, issue string) error {
	ctx = auth.With(ctx, auth.System("jira"))
	if known, err := b.source(ctx, source); err != nil || known == nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, storageWait)
	defer cancel()
	return b.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if issue != "" && issueName.MatchString(issue) {
			if err := PutFetch(ctx, tx, b.now(), source, issue, 0); err != nil {
				return err
			}
		}
		return audit.Record(ctx, tx, audit.Entry{
			Target: vocab.Source.ID(source), Action: "oversize", At: b.now(),
			Changes: []vocab.FieldChange{{Field: "identifier", To: clip(identifier, 200)}, {Field: "issue", To: clip(issue, 40)}},
		})
	})
}

// rates limit each source that has a limit.
type rates struct {
	mu       sync.Mutex
	limiters map[int]*rate.Limiter
}

func (r *rates) allow(source, perSecond int) bool {
	if perSecond <= 0 {
		return true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.limiters == nil {
		r.limiters = map[int]*rate.Limiter{}
	}
	l, known := r.limiters[source]
	if !known || l.Limit() != rate.Limit(perSecond) {
		l = rate.NewLimiter(rate.Limit(perSecond), 2*perSecond)
		r.limiters[source] = l
	}
	return l.Allow()
}
