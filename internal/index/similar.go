package index

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hindcast-kb/hindcast/ent/recurrence"
	"github.com/hindcast-kb/hindcast/internal/search"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Strengths of a likeness, weakest first.
const (
	Weak   = "weak"   // the texts have words in common
	Medium = "medium" // the same component
	Strong = "strong" // a shared assumption
)

// How many answers of each sort are put in order; textScale is about the highest score that texts reach.
const (
	likeLimit = 60
	textScale = 2.2
)

// rank of a strength is the whole part of a score, before the likeness of the texts.
var rank = map[string]float64{Weak: 0, Medium: 1, Strong: 2}

// Like is a record that is like another one or like a text.
type Like struct {
	ID          string
	Type        string
	Title       string
	Score       float64
	Strength    string
	MatchedOn   []string
	Explanation string
}

// LikeQuery asks for records like the one named, which the caller may know of, or like a text.
type LikeQuery struct {
	ID   vocab.ID
	Text string
	// Kinds are the names of the kinds wanted.
	Kinds []string
	Limit int
	// Clear leaves out records that share no more than one word.
	Clear bool

	title, component, service string
	assumptions               []string
}

// Similar answers the records most like what is asked about, for the actor of ctx: those that rest on the same assumption first,
// then those of the same component, then those whose texts are alike. Pairs that people rejected never return. It is Unavailable
// until the index has caught up.
func (x *Index) Similar(ctx context.Context, q LikeQuery) ([]Like, error) {
	if err := x.Ready(); err != nil {
		return nil, err
	}
	not, err := x.rejected(ctx, q.ID)
	if err != nil {
		return nil, err
	}
	if !q.ID.IsZero() {
		not = append(not, q.ID.String())
		own, err := load(ctx, x.store.Client(ctx), []vocab.ID{q.ID})
		if err != nil {
			return nil, x.store.Fault(err)
		}
		if d := own[q.ID]; d != nil {
			q.title, q.Text = d.Title.Text, d.body()
			q.component, q.service = first(d.Fields[fieldComponent]), first(d.Fields[fieldService])
			q.assumptions = d.Fields[fieldAssumption]
		}
	}
	likes, err := x.alike(ctx, q, not)
	if err != nil {
		return nil, err
	}
	return x.titled(ctx, likes, q.Limit)
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// rejected are the records that people said are no recurrence of this one.
func (x *Index) rejected(ctx context.Context, id vocab.ID) ([]string, error) {
	if id.IsZero() {
		return nil, nil
	}
	rows, err := x.store.Client(ctx).Recurrence.Query().Where(
		recurrence.StatusEQ(vocab.RecurrenceStatusRejected),
		recurrence.Or(
			recurrence.And(recurrence.FromKind(id.Prefix), recurrence.FromID(id.N)),
			recurrence.And(recurrence.ToKind(id.Prefix), recurrence.ToID(id.N)),
		)).All(ctx)
	if err != nil {
		return nil, x.store.Fault(fmt.Errorf("looking for rejected pairs: %w", err))
	}
	var not []string
	for _, r := range rows {
		not = append(not, vocab.ID{Prefix: r.FromKind, N: r.FromID}.String(), vocab.ID{Prefix: r.ToKind, N: r.ToID}.String())
	}
	return not, nil
}

// alike gathers what is alike in any way.
func (x *Index) alike(ctx context.Context, q LikeQuery, not []string) ([]Like, error) {
	e := x.current()
	found := map[string]*Like{}
	name := ""
	if !q.ID.IsZero() {
		name = q.ID.String()
	}
	texts, err := e.Similar(ctx, search.SimilarRequest{ID: name, Title: q.title, Body: q.Text, Kinds: q.Kinds, Not: not, Viewer: viewer(ctx), Limit: likeLimit})
	if err != nil {
		return nil, err
	}
	for _, item := range texts {
		if q.Clear && len(item.MatchedOn) < 2 {
			continue
		}
		found[item.ID] = &Like{
			ID: item.ID, Type: item.Kind, Strength: Weak, MatchedOn: item.MatchedOn, Explanation: item.Explanation,
			Score: min(item.Score/textScale, 0.99),
		}
	}
	if q.component != "" {
		filters := map[string][]string{fieldComponent: {q.component}}
		if q.service != "" {
			filters[fieldService] = []string{q.service}
		}
		if err := x.share(ctx, found, not, q.Kinds, filters, Medium, "component "+q.component); err != nil {
			return nil, err
		}
	}
	for _, assumption := range q.assumptions {
		if err := x.share(ctx, found, not, q.Kinds, map[string][]string{fieldAssumption: {assumption}}, Strong, "assumption "+assumption); err != nil {
			return nil, err
		}
	}
	likes := make([]Like, 0, len(found))
	for _, l := range found {
		likes = append(likes, *l)
	}
	slices.SortFunc(likes, func(a, b Like) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.ID, b.ID))
	})
	return likes, nil
}

// share adds the newest records that have the values of the filters, and says so.
func (x *Index) share(
	ctx context.Context, found map[string]*Like, not, kinds []string, filters map[string][]string, strength, what string,
) error {
	if len(kinds) > 0 {
		filters["type"] = kinds
	}
	result, err := x.current().Search(ctx, search.Request{Filters: filters, Limit: likeLimit, NoTexts: true, Viewer: viewer(ctx)})
	if err != nil {
		return err
	}
	for _, hit := range result.Hits {
		if slices.Contains(not, hit.ID) {
			continue
		}
		l := found[hit.ID]
		if l == nil {
			l = &Like{ID: hit.ID, Type: hit.Kind, Strength: Weak}
			found[hit.ID] = l
		}
		l.Score += rank[strength] - rank[l.Strength]
		l.Strength = strength
		l.MatchedOn = append([]string{what}, l.MatchedOn...)
		l.Explanation = strings.TrimSuffix("same "+what+"; "+l.Explanation, "; ")
	}
	return nil
}

// titled keeps the best that are still to be seen, with their titles.
func (x *Index) titled(ctx context.Context, likes []Like, limit int) ([]Like, error) {
	ids := make([]string, len(likes))
	for i, l := range likes {
		ids[i] = l.ID
	}
	texts, err := x.texts(ctx, ids)
	if err != nil {
		return nil, err
	}
	kept := []Like{}
	for _, l := range likes {
		if text, ok := texts[l.ID]; ok && len(kept) < limit {
			l.Title = text.Title
			kept = append(kept, l)
		}
	}
	return kept, nil
}
