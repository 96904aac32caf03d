package handlers

import "github.com/hindcast-kb/hindcast/internal/vocab"

// cards are the routes that show records on pages of others, and of the grants to do so.
func (a *API) cards() []Route {
	return append(
		crud("/embeds", a.ListEmbeds, a.CreateEmbed, nil, a.GetEmbed, nil, a.DeleteEmbed, nil),
		Route{Method: "POST", Path: basePath + "/embeds/rotate", Scope: vocab.ScopeAdmin, handler: a.RotateEmbedKeys},
		Route{Method: "POST", Path: basePath + "/reviews/draft", Scope: vocab.ScopeWrite, handler: a.DraftReview},
		Route{Method: "GET", Path: embedPath + ":token", handler: a.ShowEmbed},
		Route{Method: "GET", Path: badgePath + ":token/:name", handler: a.ShowBadge},
		Route{Method: "GET", Path: oembedPath, handler: a.GetOEmbed},
	)
}
