package client

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Verdict is an answer of the gate.
type Verdict struct {
	Decision    vocab.GateDecision `json:"decision"`
	Reasons     []Reason           `json:"reasons"`
	BriefHash   string             `json:"brief_hash"`
	EvaluatedAt time.Time          `json:"evaluated_at"`
	Counts      map[string]int     `json:"counts"`
	// Raw is the answer as it came.
	Raw []byte `json:"-"`
}

// Reason is one thing that stands in the way, or would without its waiver.
type Reason struct {
	Code       string `json:"code"`
	Ref        string `json:"ref"`
	Importance string `json:"importance"`
	Why        string `json:"why"`
	Next       string `json:"next"`
	WaivedBy   string `json:"waived_by"`
}

// Gate asks whether an attempt may go ahead. An answer that is not understood in full is an error, never a pass.
func (c *Client) Gate(ctx context.Context, attempt vocab.ID) (Verdict, error) {
	var v Verdict
	raw, err := c.ask(ctx, answerTime, request{method: "POST", path: "/attempts/" + url.PathEscape(attempt.String()) + "/gate"}, &v)
	if err != nil {
		return Verdict{}, err
	}
	if !vocab.Valid(v.Decision) {
		return Verdict{}, fmt.Errorf("the gate answered with the decision %q, which is not known here", v.Decision)
	}
	v.Raw = raw
	return v, nil
}
