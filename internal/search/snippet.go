package search

import "context"

func (e *Engine) addTexts(ctx context.Context, q *query) error { return nil }
func (q *query) highlightTerms()                               {}
