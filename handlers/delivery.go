package handlers

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/inbox"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// DeliveryView is a delivery as clients see it: without its body, and without what proves that it is authentic.
type DeliveryView struct {
	Record
	// The source that sent it.
	SourceID vocab.ID `json:"source_id" swaggertype:"string" example:"SRC-1"`
	// What became of it.
	Status vocab.DeliveryStatus `json:"status" example:"applied"`
	// Why it was not applied.
	Reason string `json:"reason,omitempty" example:"needs_state" maxLength:"60"`
	// What went wrong, without anything of the body.
	Error string `json:"error,omitempty" example:"the write was refused: title (required)" maxLength:"500"`
	// The name of the event.
	Event string `json:"event" example:"jira:issue_created" maxLength:"120"`
	// The issue it is about.
	IssueID string `json:"issue_id,omitempty" example:"10021" maxLength:"40"`
	// The key of the issue.
	IssueKey string `json:"issue_key,omitempty" example:"UPG-12" maxLength:"120"`
	// Names the message, so that it is kept once.
	DedupeKey string `json:"dedupe_key" example:"hdr:0b6e0f3a9c" maxLength:"300"`
	// The key of the source that proved it authentic.
	KeyID string `json:"key_id,omitempty" example:"9f2c01ab" maxLength:"40"`
	// The path and query it was sent to, without tokens.
	URL string `json:"url" example:"/api/v1/webhooks/jira/SRC-1" maxLength:"2000"`
	// The headers, without what proves that it is authentic.
	Headers map[string][]string `json:"headers" swaggertype:"object"`
	// The bytes of the body.
	Size int `json:"size" example:"5500" minimum:"0"`
	// The hash of the body.
	SHA256 string `json:"sha256" example:"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" maxLength:"64"`
	// Whether the body is still kept, so that it can be applied once more.
	Replayable bool `json:"replayable" example:"true"`
	// The records it touched; for a dry run those it would have.
	Effects []string `json:"effects" example:"FND-1" maxItems:"200"`
	// How often it was tried.
	Attempts int `json:"attempts" example:"1" minimum:"0"`
	// How often it was sent.
	Seen int `json:"seen" example:"1" minimum:"1"`
	// When it was last sent.
	LastSeenAt time.Time `json:"last_seen_at" format:"date-time" example:"2026-03-09T08:00:00Z"`
	// The greatest count of retries that the sender told.
	MaxRetry int `json:"max_retry" example:"0" minimum:"0"`
	// When it was settled.
	SettledAt *time.Time `json:"settled_at,omitempty" format:"date-time" example:"2026-03-09T08:00:01Z"`
}

func (a *API) viewDelivery(e *ent.Delivery) DeliveryView {
	return DeliveryView{
		Record: a.recordView(vocab.Delivery, e), SourceID: vocab.Source.ID(e.SourceID), Status: e.Status, Reason: e.Reason, Error: e.Error,
		Event: e.Event, IssueID: e.IssueID, IssueKey: e.IssueKey, DedupeKey: e.DedupeKey, KeyID: e.KeyID, URL: e.URL, Headers: e.Headers,
		Size: e.Size, SHA256: e.Sha256, Replayable: !e.RawGone, Effects: record.ListOf(e.Effects), Attempts: e.Attempts, Seen: e.Seen,
		LastSeenAt: e.LastSeenAt.UTC(), MaxRetry: e.MaxRetry, SettledAt: record.UTC(e.SettledAt),
	}
}

// ListDeliveries handles GET /api/v1/deliveries.
//
//	@Summary		List deliveries
//	@Description	What sources sent and what became of it, newest first.
//	@Tags			deliveries
//	@Success		200	{object}	Page[DeliveryView]	"one page of deliveries"
//	@Router			/api/v1/deliveries [get]
func (a *API) ListDeliveries(c echo.Context) error {
	params := c.QueryParams()
	params.Del("min_seq")
	q, err := record.ParseQuery(params)
	if err != nil {
		return err
	}
	page, err := a.Inbox.List(c.Request().Context(), q)
	if err != nil {
		return err
	}
	answer := Page[DeliveryView]{Items: make([]DeliveryView, len(page.Items))}
	for i, e := range page.Items {
		answer.Items[i] = a.viewDelivery(e)
	}
	if page.Next != "" {
		answer.NextCursor = &page.Next
		c.Response().Header().Set("Link", "<"+a.nextPage(c, page.Next)+`>; rel="next"`)
	}
	return c.JSON(http.StatusOK, answer)
}

// GetDelivery handles GET /api/v1/deliveries/{id}.
//
//	@Summary		Read a delivery
//	@Description	One delivery, without its body.
//	@Tags			deliveries
//	@Success		200	{object}	DeliveryView	"the delivery"
//	@Router			/api/v1/deliveries/{id} [get]
func (a *API) GetDelivery(c echo.Context) error {
	id, err := pathID(c, "id", vocab.Delivery)
	if err != nil {
		return err
	}
	e, err := a.Inbox.Get(c.Request().Context(), id)
	if err != nil {
		return err
	}
	c.Response().Header().Set("ETag", entityTag(e.Version))
	return c.JSON(http.StatusOK, a.viewDelivery(e))
}

// ReplayDelivery handles POST /api/v1/deliveries/{id}/replay.
//
//	@ID				replayDelivery
//	@Summary		Replay a delivery
//	@Description	Applies a delivery once more, by the rules of today. What it did before is not done twice. 410 when its body is no longer kept.
//	@Tags			deliveries
//	@Success		202	{object}	DeliveryView	"the delivery, waiting"
//	@Failure		410	{object}	Problem	"what was received is not kept any more"
//	@Router			/api/v1/deliveries/{id}/replay [post]
func (a *API) ReplayDelivery(c echo.Context) error {
	id, err := pathID(c, "id", vocab.Delivery)
	if err != nil {
		return err
	}
	e, err := a.Inbox.Replay(c.Request().Context(), id)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusAccepted, a.viewDelivery(e))
}

// ReplayAnswer says how many deliveries wait to be applied once more.
type ReplayAnswer struct {
	// How many deliveries wait.
	Count int `json:"count" example:"120" minimum:"0"`
}

// ReplayDeliveries handles POST /api/v1/deliveries/replay.
//
//	@ID				replayDeliveries
//	@Summary		Replay many deliveries
//	@Description	Applies the deliveries of a range once more, by the rules of today. Those whose body is no longer kept are left out.
//	@Tags			deliveries
//	@Param			from		query		string			false	"only deliveries received at or after this time"
//	@Param			to			query		string			false	"only deliveries received before this time"
//	@Param			status		query		string			false	"only deliveries with this status"
//	@Param			source_id	query		string			false	"only deliveries of this source"
//	@Success		202			{object}	ReplayAnswer	"how many wait"
//	@Router			/api/v1/deliveries/replay [post]
func (a *API) ReplayDeliveries(c echo.Context) error {
	if err := noQuery(c, "from", "to", "status", "source_id"); err != nil {
		return err
	}
	r, err := replayRange(c)
	if err != nil {
		return err
	}
	count, err := a.Inbox.ReplayRange(c.Request().Context(), r)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusAccepted, ReplayAnswer{count})
}

func replayRange(c echo.Context) (inbox.Range, error) {
	var check fault.Check
	moment := func(name string) *time.Time {
		text := c.QueryParam(name)
		if text == "" {
			return nil
		}
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			check.Add(name, "invalid_format", "must be a time such as 2026-03-09T08:00:00Z")
		}
		return &at
	}
	r := inbox.Range{From: moment("from"), To: moment("to"), Status: vocab.DeliveryStatus(c.QueryParam("status"))}
	fault.Choice(&check, "status", r.Status)
	if text := c.QueryParam("source_id"); text != "" {
		id, err := vocab.ParseID(text)
		if err != nil || !id.Is(vocab.Source) {
			check.Add("source_id", "invalid_format", "must be the id of a source, such as %s", vocab.Source.ID(1))
		}
		r.Source = id.N
	}
	return r, check.Err()
}
