package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/embed"
	"github.com/hindcast-kb/hindcast/internal/search"
	"github.com/hindcast-kb/hindcast/internal/vocab"
	"github.com/hindcast-kb/hindcast/internal/web"
)

// searchPage is what the page of a search shows.
type searchPage struct {
	Heading    string
	Total      int
	Suggestion *SearchSuggestion
	// Literally searches for the words as typed.
	Literally string
	Facets    []facetGroup
	Hits      []pageHit
	// Next is the next page, "" on the last.
	Next string
	// Share is where the search can be shared, "" for who may not, or for one that a shared view cannot hold.
	Share string
}

type facetGroup struct {
	Name   string
	Values []facetValue
}

type facetValue struct {
	Label, Link string
	Count       int
	Chosen      bool
}

type pageHit struct {
	ID, Type, Title, Link, Snippet, Status, Severity string
	Tags                                             []string
}

// facetNames are the facets of the page with their headings.
var facetNames = [][2]string{{"type", "Kind"}, {"status", "State"}, {"severity", "Severity"}, {"service_id", "Service"}, {"tag", "Tag"}}

// maxFacetValues is how many values of a facet are offered.
const maxFacetValues = 12

func (a *API) searchPage(c echo.Context) (web.Page, error) {
	values := c.QueryParams()
	for name, given := range values { // an empty box of a form asks for nothing
		if len(given) == 1 && given[0] == "" && name != "q" {
			values.Del(name)
		}
	}
	request, err := searchRequest(values)
	if err != nil {
		return web.Page{}, err
	}
	request.Facets = searchFacets
	result, docs, err := a.Index.Search(c.Request().Context(), request)
	if err != nil {
		return web.Page{}, err
	}
	p := searchPage{Heading: headingOf(values), Total: result.Total, Facets: a.facetGroups(c, values, result.Facets)}
	for _, h := range result.Hits {
		hit := a.hit(h, docs[h.ID])
		p.Hits = append(p.Hits, pageHit{
			ID: hit.ID, Type: hit.Type, Title: hit.Title, Link: a.webBase + pathOf(hit.ID), Snippet: hit.Snippet, Status: hit.Fields.Status,
			Severity: hit.Fields.Severity, Tags: hit.Fields.Tags,
		})
	}
	if s := result.Suggestion; s != nil {
		p.Suggestion, p.Literally = &SearchSuggestion{s.SearchedFor, s.InsteadOf}, a.searchLink(values, "literal", "true")
	}
	if result.Next != "" {
		p.Next = a.searchLink(values, "cursor", result.Next)
	}
	if q := values.Get("q"); q != "" && len(values) == 1 {
		p.Share = a.shareLink(c.Request().Context(), embed.Subject{Query: q})
	}
	title := "Search"
	if q := values.Get("q"); q != "" {
		title = "Search: " + q
	}
	return web.Page{Title: title, Section: sectionOf(values), Question: values.Get("q"), Data: p}, nil
}

func sectionOf(values url.Values) string {
	if types := values["type"]; len(types) == 1 && values.Get("q") == "" {
		return types[0] + "s"
	}
	return ""
}

func headingOf(values url.Values) string {
	if types := values["type"]; len(types) == 1 {
		if kind, known := vocab.KindOf(types[0]); known {
			return strings.ToUpper(kind.Path[:1]) + strings.ReplaceAll(kind.Path[1:], "_", " ") + ", newest first"
		}
	}
	return ""
}

// searchLink is the same search with one more value, or with another one where there can be one only.
func (a *API) searchLink(values url.Values, name, value string) string {
	next := url.Values{}
	for key, given := range values {
		if key != "cursor" {
			next[key] = slices.Clone(given)
		}
	}
	if name == "literal" || name == "cursor" {
		next.Set(name, value)
	} else if i := slices.Index(next[name], value); i >= 0 {
		next[name] = slices.Delete(next[name], i, i+1)
	} else {
		next.Add(name, value)
	}
	return a.webBase + "/search?" + next.Encode()
}

func (a *API) facetGroups(c echo.Context, values url.Values, counted map[string][]search.Count) []facetGroup {
	var groups []facetGroup
	for _, name := range facetNames {
		group := facetGroup{Name: name[1]}
		for _, count := range counted[name[0]] {
			chosen := slices.Contains(values[name[0]], count.Value)
			if len(group.Values) >= maxFacetValues && !chosen {
				continue
			}
			group.Values = append(group.Values, facetValue{
				Label: a.facetLabel(c, name[0], count.Value), Link: a.searchLink(values, name[0], count.Value), Count: count.Count, Chosen: chosen,
			})
		}
		groups = append(groups, group)
	}
	return groups
}

// facetLabel is what a value is called.
func (a *API) facetLabel(c echo.Context, facet, value string) string {
	if facet == "service_id" {
		if id, err := vocab.ParseID(value); err == nil {
			if s := a.services.maybe(c.Request().Context(), id); s != nil {
				return s.Name
			}
		}
	}
	return strings.ReplaceAll(value, "_", " ")
}

func pathOf(id string) string {
	parsed, _ := vocab.ParseID(id) // the index has no other
	return "/" + parsed.Kind().Path + "/" + id
}

// suggestion is one completion as the search box shows it.
type suggestion struct {
	Text string `json:"text"`
	ID   string `json:"id,omitempty"`
	Href string `json:"href,omitempty"`
}

// suggestForPage completes what is typed into the search box; it is not part of the API.
func (a *API) suggestForPage(c echo.Context) error {
	if err := requireRead(c); err != nil {
		return err
	}
	p := parameters{values: c.QueryParams(), known: []string{"q"}}
	request := search.SuggestRequest{Text: p.question(), Limit: 8}
	if err := p.err(); err != nil {
		return err
	}
	completions, err := a.Index.Suggest(c.Request().Context(), request)
	if err != nil {
		return err
	}
	items := make([]suggestion, len(completions))
	for i, completion := range completions {
		items[i] = suggestion{Text: completion.Text, ID: completion.ID}
		if completion.ID != "" {
			items[i].Href = a.webBase + pathOf(completion.ID)
		}
	}
	return c.JSON(http.StatusOK, map[string]any{"items": items})
}
