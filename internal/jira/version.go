package jira

import (
	"cmp"
	"slices"
)

// VersionState is what all events so far tell of one version of a project.
type VersionState struct {
	ID          ID     `json:"id"`
	Name        string `json:"name,omitempty"`
	ProjectID   ID     `json:"project_id,omitempty"`
	Released    bool   `json:"released,omitempty"`
	Archived    bool   `json:"archived,omitempty"`
	ReleaseDate string `json:"release_date,omitempty"`
	Deleted     bool   `json:"deleted,omitempty"`
	// MergedTo is the version that took the place of a deleted one.
	MergedTo ID `json:"merged_to,omitempty"`
	// TS is the time, in milliseconds, of the event these values are from; event names it, to order events of one millisecond.
	TS    int64  `json:"ts,omitempty"`
	Event string `json:"event,omitempty"`
}

// FixedIn says whether the issue names a version as one that fixes it: by its id, or by its name where an event gave no id.
func (s State) FixedIn(v VersionState) bool {
	return slices.ContainsFunc(get[[]Named](s.Fields, "fixVersions").Value, func(n Named) bool {
		return n.ID == v.ID || n.ID == "" && n.Name == v.Name
	})
}

// VersionEffects are what one event changed about a version.
type VersionEffects struct {
	// ReleasedNow and UnreleasedNow are set when the event turned the release flag.
	ReleasedNow   bool
	UnreleasedNow bool
	// DeletedNow is set once; MergedTo tells where links to the version go, if anywhere.
	DeletedNow bool
	MergedTo   ID
	// Changed is set when anything is another than before.
	Changed bool
	// Stale is set for an event older than what is known: it is history only.
	Stale bool
}

// Apply merges an event about a version. Deleting is for good, since ids are not used twice; otherwise the newest event wins.
func (s VersionState) Apply(e Event) (VersionState, VersionEffects) {
	v := e.Version
	if v == nil || v.ID == "" || s.ID != "" && s.ID != v.ID {
		return s, VersionEffects{}
	}
	before := s
	stale := s.ID != "" && s.older(e, *v) < 0
	if !stale {
		s = VersionState{ID: v.ID, Name: v.Name, ProjectID: v.ProjectID, Released: v.Released, Archived: v.Archived, ReleaseDate: v.ReleaseDate,
			Deleted: s.Deleted, MergedTo: s.MergedTo, TS: e.TS, Event: e.Name}
	}
	if e.Kind == KindVersionDeleted {
		s.Deleted = true
		s.MergedTo = max(s.MergedTo, v.MergedTo)
	}
	changed := s
	changed.TS, changed.Event = before.TS, before.Event
	return s, VersionEffects{ReleasedNow: !before.Released && s.Released, UnreleasedNow: before.Released && !s.Released,
		DeletedNow: !before.Deleted && s.Deleted, MergedTo: s.MergedTo, Changed: changed != before, Stale: stale}
}

// older compares the event with what is known; the names and values settle events of one millisecond the same way for everybody.
func (s VersionState) older(e Event, v Version) int {
	flag := func(b bool) int {
		if b {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(e.TS, s.TS), cmp.Compare(e.Name, s.Event), cmp.Compare(flag(v.Released), flag(s.Released)), cmp.Compare(v.Name, s.Name),
		cmp.Compare(v.ProjectID, s.ProjectID), cmp.Compare(flag(v.Archived), flag(s.Archived)), cmp.Compare(v.ReleaseDate, s.ReleaseDate))
}

// ProjectState is whether a project is there: links to the issues of one that is gone are stale and come back with it.
type ProjectState struct {
	ID   ID     `json:"id"`
	Key  string `json:"key,omitempty"`
	Gone bool   `json:"gone,omitempty"`
	TS   int64  `json:"ts,omitempty"`
}

// Apply merges an event about a project and says whether its being there changed.
func (s ProjectState) Apply(e Event) (next ProjectState, turned bool) {
	p := e.Project
	if p == nil || (e.Kind != KindProjectChanged && e.Kind != KindProjectGone) || s.ID != "" && s.ID != p.ID {
		return s, false
	}
	gone := e.Kind == KindProjectGone
	// Of two events in one millisecond the one that takes the project away counts.
	if s.ID != "" && (e.TS < s.TS || e.TS == s.TS && (s.Gone && !gone || s.Gone == gone && p.Key <= s.Key)) {
		return s, false
	}
	return ProjectState{ID: p.ID, Key: p.Key, Gone: gone, TS: e.TS}, gone != s.Gone
}
