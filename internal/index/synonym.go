package index

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/setting"
	"github.com/hindcast-kb/hindcast/ent/synonym"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/search"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

const (
	// maxWords is how many words a group may have, and maxGroups how many groups there may be: every question looks through them.
	maxWords  = 20
	maxGroups = 1000
	// starterSetting says that the first groups were written, so that those that people delete stay away.
	starterSetting = "search_starter_synonyms"
)

// SynonymInput is a group of words that mean the same.
type SynonymInput struct {
	// Words, or several words together, that mean the same. A search for one also finds the others, at a fifth of the weight.
	Words []string `json:"words" validate:"required" example:"rollback,revert" minItems:"2" maxItems:"20"`
}

// Check notes every field that breaks a rule by itself.
func (in SynonymInput) Check(c *fault.Check) {
	c.List("words", in.Words)
	if len(in.Words) < 2 || len(in.Words) > maxWords {
		c.Add("words", "out_of_range", "must have from 2 to %d entries", maxWords)
	}
	seen := map[string]bool{}
	for i, word := range in.Words {
		if seen[strings.ToLower(word)] {
			c.Add(fmt.Sprintf("words[%d]", i), "repeated", "stands in the group already")
		}
		seen[strings.ToLower(word)] = true
	}
}

// Synonyms keeps groups of words that mean the same. Every replica hears of a change through the feed.
type Synonyms struct {
	*record.Records[*ent.Synonym, *ent.SynonymMutation, SynonymInput]
}

// NewSynonyms keeps synonyms in s.
func NewSynonyms(s *store.Store, now func() time.Time) *Synonyms {
	return &Synonyms{record.New(s, now, synonyms)}
}

var synonyms = record.Noun[*ent.Synonym, *ent.SynonymMutation, SynonymInput]{
	Kind:    vocab.Synonym,
	Table:   record.TableOf(func(c *ent.Client) *ent.SynonymClient { return c.Synonym }, nil),
	Of:      func(e *ent.Synonym) SynonymInput { return SynonymInput{Words: record.ListOf(slices.Clone(e.Words))} },
	Apply:   func(in SynonymInput, m *ent.SynonymMutation) { m.SetWords(in.Words) },
	Visible: record.ToAll,
	Filters: []record.Filter{record.List("words")},
	Rule: func(ctx context.Context, tx *store.Tx, _ *ent.Synonym, _ SynonymInput, check *fault.Check) error {
		n, err := tx.Client().Synonym.Query().Count(ctx)
		if err == nil && n >= maxGroups {
			check.Add("words", "too_many", "cannot be added: there are %d groups already", n)
		}
		return err
	},
}

// appendSynonyms adds the groups that are kept.
func (x *Index) appendSynonyms(ctx context.Context, changes []search.Change) ([]search.Change, error) {
	rows, err := x.store.Read().Synonym.Query().Order(synonym.ByID()).All(ctx)
	if err != nil {
		return changes, x.store.Fault(fmt.Errorf("reading synonyms: %w", err))
	}
	groups := make([][]string, len(rows))
	for i, row := range rows {
		groups[i] = row.Words
	}
	return append(changes, search.Change{Synonyms: groups}), nil
}

// startSynonyms writes the first groups, once in the life of the store.
func (x *Index) startSynonyms(ctx context.Context) error {
	err := x.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		known, err := tx.Client().Setting.Query().Where(setting.Name(starterSetting)).Exist(ctx)
		if err != nil || known {
			return err
		}
		if _, err := x.put(ctx, tx, starterSetting, nil); err != nil {
			return err
		}
		for _, words := range search.StarterSynonyms() {
			now := x.now()
			err := tx.Client().Synonym.Create().SetWords(words).SetCreatedAt(now).SetUpdatedAt(now).SetCreatedBy(auth.System("search").Name).Exec(ctx)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if fault.Is(err, fault.Conflict) { // another replica was first
		return nil
	}
	return err
}
