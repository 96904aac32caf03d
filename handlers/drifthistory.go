package handlers

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/drift"
	"github.com/hindcast-kb/hindcast/internal/fault"
)

// maxHistoryPaths is how many paths one history may be asked of.
const maxHistoryPaths = 50

// DriftOnset says when a path began to differ.
type DriftOnset struct {
	// The path.
	Path string `json:"path" example:"table/sessions/index/user_last_seen" maxLength:"1000"`
	// When the snapshot was taken that first shows the difference that still holds.
	Since time.Time `json:"since" format:"date-time" example:"2026-03-02T08:00:00Z"`
	// The side whose snapshot that is.
	Side string `json:"side" enums:"base,target" example:"base" maxLength:"10"`
	// The last snapshot of that side without the difference; null when the path differed as far back as both sides are known.
	Before *DriftRef `json:"before"`
	// The snapshot that first shows it.
	After DriftRef `json:"after"`
}

// DriftRef names a snapshot.
type DriftRef struct {
	// The snapshot.
	ID string `json:"id" example:"SNP-7" maxLength:"40"`
	// When it was captured.
	CapturedAt time.Time `json:"captured_at" format:"date-time" example:"2026-03-02T08:00:00Z"`
}

// DriftHistory says since when paths differ.
type DriftHistory struct {
	// One entry for each path that differs now, in the order asked.
	Items []DriftOnset `json:"items" maxItems:"50"`
}

// GetDriftHistory handles GET /api/v1/environments/{id}/drift/history.
//
//	@Summary		Tell since when two environments differ
//	@Description	For each path, between which snapshots the difference that still holds began. A path that does not differ now is left out. It looks back over the latest 1,000 snapshots of each side.
//	@Tags			environments
//	@Param			path	query		[]string			true	"the paths, at most 50"	collectionFormat(multi)
//	@Param			target	query		string				false	"the environment to compare with; the one that it is meant to equal when it is not given"
//	@Param			kind	query		vocab.SnapshotKind	false	"what kind of snapshots to compare; schema when it is not given"
//	@Success		200		{object}	DriftHistory		"since when each path differs"
//	@Router			/api/v1/environments/{id}/drift/history [get]
func (a *API) GetDriftHistory(c echo.Context) error {
	q, err := driftAsked(c, "path")
	if err != nil {
		return err
	}
	paths := c.QueryParams()["path"]
	var check fault.Check
	if len(paths) == 0 {
		check.Add("path", "required", "is required")
	}
	if len(paths) > maxHistoryPaths {
		check.Add("path", "too_many", "must be given at most %d times", maxHistoryPaths)
	}
	for _, path := range paths {
		check.Text("path", path, drift.MaxPathBytes)
	}
	if err := check.Err(); err != nil {
		return err
	}
	_, onsets, err := a.Parity.Onsets(c.Request().Context(), q, paths)
	if err != nil {
		return err
	}
	answer := DriftHistory{Items: make([]DriftOnset, len(onsets))}
	for i, o := range onsets {
		answer.Items[i] = viewOnset(o)
	}
	return c.JSON(http.StatusOK, answer)
}

func viewOnset(o drift.Onset) DriftOnset {
	view := DriftOnset{Path: o.Path, Since: o.Since.UTC(), Side: "target", After: DriftRef{o.After.ID, o.After.CapturedAt.UTC()}}
	if o.InBase {
		view.Side = "base"
	}
	if o.Before != nil {
		view.Before = &DriftRef{o.Before.ID, o.Before.CapturedAt.UTC()}
	}
	return view
}
