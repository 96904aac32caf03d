package client

import "context"

// SearchStats are figures of the search index of one replica.
type SearchStats struct {
	Seq            int64 `json:"seq"`
	Documents      int   `json:"documents"`
	Deleted        int   `json:"deleted"`
	Words          int   `json:"words"`
	Terms          int   `json:"terms"`
	ModelDocuments int   `json:"model_documents"`
	Ready          bool  `json:"ready"`
	Rebuilding     bool  `json:"rebuilding"`
}

// SearchStats asks what the search index holds.
func (c *Client) SearchStats(ctx context.Context) (SearchStats, error) {
	var s SearchStats
	_, err := c.ask(ctx, answerTime, request{method: "GET", path: "/search/stats"}, &s)
	return s, err
}

// RebuildSearch has the search index filled anew from the database and answers its figures afterwards.
func (c *Client) RebuildSearch(ctx context.Context) (SearchStats, error) {
	var s SearchStats
	_, err := c.ask(ctx, moveTime, request{method: "POST", path: "/search/rebuild"}, &s)
	return s, err
}
