package embed

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/setting"
	"github.com/hindcast-kb/hindcast/internal/audit"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/secret"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

const (
	// keysName is the setting that holds the keys, the newest first.
	keysName = "embed_keys"
	// sealedFor binds a sealed key to its use.
	sealedFor = "setting:embed_keys"
	// plainMark begins a key that is kept without being sealed, where the server has nothing to seal with.
	plainMark = "plain:"
	// maxKeys is how many keys work at a time: one that signs, and the one before.
	maxKeys = 2
	// keysFresh is how long keys are believed before they are read again: a server learns that long after another that one is gone.
	keysFresh = 5 * time.Second
)

var errNoKey = errors.New("there is no such key")

// key is a key that signs tokens.
type key struct {
	id     [keySize]byte
	secret []byte
}

func newKey(raw []byte) key {
	sum := sha256.Sum256(append([]byte("hindcast embed key\x00"), raw...))
	return key{id: [keySize]byte(sum[:]), secret: raw}
}

// keyring reads the keys from the store and remembers them for a moment.
type keyring struct {
	store *store.Store
	now   func() time.Time
	box   *secret.Box

	mu   sync.Mutex
	keys []key
	read time.Time
}

// signing is the newest key; one is made where there is none.
func (r *keyring) signing(ctx context.Context) (key, error) {
	keys, err := r.current(ctx, false)
	if err != nil {
		return key{}, err
	}
	if len(keys) == 0 {
		if keys, err = r.rotate(ctx, true); err != nil {
			return key{}, err
		}
	}
	return keys[0], nil
}

// find is the key with an id, or errNoKey. An id that is not known may be of a key that another server has just made.
func (r *keyring) find(ctx context.Context, id [keySize]byte) (key, error) {
	for _, again := range []bool{false, true} {
		keys, err := r.current(ctx, again)
		if err != nil {
			return key{}, err
		}
		for _, k := range keys {
			if k.id == id {
				return k, nil
			}
		}
	}
	return key{}, errNoKey
}

// current are the keys that work, read anew when they are not fresh or when again asks for it.
func (r *keyring) current(ctx context.Context, again bool) ([]key, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := r.now(); r.keys != nil && !again && now.Sub(r.read) < keysFresh {
		return r.keys, nil
	}
	row, err := r.store.Read().Setting.Query().Where(setting.Name(keysName)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, r.store.Fault(err)
	}
	keys, err := r.open(row.Value)
	if err != nil {
		return nil, err
	}
	r.keys, r.read = keys, r.now()
	return keys, nil
}

// rotate makes a new key in front of the one that signs; with first, only where there is none.
func (r *keyring) rotate(ctx context.Context, first bool) ([]key, error) {
	raw := make([]byte, sha256.Size)
	_, _ = rand.Read(raw) // it never fails, by its documentation
	kept, err := r.seal(raw)
	if err != nil {
		return nil, err
	}
	err = r.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		row, err := tx.Client().Setting.Query().Where(setting.Name(keysName)).Only(ctx)
		if ent.IsNotFound(err) {
			value, err := json.Marshal([]string{kept})
			if err != nil {
				return err
			}
			if err := r.note(ctx, tx, nil, value); err != nil {
				return err
			}
			return tx.Client().Setting.Create().SetName(keysName).SetValue(value).SetUpdatedAt(r.now()).Exec(ctx)
		}
		if err != nil || first {
			return err
		}
		var all []string
		if err := json.Unmarshal(row.Value, &all); err != nil {
			return fmt.Errorf("reading the keys of embeds: %w", err)
		}
		all = append([]string{kept}, all...)
		value, err := json.Marshal(all[:min(maxKeys, len(all))])
		if err != nil {
			return err
		}
		if err := r.note(ctx, tx, row.Value, value); err != nil {
			return err
		}
		return tx.Client().Setting.UpdateOne(row).SetValue(value).SetUpdatedAt(r.now()).Exec(ctx)
	})
	if err != nil && !(first && fault.Is(err, fault.Conflict)) { // another server was first
		return nil, err
	}
	return r.current(ctx, true)
}

// note keeps in the audit which keys worked before, as far as they can be read, and which work now, by their names.
func (r *keyring) note(ctx context.Context, tx *store.Tx, before, now []byte) error {
	change := vocab.FieldChange{Field: "keys"}
	if old, err := r.open(before); err == nil {
		change.From = names(old)
	}
	made, err := r.open(now)
	if err != nil {
		return err
	}
	change.To = names(made)
	return audit.Record(ctx, tx, audit.Entry{Action: "rotate_embed_keys", Changes: []vocab.FieldChange{change}, At: r.now()})
}

// names tell keys apart, and tell nothing of them.
func names(keys []key) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = hex.EncodeToString(k.id[:])
	}
	return out
}

func (r *keyring) seal(raw []byte) (string, error) {
	text := base64.StdEncoding.EncodeToString(raw)
	if r.box == nil {
		return plainMark + text, nil
	}
	return r.box.Seal(text, sealedFor)
}

// open reads kept keys. It is Unavailable when none of them can be read with the encryption key of the server.
func (r *keyring) open(value []byte) ([]key, error) {
	var all []string
	if err := json.Unmarshal(value, &all); err != nil {
		return nil, fmt.Errorf("reading the keys of embeds: %w", err)
	}
	var keys []key
	for _, kept := range all {
		text, plain := strings.CutPrefix(kept, plainMark)
		if !plain {
			var err error
			if text, err = r.box.Open(kept, sealedFor); err != nil {
				continue
			}
		}
		raw, err := base64.StdEncoding.DecodeString(text)
		if err != nil || len(raw) != sha256.Size {
			return nil, errors.New("a key of embeds is damaged")
		}
		keys = append(keys, newKey(raw))
	}
	if len(keys) == 0 && len(all) > 0 {
		return nil, fault.New(fault.Unavailable, "the keys that sign embeds were sealed with another encryption key; start the server with that one, or rotate them")
	}
	return keys, nil
}

// Signing says which keys work, the one that signs first.
type Signing struct {
	// Names the keys; they cannot be told from it.
	Keys []string `json:"keys" example:"9f2c01ab" maxItems:"2"`
}

// Rotate makes a new key to sign with. Tokens of the key before keep working until the next rotation, and those of older keys stop
// within five seconds. The caller must be admin.
func (s *Service) Rotate(ctx context.Context) (Signing, error) {
	if err := auth.Require(ctx, vocab.ScopeAdmin); err != nil {
		return Signing{}, err
	}
	keys, err := s.keys.rotate(ctx, false)
	return Signing{Keys: names(keys)}, err
}
