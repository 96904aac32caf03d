package handlers

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/index"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

const (
	// similarLimit is how many similar records are answered when no limit is given; similarMost how many at most.
	similarLimit = 10
	similarMost  = 50
	// offered is how many similar records come with the answer to a new finding or incident.
	offered = 5
	// maxSimilarText is how long a text may be that similar records are asked for.
	maxSimilarText = 20_000
)

// SimilarAnswer are records that are like the one asked about.
type SimilarAnswer struct {
	// The records, most alike first.
	Items []SimilarItem `json:"items" maxItems:"50"`
}

// SimilarItem is a record that is like another one.
type SimilarItem struct {
	// The record.
	ID string `json:"id" example:"FND-1" maxLength:"40"`
	// The kind of record.
	Type string `json:"type" example:"finding" maxLength:"40"`
	// Its title.
	Title string `json:"title" example:"Sessions expire early" maxLength:"100000"`
	// How alike they are, from 0: below 1 by their texts alone, from 1 on in the same component, from 2 on by a shared assumption.
	Score float64 `json:"score" example:"1.42" minimum:"0"`
	// How much the likeness says.
	Strength string `json:"strength" enums:"weak,medium,strong" example:"medium"`
	// What the two have in common: assumptions, the component, words.
	MatchedOn []string `json:"matched_on" example:"component sessions" maxItems:"20"`
	// The same as a sentence.
	Explanation string `json:"explanation" example:"same component sessions; shares session, expire" maxLength:"2000"`
}

// SimilarText is a text that similar records are asked for.
type SimilarText struct {
	// What somebody sees, in their own words.
	Text string `json:"text" validate:"required" example:"users are logged out after a minute" maxLength:"100000"`
}

// Check notes a text that is missing or too long.
func (in SimilarText) Check(c *fault.Check) {
	c.Required("text", in.Text)
	c.Text("text", in.Text, maxSimilarText)
}

// SimilarToText handles POST /api/v1/similar.
//
//	@Summary		Has this bitten us before?
//	@Description	Records whose texts are like the one given.
//	@ID				similarToText
//	@Tags			search
//	@Param			body	body		SimilarText		true	"what is seen"
//	@Success		200		{object}	SimilarAnswer	"similar records"
//	@Router			/api/v1/similar [post]
func (a *API) SimilarToText(c echo.Context) error {
	if err := noQuery(c); err != nil {
		return err
	}
	var in SimilarText
	err := bindJSON(c, &in)
	if err != nil {
		return withChecks(in, err)
	}
	var check fault.Check
	if in.Check(&check); check.Err() != nil {
		return check.Err()
	}
	kinds := []string{vocab.Finding.Name, vocab.Incident.Name, vocab.Lesson.Name, vocab.Assumption.Name, vocab.Review.Name}
	return a.similar(c, index.LikeQuery{Text: in.Text, Kinds: kinds, Limit: similarLimit})
}

// SimilarToFinding handles GET /api/v1/findings/{id}/similar.
//
//	@Summary		Findings and incidents like this one
//	@Description	Findings and incidents that rest on the same assumption, are of the same component, or read alike. Pairs that were rejected as a recurrence do not return.
//	@ID				similarToFinding
//	@Tags			search
//	@Param			limit	query		integer			false	"records at most"	minimum(1)	maximum(50)	default(10)
//	@Success		200		{object}	SimilarAnswer	"similar records"
//	@Router			/api/v1/findings/{id}/similar [get]
func (a *API) SimilarToFinding(c echo.Context) error { return a.similarTo(c, vocab.Finding) }

// SimilarToIncident handles GET /api/v1/incidents/{id}/similar.
//
//	@Summary		Findings and incidents like this one
//	@Description	Findings and incidents that read alike. Pairs that were rejected as a recurrence do not return.
//	@ID				similarToIncident
//	@Tags			search
//	@Param			limit	query		integer			false	"records at most"	minimum(1)	maximum(50)	default(10)
//	@Success		200		{object}	SimilarAnswer	"similar records"
//	@Router			/api/v1/incidents/{id}/similar [get]
func (a *API) SimilarToIncident(c echo.Context) error { return a.similarTo(c, vocab.Incident) }

// recurring are the kinds of record that can come back.
func recurring() []string { return []string{vocab.Finding.Name, vocab.Incident.Name} }

func (a *API) similarTo(c echo.Context, kind vocab.Kind) error {
	p := parameters{values: c.QueryParams(), known: []string{"limit", "min_seq"}}
	limit := p.number("limit", similarLimit, similarMost)
	if err := p.err(); err != nil {
		return err
	}
	n, err := pathID(c, "id", kind)
	if err != nil {
		return err
	}
	if err := a.known(c.Request().Context(), kind.ID(n)); err != nil {
		return err
	}
	return a.similar(c, index.LikeQuery{ID: kind.ID(n), Kinds: recurring(), Limit: limit})
}

func (a *API) similar(c echo.Context, q index.LikeQuery) error {
	likes, err := a.Index.Similar(c.Request().Context(), q)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, SimilarAnswer{Items: similarItems(likes)})
}

func similarItems(likes []index.Like) []SimilarItem {
	items := make([]SimilarItem, len(likes))
	for i, l := range likes {
		items[i] = SimilarItem{
			ID: l.ID, Type: l.Type, Title: l.Title, Score: l.Score, Strength: l.Strength, MatchedOn: l.MatchedOn, Explanation: l.Explanation,
		}
		if items[i].MatchedOn == nil {
			items[i].MatchedOn = []string{}
		}
	}
	return items
}

// offer finds what is like a record that was just written. A new record never fails for it: without an index the list is empty.
func (a *API) offer(ctx context.Context, id vocab.ID) []SimilarItem {
	likes, err := a.Index.Similar(ctx, index.LikeQuery{ID: id, Kinds: recurring(), Limit: offered, Clear: true})
	if err != nil {
		return []SimilarItem{}
	}
	return similarItems(likes)
}
