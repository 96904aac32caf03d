package handlers

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/snapshot"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// SnapshotView is a snapshot as clients see it.
type SnapshotView struct {
	Record
	snapshot.Input
	// The environment captured.
	EnvironmentID vocab.ID `json:"environment_id" swaggertype:"string" example:"ENV-1"`
	// When a capture last gave the same facts.
	LastSeenAt time.Time `json:"last_seen_at" format:"date-time"`
	// Equal facts have an equal hash.
	ContentHash string `json:"content_hash" example:"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" maxLength:"64"`
	// How many facts it has.
	ItemCount int `json:"item_count" example:"412" minimum:"1"`
}

func (a *API) snapshotResource() *resource[*ent.Snapshot, snapshot.Input, SnapshotView, *SnapshotView] {
	return &resource[*ent.Snapshot, snapshot.Input, SnapshotView, *SnapshotView]{
		api: a, deed: a.Snapshots, view: a.viewSnapshot,
		parent: &parent[snapshot.Input]{
			kind: vocab.Environment, column: "environment_id",
			get: func(in snapshot.Input) vocab.ID { return in.EnvironmentID },
			set: func(in *snapshot.Input, id vocab.ID) { in.EnvironmentID = id },
		},
	}
}

func (a *API) viewSnapshot(e *ent.Snapshot) SnapshotView {
	in := a.Snapshots.Of(e)
	return SnapshotView{
		Record: a.recordView(vocab.Snapshot, e), Input: in, EnvironmentID: in.EnvironmentID, LastSeenAt: e.LastSeenAt.UTC(),
		ContentHash: e.ContentHash, ItemCount: e.ItemCount,
	}
}

// ListSnapshots handles GET /api/v1/environments/{id}/snapshots.
//
//	@Summary		List the snapshots of an environment
//	@Description	What the environment was like, newest first, without the facts.
//	@Tags			environments
//	@Success		200	{object}	Page[SnapshotView]	"one page of snapshots"
//	@Router			/api/v1/environments/{id}/snapshots [get]
func (a *API) ListSnapshots(c echo.Context) error { return a.snapshots.list(c) }

// CreateSnapshot handles POST /api/v1/environments/{id}/snapshots.
//
//	@Summary		Add a snapshot
//	@Description	Keeps what the environment is like. When the newest snapshot of the kind says the same, that one is answered with 200, as seen again.
//	@Tags			environments
//	@Param			body	body		snapshot.Input	true	"the snapshot"
//	@Success		200		{object}	SnapshotView	"the newest snapshot, which says the same"
//	@Success		201		{object}	SnapshotView	"the snapshot as kept, without the facts"
//	@Router			/api/v1/environments/{id}/snapshots [post]
func (a *API) CreateSnapshot(c echo.Context) error {
	of, err := a.snapshots.below(c)
	if err != nil {
		return err
	}
	body, err := readBody(c, mimeJSON)
	if err != nil {
		return err
	}
	in, err := a.snapshots.bind(body)
	if err != nil {
		return err
	}
	in.EnvironmentID = of
	kept, added, err := a.Snapshots.Capture(c.Request().Context(), in)
	if err != nil {
		return err
	}
	if added {
		return a.snapshots.created(c, kept)
	}
	return a.snapshots.answer(c, http.StatusOK, a.viewSnapshot(kept))
}

// GetSnapshotOfEnvironment handles GET /api/v1/environments/{id}/snapshots/{snapshot_id}.
//
//	@Summary		Read a snapshot of an environment
//	@Description	One snapshot; with items=true with its facts.
//	@Tags			environments
//	@Param			items	query		boolean			false	"whether the facts are wanted"
//	@Success		200		{object}	SnapshotView	"the snapshot"
//	@Router			/api/v1/environments/{id}/snapshots/{snapshot_id} [get]
func (a *API) GetSnapshotOfEnvironment(c echo.Context) error {
	return a.nested(c, a.snapshots.below, func(c echo.Context, of vocab.ID) error {
		wanted, err := flag(c, "items")
		if err != nil {
			return err
		}
		return a.readSnapshot(c, of, wanted)
	})
}

// GetSnapshot handles GET /api/v1/snapshots/{id}.
//
//	@Summary		Read a snapshot
//	@Description	One snapshot with its facts.
//	@Tags			environments
//	@Success		200	{object}	SnapshotView	"the snapshot"
//	@Router			/api/v1/snapshots/{id} [get]
func (a *API) GetSnapshot(c echo.Context) error { return a.readSnapshot(c, vocab.ID{}, true) }

func (a *API) readSnapshot(c echo.Context, of vocab.ID, withItems bool) error {
	if err := noQuery(c, "expand", "min_seq", "items"); err != nil {
		return err
	}
	wanted, err := a.snapshots.expansions(c.QueryParams()["expand"])
	if err != nil {
		return err
	}
	id, err := a.snapshots.itemID(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	e, err := a.Snapshots.Get(ctx, id)
	if err != nil {
		return err
	}
	if !of.IsZero() && e.EnvironmentID != of.N {
		return notOf(vocab.Snapshot.ID(id), of)
	}
	view := []SnapshotView{a.viewSnapshot(e)}
	if withItems {
		if view[0].Items, err = a.Snapshots.ItemsOf(ctx, e); err != nil {
			return err
		}
	}
	if err := a.snapshots.embed(ctx, wanted, view); err != nil {
		return err
	}
	return a.snapshots.answer(c, http.StatusOK, view[0])
}
