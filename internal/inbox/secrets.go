package inbox

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/jira"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// defaultOverlap is how long the secret before still works: longer than a site goes on retrying.
const defaultOverlap = 24 * time.Hour

// maxOverlap bounds the overlap, since two secrets are twice the risk.
const maxOverlap = 30 * 24 * time.Hour

// Rotation replaces the secret of a source.
type Rotation struct {
	// The new key or token; it can be set and never read.
	Secret string `json:"secret" validate:"required" example:"another long random text" maxLength:"1000"`
	// How many hours the one before still works; 24 when it is not given, at most 720.
	OverlapHours *int `json:"overlap_hours,omitempty" example:"24" minimum:"0" maximum:"720"`
}

// Check notes every field that breaks a rule by itself.
func (r Rotation) Check(c *fault.Check) {
	c.Required("secret", r.Secret)
	c.Text("secret", r.Secret, 1000)
	if r.OverlapHours != nil && (*r.OverlapHours < 0 || time.Duration(*r.OverlapHours)*time.Hour > maxOverlap) {
		c.Add("overlap_hours", "out_of_range", "must be from 0 to %d", maxOverlap/time.Hour)
	}
}

// Rotate gives a source another secret; the one before works for the overlap.
func (s *Sources) Rotate(ctx context.Context, id int, r Rotation) (*ent.Source, error) {
	var check fault.Check
	if r.Check(&check); check.Err() != nil {
		return nil, check.Err()
	}
	old, err := s.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if old.AuthKind == vocab.SourceAuthNone {
		return nil, fault.New(fault.Conflict, "%s has no authentication, so it has no secret", vocab.Source.ID(id))
	}
	if s.box == nil {
		return nil, fault.New(fault.Unavailable, "the server has no encryption key; set HINDCAST_ENCRYPTION_KEY_FILE")
	}
	overlap := defaultOverlap
	if r.OverlapHours != nil {
		overlap = time.Duration(*r.OverlapHours) * time.Hour
	}
	secrets, err := s.rotated(id, old.Secrets, r.Secret, overlap)
	if err != nil {
		return nil, err
	}
	entry := record.Entry{Op: vocab.ChangeOpUpdate, Deed: "rotate_secret", Scope: vocab.ScopeAdmin}
	return s.Amend(ctx, id, entry, func(m *ent.SourceMutation) { m.SetSecrets(secrets) })
}

// rotated puts a new secret before the newest of those there are, which ends after the overlap.
func (s *Sources) rotated(id int, kept []vocab.SealedSecret, text string, overlap time.Duration) ([]vocab.SealedSecret, error) {
	sealed, err := s.box.Seal(text, vocab.Source.ID(id).String())
	if err != nil {
		return nil, fmt.Errorf("sealing the secret of a source: %w", err)
	}
	raw := make([]byte, 4)
	_, _ = rand.Read(raw) // it never fails, by its documentation
	secrets := []vocab.SealedSecret{{ID: hex.EncodeToString(raw), Sealed: sealed}}
	if len(kept) > 0 && overlap > 0 {
		old := kept[0]
		if end := s.now().UTC().Add(overlap); old.NotAfter == nil || old.NotAfter.After(end) {
			old.NotAfter = &end
		}
		secrets = append(secrets, old)
	}
	return secrets, nil
}

// auth opens the secrets of a source. One that cannot be opened is left out, so that a source whose keys are lost verifies nothing
// and says so.
func (s *Sources) auth(e *ent.Source) jira.Auth {
	a := jira.Auth{Kind: jira.AuthKind(e.AuthKind), Header: e.AuthHeader, QueryToken: e.AuthQuery}
	for _, sealed := range e.Secrets {
		text, err := s.box.Open(sealed.Sealed, vocab.Source.ID(e.ID).String())
		if err != nil {
			continue
		}
		key := jira.Secret{ID: sealed.ID, Value: jira.Hidden(text)}
		if sealed.NotAfter != nil {
			key.NotAfter = *sealed.NotAfter
		}
		a.Secrets = append(a.Secrets, key)
	}
	return a
}
