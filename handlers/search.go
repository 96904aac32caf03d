package handlers

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/index"
	"github.com/hindcast-kb/hindcast/internal/search"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// SearchAnswer is one page of what was found.
type SearchAnswer struct {
	// The hits of this page, best first; without words, newest first.
	Items []SearchHit `json:"items" maxItems:"200"`
	// How many records match, exactly.
	Total int `json:"total" example:"12" minimum:"0"`
	// The values of each facet that was asked for among the matches, most frequent first. A facet leaves its own filter out.
	Facets map[string][]FacetCount `json:"facets"`
	// Fetches the next page; null on the last one.
	NextCursor *string `json:"next_cursor" extensions:"x-nullable" example:"AQBkLm" maxLength:"100000"`
	// How long the search took, in milliseconds.
	TookMS float64 `json:"took_ms" example:"1.8" minimum:"0"`
	// Set when words that no record has were replaced; null otherwise.
	Suggestion *SearchSuggestion `json:"suggestion" extensions:"x-nullable"`
}

// SearchHit is a record that was found.
type SearchHit struct {
	// The record.
	ID string `json:"id" example:"FND-1" maxLength:"40"`
	// The kind of record.
	Type string `json:"type" example:"finding" maxLength:"40"`
	// Its title, or what stands for one.
	Title string `json:"title" example:"Sessions expire early" maxLength:"100000"`
	// HTML: the passage that matches best, escaped, with matches inside mark elements.
	Snippet string `json:"snippet" example:"users lose their <mark>session</mark> after a minute" maxLength:"100000"`
	// How well it matches; scores of one answer can be compared with each other only.
	Score float64 `json:"score" example:"1.73"`
	// Where words of the query stand in the record.
	Highlights []SearchHighlight `json:"highlights" maxItems:"1000"`
	// What the record can be filtered by.
	Fields SearchFields `json:"fields"`
	// The page that shows the record to people.
	HTMLURL string `json:"html_url" format:"uri" example:"http://127.0.0.1:8080/findings/FND-1"`
	// The summands of the score, with explain=true.
	Explain []ScorePart `json:"explain,omitempty" maxItems:"20"`
}

// SearchHighlight is a piece of the text of a record.
type SearchHighlight struct {
	// The member of the record that has the text.
	Field string `json:"field" example:"observed" maxLength:"40"`
	// Where the piece begins, in Unicode code points from 0.
	Start int `json:"start" example:"11" minimum:"0"`
	// Where it ends; the code point there is not part of it.
	End int `json:"end" example:"18" minimum:"0"`
}

// SearchFields are values of a record that searches are narrowed by; those that the record does not have are left out.
type SearchFields struct {
	// The state of the record.
	Status string `json:"status,omitempty" example:"reported" maxLength:"40"`
	// The impact.
	Severity string `json:"severity,omitempty" example:"high" maxLength:"40"`
	// The order of work.
	Priority string `json:"priority,omitempty" example:"p1" maxLength:"40"`
	// The services it is about.
	ServiceID []string `json:"service_id,omitempty" example:"SVC-1" maxItems:"200"`
	// The part of the service.
	Component string `json:"component,omitempty" example:"sessions" maxLength:"200"`
	// Free words to find the record by.
	Tags []string `json:"tags,omitempty" example:"persistence" maxItems:"200"`
	// The environment it is about.
	EnvironmentID string `json:"environment_id,omitempty" example:"ENV-1" maxLength:"40"`
	// The attempt it belongs to.
	AttemptID string `json:"attempt_id,omitempty" example:"ATT-1" maxLength:"40"`
	// The upgrade it belongs to.
	UpgradeID string `json:"upgrade_id,omitempty" example:"UPG-1" maxLength:"40"`
}

// FacetCount says how many matches have a value.
type FacetCount struct {
	// The value.
	Value string `json:"value" example:"high" maxLength:"200"`
	// How many of the matches have it.
	Count int `json:"count" example:"12" minimum:"0"`
}

// SearchSuggestion says which words were replaced.
type SearchSuggestion struct {
	// What was searched for.
	SearchedFor string `json:"searched_for" example:"session expiry" maxLength:"2000"`
	// What was typed; add literal=true to search for that.
	InsteadOf string `json:"instead_of" example:"sesion expiry" maxLength:"2000"`
}

// ScorePart is one summand of a score.
type ScorePart struct {
	// What it measures.
	Name string `json:"name" example:"bm25f" maxLength:"40"`
	// How much it counts.
	Weight float64 `json:"weight" example:"1"`
	// What was measured; weight times value is added to the score.
	Value float64 `json:"value" example:"0.83"`
}

// searching are the routes that are answered from the index.
func (a *API) searching() []Route {
	const read, admin = vocab.ScopeRead, vocab.ScopeAdmin
	routes := []Route{
		{Method: "GET", Path: "/search", Scope: read, handler: a.Search, Indexed: true},
		{Method: "GET", Path: "/search/suggest", Scope: read, handler: a.Suggest, Indexed: true},
		{Method: "GET", Path: "/search/stats", Scope: admin, handler: a.SearchStats, Indexed: true},
		{Method: "POST", Path: "/search/rebuild", Scope: admin, handler: a.RebuildSearch},
		{Method: "POST", Path: "/similar", Scope: read, handler: a.SimilarToText},
		{Method: "GET", Path: "/findings/:id/similar", Scope: read, handler: a.SimilarToFinding, Indexed: true},
		{Method: "GET", Path: "/incidents/:id/similar", Scope: read, handler: a.SimilarToIncident, Indexed: true},
	}
	for i := range routes {
		routes[i].Path = basePath + routes[i].Path
	}
	return append(routes, crud("/synonyms", a.ListSynonyms, a.CreateSynonym, nil, a.GetSynonym, nil, a.DeleteSynonym, nil)...)
}

// Search handles GET /api/v1/search.
//
//	@Summary		Search everything
//	@Description	Finds records by what they say. Any of the words may match, and more is better; "a phrase" must occur, -word must not, begin* completes, and field:value narrows, such as severity:high or tag:persistence. An exact id or key of an issue comes first. Every q is answered. With min_seq, the answer knows that write.
//	@ID				search
//	@Tags			search
//	@Param			q			query		string			false	"what to look for; without it, the newest records that pass the filters"	maxLength(512)
//	@Param			since		query		string			false	"only what happened, or else was recorded, from this time on"	format(date-time)
//	@Param			until		query		string			false	"only what happened, or else was recorded, up to this time"		format(date-time)
//	@Param			facets		query		[]string		false	"facets to count"	Enums(type, severity, status, service_id, tag)	collectionFormat(csv)
//	@Param			explain		query		bool			false	"show what each score is made of"
//	@Param			literal		query		bool			false	"search for the words as typed, without replacing any"
//	@Param			limit		query		integer			false	"hits on a page"	minimum(1)	maximum(200)	default(20)
//	@Param			cursor		query		string			false	"next_cursor of the page before, with all else equal"	maxLength(100000)
//	@Success		200			{object}	SearchAnswer	"one page of hits"
//	@x-list			["limit","cursor"]
//	@Router			/api/v1/search [get]
func (a *API) Search(c echo.Context) error {
	request, err := searchRequest(c.QueryParams())
	if err != nil {
		return err
	}
	start := time.Now()
	result, docs, err := a.Index.Search(c.Request().Context(), request)
	if err != nil {
		return err
	}
	answer := SearchAnswer{
		Items: make([]SearchHit, len(result.Hits)), Total: result.Total, Facets: facetsOf(result.Facets),
		TookMS: float64(time.Since(start).Microseconds()) / 1000,
	}
	for i, hit := range result.Hits {
		answer.Items[i] = a.hit(hit, docs[hit.ID])
	}
	if s := result.Suggestion; s != nil {
		answer.Suggestion = &SearchSuggestion{s.SearchedFor, s.InsteadOf}
	}
	if result.Next != "" {
		answer.NextCursor = &result.Next
		c.Response().Header().Set("Link", "<"+a.nextPage(c, result.Next)+`>; rel="next"`)
	}
	return c.JSON(http.StatusOK, answer)
}

func facetsOf(counted map[string][]search.Count) map[string][]FacetCount {
	facets := make(map[string][]FacetCount, len(counted))
	for name, counts := range counted {
		facets[name] = make([]FacetCount, len(counts))
		for i, count := range counts {
			facets[name][i] = FacetCount(count)
		}
	}
	return facets
}

func (a *API) hit(h search.Hit, d *index.Document) SearchHit {
	hit := SearchHit{
		ID: h.ID, Type: h.Kind, Title: h.Title, Snippet: h.Snippet, Score: h.Score,
		Highlights: make([]SearchHighlight, len(h.Highlights)), HTMLURL: a.pageOf(h.ID),
	}
	for i, mark := range h.Highlights {
		if d != nil {
			mark = d.Member(mark)
		}
		hit.Highlights[i] = SearchHighlight(mark)
	}
	for _, p := range h.Parts {
		hit.Explain = append(hit.Explain, ScorePart(p))
	}
	if d != nil {
		hit.Fields = fieldsOf(d.Fields)
	}
	return hit
}

// pageOf is the page that shows a record to people.
func (a *API) pageOf(id string) string {
	parsed, _ := vocab.ParseID(id) // the index has no other
	return a.publicURL + "/" + parsed.Kind().Path + "/" + id
}

func fieldsOf(values map[string][]string) SearchFields {
	one := func(name string) string {
		if len(values[name]) == 0 {
			return ""
		}
		return values[name][0]
	}
	return SearchFields{
		Status: one("status"), Severity: one("severity"), Priority: one("priority"), ServiceID: values["service_id"], Component: one("component"),
		Tags: values["tag"], EnvironmentID: one("environment_id"), AttemptID: one("attempt_id"), UpgradeID: one("upgrade_id"),
	}
}

// SuggestAnswer completes what was typed.
type SuggestAnswer struct {
	// The completions, titles first.
	Items []SuggestItem `json:"items" maxItems:"20"`
}

// SuggestItem is one completion.
type SuggestItem struct {
	// What to show and to search for.
	Text string `json:"text" example:"Sessions expire early" maxLength:"100000"`
	// Whether it is the title of a record or a word completed.
	Kind string `json:"kind" enums:"title,term" example:"title"`
	// The record with that title; null for a term.
	ID *string `json:"id" extensions:"x-nullable" example:"FND-1" maxLength:"40"`
}

// Suggest handles GET /api/v1/search/suggest.
//
//	@Summary		Complete what is typed
//	@Description	Titles that have all the words typed, the last one as a beginning, and then words that begin with the last one.
//	@ID				suggest
//	@Tags			search
//	@Param			q		query		string			false	"what was typed so far"	maxLength(512)
//	@Param			limit	query		integer			false	"completions at most"	minimum(1)	maximum(20)	default(10)
//	@Success		200		{object}	SuggestAnswer	"completions"
//	@Router			/api/v1/search/suggest [get]
func (a *API) Suggest(c echo.Context) error {
	p := parameters{values: c.QueryParams(), known: []string{"q", "limit", "min_seq"}}
	request := search.SuggestRequest{Text: p.question(), Limit: p.number("limit", 10, search.MaxSuggestions)}
	if err := p.err(); err != nil {
		return err
	}
	completions, err := a.Index.Suggest(c.Request().Context(), request)
	if err != nil {
		return err
	}
	answer := SuggestAnswer{Items: make([]SuggestItem, len(completions))}
	for i, completion := range completions {
		answer.Items[i] = SuggestItem{Text: completion.Text, Kind: "term"}
		if completion.ID != "" {
			answer.Items[i].Kind, answer.Items[i].ID = "title", &completions[i].ID
		}
	}
	return c.JSON(http.StatusOK, answer)
}

// SearchStats handles GET /api/v1/search/stats.
//
//	@Summary		Figures of the search index
//	@Description	What the index of the replica that answers holds.
//	@ID				searchStats
//	@Tags			search
//	@Security		admin
//	@Success		200	{object}	index.Stats	"the figures"
//	@Router			/api/v1/search/stats [get]
func (a *API) SearchStats(c echo.Context) error {
	if err := noQuery(c, "min_seq"); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, a.Index.Stats())
}

// RebuildSearch handles POST /api/v1/search/rebuild.
//
//	@Summary		Fill the search index anew
//	@Description	Reads all records again, on the replica that answers. The present index goes on answering until the new one takes its place.
//	@ID				rebuildSearch
//	@Tags			search
//	@Security		admin
//	@Success		200	{object}	index.Stats	"the figures of the new index"
//	@Router			/api/v1/search/rebuild [post]
func (a *API) RebuildSearch(c echo.Context) error {
	if err := noQuery(c); err != nil {
		return err
	}
	_ = http.NewResponseController(c.Response()).SetWriteDeadline(time.Now().Add(moveTime)) // without one, the server's own holds
	if err := a.Index.Rebuild(c.Request().Context()); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, a.Index.Stats())
}
