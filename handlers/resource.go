package handlers

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/strictjson"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// deeds is what a resource asks of its service; record.Records has them all.
type deeds[E record.Entity, I record.Input] interface {
	Kind() vocab.Kind
	Of(E) I
	Add(ctx context.Context, in I) (E, error)
	Get(ctx context.Context, id int) (E, error)
	ByIDs(ctx context.Context, ids []int) (map[int]E, error)
	List(ctx context.Context, q record.ListQuery) (record.Page[E], error)
	Change(ctx context.Context, id, ifVersion int, patch func(I) (I, error)) (E, error)
	Remove(ctx context.Context, id, ifVersion int) error
	Transition(ctx context.Context, id, ifVersion int, move record.Move) (E, error)
	Filters() []record.Filter
	Sorts() []string
}

// resource is the one way a noun is created, read, listed, changed and removed over HTTP: bind, one call, one view.
type resource[E record.Entity, I record.Input, V any, PV viewed[V]] struct {
	api  *API
	deed deeds[E, I]
	view func(E) V
	// expand are the relations that a view can embed.
	expand map[string]expander[V]
	// complete adds to views what other rows say of them, nil for most; it makes one query for all of them.
	complete func(ctx context.Context, views []V) error
	// offer adds to the answer to a create what the caller may want to look at next; nil for most.
	offer func(ctx context.Context, e E, view PV)
	// parent is set for a noun that lives below another.
	parent *parent[I]
}

// parent says where a noun that lives below another belongs.
type parent[I any] struct {
	kind   vocab.Kind
	column string
	get    func(I) vocab.ID
	set    func(*I, vocab.ID)
}

// below reads the parent from the path and makes sure that the caller may know of it.
func (r *resource[E, I, V, PV]) below(c echo.Context) (vocab.ID, error) {
	if r.parent == nil {
		return vocab.ID{}, nil
	}
	n, err := pathID(c, "id", r.parent.kind)
	if err != nil {
		return vocab.ID{}, err
	}
	id := r.parent.kind.ID(n)
	return id, r.api.known(c.Request().Context(), id)
}

// itemID reads the record's own id, which stands second in the path of a noun below another.
func (r *resource[E, I, V, PV]) itemID(c echo.Context) (int, error) {
	name := "id"
	if r.parent != nil && c.Param(r.deed.Kind().Name+"_id") != "" {
		name = r.deed.Kind().Name + "_id"
	}
	return pathID(c, name, r.deed.Kind())
}

// list answers a page.
func (r *resource[E, I, V, PV]) list(c echo.Context) error {
	within, err := r.below(c)
	if err != nil {
		return err
	}
	params := c.QueryParams()
	wanted, err := r.expansions(params["expand"])
	if err != nil {
		return err
	}
	params.Del("expand")
	params.Del("min_seq")
	q, err := record.ParseQuery(params)
	if err != nil {
		return err
	}
	if r.parent != nil {
		q.Within = map[string]int{r.parent.column: within.N}
	}
	ctx := c.Request().Context()
	page, err := r.deed.List(ctx, q)
	if err != nil {
		return err
	}
	answer := Page[V]{Items: make([]V, len(page.Items))}
	for i, e := range page.Items {
		answer.Items[i] = r.view(e)
	}
	if err := r.embed(ctx, wanted, answer.Items); err != nil {
		return err
	}
	if page.Next != "" {
		answer.NextCursor = &page.Next
		c.Response().Header().Set("Link", "<"+r.api.nextPage(c, page.Next)+`>; rel="next"`)
	}
	return c.JSON(http.StatusOK, answer)
}

// nextPage is the address of the same list from the cursor on.
func (a *API) nextPage(c echo.Context, cursor string) string {
	u := *c.Request().URL
	query := u.Query()
	query.Set("cursor", cursor)
	return a.publicURL + u.Path + "?" + query.Encode()
}

// create answers the record written.
func (r *resource[E, I, V, PV]) create(c echo.Context) error {
	within, err := r.below(c)
	if err != nil {
		return err
	}
	body, err := readBody(c, mimeJSON)
	if err != nil {
		return err
	}
	in, err := r.bind(body)
	if err != nil {
		return err
	}
	if r.parent != nil {
		r.parent.set(&in, within)
	}
	added, err := r.deed.Add(c.Request().Context(), in)
	if err != nil {
		return err
	}
	return r.created(c, added)
}

// created answers 201 with the record and where it is.
func (r *resource[E, I, V, PV]) created(c echo.Context, e E) error {
	view := r.view(e)
	if r.offer != nil {
		r.offer(c.Request().Context(), e, &view)
	}
	c.Response().Header().Set(echo.HeaderLocation, basePath+"/"+r.deed.Kind().Path+"/"+PV(&view).common().ID.String())
	return r.answer(c, http.StatusCreated, view)
}

// read answers one record, or 304.
func (r *resource[E, I, V, PV]) read(c echo.Context) error {
	if err := noQuery(c, "expand", "min_seq"); err != nil {
		return err
	}
	wanted, err := r.expansions(c.QueryParams()["expand"])
	if err != nil {
		return err
	}
	id, err := r.itemID(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	e, err := r.deed.Get(ctx, id)
	if err != nil {
		return err
	}
	view := []V{r.view(e)}
	if err := r.embed(ctx, wanted, view); err != nil {
		return err
	}
	return r.answer(c, http.StatusOK, view[0])
}

// answer writes a record with its entity tag.
func (r *resource[E, I, V, PV]) answer(c echo.Context, status int, view V) error {
	tag := entityTag(PV(&view).common().Version)
	c.Response().Header().Set("ETag", tag)
	if c.Request().Method == http.MethodGet && len(c.QueryParams()) == 0 && unchanged(c, tag) {
		return notModified(c)
	}
	return c.JSON(status, view)
}

// patch answers the record after a merge patch.
func (r *resource[E, I, V, PV]) patch(c echo.Context) error {
	id, ifVersion, err := r.target(c)
	if err != nil {
		return err
	}
	patch, err := readBody(c, mimeMergePatch, mimeJSON)
	if err != nil {
		return err
	}
	changed, err := r.deed.Change(c.Request().Context(), id, ifVersion, func(in I) (I, error) {
		out, err := r.merge(in, patch)
		if err == nil && r.parent != nil {
			r.parent.set(&out, r.parent.get(in))
		}
		return out, err
	})
	if err != nil {
		return err
	}
	return r.answer(c, http.StatusOK, r.view(changed))
}

// bind reads an input, naming every bad field at once.
func (r *resource[E, I, V, PV]) bind(body []byte) (I, error) {
	var in I
	err := strictjson.Decode(body, &in)
	return in, withChecks(in, err)
}

// merge applies a merge patch to an input.
func (r *resource[E, I, V, PV]) merge(in I, patch []byte) (I, error) {
	was, err := json.Marshal(in)
	if err != nil {
		return in, err
	}
	merged, err := strictjson.MergePatch(was, patch)
	if err != nil {
		return in, err
	}
	return r.bind(merged)
}

// target reads which record a write is for, and the version it is conditional on.
func (r *resource[E, I, V, PV]) target(c echo.Context) (id, ifVersion int, err error) {
	if err := noQuery(c); err != nil {
		return 0, 0, err
	}
	if id, err = r.itemID(c); err != nil {
		return 0, 0, err
	}
	ifVersion, err = ifMatch(c)
	return id, ifVersion, err
}

// remove answers 204.
func (r *resource[E, I, V, PV]) remove(c echo.Context) error {
	id, ifVersion, err := r.target(c)
	if err != nil {
		return err
	}
	if err := r.deed.Remove(c.Request().Context(), id, ifVersion); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// transition answers the record in its new state.
func (r *resource[E, I, V, PV]) transition(c echo.Context) error {
	id, ifVersion, err := r.target(c)
	if err != nil {
		return err
	}
	var move record.Move
	if err := bindJSON(c, &move); err != nil {
		return err
	}
	moved, err := r.deed.Transition(c.Request().Context(), id, ifVersion, move)
	if err != nil {
		return err
	}
	return r.answer(c, http.StatusOK, r.view(moved))
}
