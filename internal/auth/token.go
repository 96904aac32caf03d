package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"strings"
	"sync"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/setting"
	"github.com/hindcast-kb/hindcast/ent/token"
	"github.com/hindcast-kb/hindcast/internal/audit/chain"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// A token is written hc_<key>_<secret><checksum>: the key finds its row, the secret has 160 bits, and the checksum lets a
// secret scanner, or us, tell a token from other text without asking anyone.
const (
	tokenPrefix   = "hc_"
	keyBytes      = 5
	secretBytes   = 20
	checksumBytes = 4
)

var tokenText = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// errToken does not say whether the token is unknown, wrong, expired or revoked.
var errToken = fault.New(fault.Unauthenticated, "the token is not valid")

// Tokens issues service tokens and lets their holders in.
type Tokens struct {
	store *store.Store
	now   func() time.Time
	used  sync.Map // token id → the minute last noted, so that a busy token is not written at every call
}

// NewTokens keeps tokens in s.
func NewTokens(s *store.Store, now func() time.Time) *Tokens { return &Tokens{store: s, now: now} }

// Grant is what a new token may do.
type Grant struct {
	Name    string        `json:"name" validate:"required" example:"release pipeline" maxLength:"120"`
	Scopes  []vocab.Scope `json:"scopes" validate:"required" maxItems:"5"`
	Team    string        `json:"team,omitempty" example:"payments" maxLength:"120"`
	Expires *time.Time    `json:"expires_at,omitempty" format:"date-time"`
}

// Check notes a name, scope or team that cannot be.
func (g Grant) Check(c *fault.Check) {
	c.Title("name", g.Name)
	c.Text("name", g.Name, fault.MaxName)
	c.Text("team", g.Team, fault.MaxName)
	if len(g.Scopes) == 0 {
		c.Add("scopes", "required", "is required")
	}
	for i, scope := range g.Scopes {
		fault.RequiredChoice(c, fmt.Sprintf("scopes[%d]", i), scope)
	}
}

// Issue makes a token and gives its text, which is kept nowhere. The caller must be admin.
func (t *Tokens) Issue(ctx context.Context, grant Grant) (*ent.Token, string, error) {
	if err := Require(ctx, vocab.ScopeAdmin); err != nil {
		return nil, "", err
	}
	var check fault.Check
	grant.Check(&check)
	if grant.Expires != nil && !grant.Expires.After(t.now()) {
		check.Add("expires_at", "out_of_range", "must be in the future")
	}
	if err := check.Err(); err != nil {
		return nil, "", err
	}
	var issued *ent.Token
	var text string
	err := t.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		var err error
		issued, text, err = t.issue(ctx, tx, grant)
		return err
	})
	return issued, text, err
}

// audit keeps who issued or revoked a token. The row is written here since package audit builds on this one.
func (t *Tokens) audit(ctx context.Context, tx *store.Tx, of *ent.Token, deed string, changes ...vocab.FieldChange) {
	actor := From(ctx)
	row := &ent.AuditEntry{
		At: store.UTC(t.now()), Actor: actor.Name, Action: deed, TargetKind: vocab.Token.Prefix, TargetID: of.ID, Changes: changes, RequestID: RequestFrom(ctx),
	}
	if actor.TokenID != 0 {
		row.TokenID = &actor.TokenID
	}
	chain.Add(tx, row)
}

func (t *Tokens) issue(ctx context.Context, tx *store.Tx, grant Grant) (*ent.Token, string, error) {
	key, secret := random(keyBytes), random(secretBytes)
	now := t.now()
	issued, err := tx.Client().Token.Create().
		SetName(grant.Name).SetKey(key).SetSecretHash(hashSecret(secret)).SetScopes(grant.Scopes).SetTeam(grant.Team).
		SetNillableExpiresAt(grant.Expires).SetCreatedAt(now).SetUpdatedAt(now).SetCreatedBy(From(ctx).Name).Save(ctx)
	if err != nil {
		return nil, "", err
	}
	changes := []vocab.FieldChange{{Field: "name", To: grant.Name}, {Field: "scopes", To: grant.Scopes}}
	if grant.Team != "" {
		changes = append(changes, vocab.FieldChange{Field: "team", To: grant.Team})
	}
	if grant.Expires != nil {
		changes = append(changes, vocab.FieldChange{Field: "expires_at", To: grant.Expires.UTC()})
	}
	t.audit(ctx, tx, issued, string(vocab.ChangeOpCreate), changes...)
	return issued, tokenPrefix + key + "_" + secret + checksum(key, secret), nil
}

// bootstrapMark is the setting that says the first token was made.
const bootstrapMark = "bootstrap_token"

// Bootstrap makes the first admin token of an empty store and gives its text; for a store that had one it gives "".
// However many processes start at once, one of them makes it. It expires after a day unless it is used by then.
func (t *Tokens) Bootstrap(ctx context.Context) (string, error) {
	ctx = With(ctx, System("bootstrap"))
	var text string
	err := t.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		text = ""
		known, err := tx.Client().Setting.Query().Where(setting.Name(bootstrapMark)).Exist(ctx)
		if err != nil || known {
			return err
		}
		if _, err := tx.Client().Setting.Create().SetName(bootstrapMark).SetValue([]byte("made")).SetUpdatedAt(t.now()).Save(ctx); err != nil {
			return err
		}
		expires := t.now().Add(24 * time.Hour)
		_, text, err = t.issue(ctx, tx, Grant{Name: "bootstrap", Scopes: []vocab.Scope{vocab.ScopeAdmin}, Expires: &expires})
		return err
	})
	if fault.Is(err, fault.Conflict) { // another process was first
		return "", nil
	}
	return text, err
}

// Authenticate gives the actor that the token stands for, or Unauthenticated.
func (t *Tokens) Authenticate(ctx context.Context, text string) (Actor, error) {
	key, secret, ok := split(text)
	if !ok {
		return Actor{}, errToken
	}
	found, err := t.store.Read().Token.Query().Where(token.Key(key)).Only(ctx)
	if ent.IsNotFound(err) {
		return Actor{}, errToken
	}
	if err != nil {
		return Actor{}, t.store.Fault(err)
	}
	now := t.now()
	same := subtle.ConstantTimeCompare([]byte(found.SecretHash), []byte(hashSecret(secret))) == 1
	expired := found.ExpiresAt != nil && !now.Before(*found.ExpiresAt)
	if !same || expired || found.RevokedAt != nil {
		return Actor{}, errToken
	}
	t.note(ctx, found, now)
	return Actor{Name: found.Name, TokenID: found.ID, Team: found.Team, Scopes: found.Scopes}, nil
}

// IsToken says whether a text is meant as a service token.
func IsToken(text string) bool { return strings.HasPrefix(text, tokenPrefix) }

// Holder gives the actor of a token by its number, for a session that was begun with the token. It is Unauthenticated once the token
// has expired or was revoked.
func (t *Tokens) Holder(ctx context.Context, id int) (Actor, error) {
	found, err := t.store.Read().Token.Get(ctx, id)
	if ent.IsNotFound(err) {
		return Actor{}, errToken
	}
	if err != nil {
		return Actor{}, t.store.Fault(err)
	}
	now := t.now()
	if expired := found.ExpiresAt != nil && !now.Before(*found.ExpiresAt); expired || found.RevokedAt != nil {
		return Actor{}, errToken
	}
	t.note(ctx, found, now)
	return Actor{Name: found.Name, TokenID: found.ID, Team: found.Team, Scopes: found.Scopes}, nil
}

// note keeps when the token was last used, at most once a minute. A failure to note it lets the caller in all the same.
func (t *Tokens) note(ctx context.Context, found *ent.Token, now time.Time) {
	minute := now.Truncate(time.Minute)
	if last, ok := t.used.Swap(found.ID, minute); ok && last.(time.Time).Equal(minute) {
		return
	}
	ctx = context.WithoutCancel(ctx)
	err := t.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		update := tx.Client().Token.UpdateOneID(found.ID).SetLastUsedAt(now)
		if found.Name == "bootstrap" && found.CreatedBy == "system:bootstrap" {
			update.ClearExpiresAt() // it was used in time
		}
		return update.Exec(ctx)
	})
	if err != nil {
		t.used.Delete(found.ID)
	}
}

// List gives every token, newest first. The caller must be admin.
func (t *Tokens) List(ctx context.Context) ([]*ent.Token, error) {
	if err := Require(ctx, vocab.ScopeAdmin); err != nil {
		return nil, err
	}
	all, err := t.store.Read().Token.Query().Order(ent.Desc(token.FieldID)).All(ctx)
	return all, t.store.Fault(err)
}

// Revoke ends a token at once and for good. The caller must be admin; an unknown token is NotFound.
func (t *Tokens) Revoke(ctx context.Context, id int) error {
	if err := Require(ctx, vocab.ScopeAdmin); err != nil {
		return err
	}
	return t.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		found, err := tx.Client().Token.Get(ctx, id)
		if err != nil || found.RevokedAt != nil {
			return err
		}
		at := t.now()
		if err := tx.Client().Token.UpdateOneID(id).SetRevokedAt(at).SetUpdatedAt(at).AddVersion(1).Exec(ctx); err != nil {
			return err
		}
		t.audit(ctx, tx, found, "revoke", vocab.FieldChange{Field: "revoked_at", To: at.UTC()})
		return nil
	})
}

// Page gives tokens from the newest on: at most limit of those whose number is below before, all when before is zero. The
// caller must be admin.
func (t *Tokens) Page(ctx context.Context, before, limit int) ([]*ent.Token, error) {
	if err := Require(ctx, vocab.ScopeAdmin); err != nil {
		return nil, err
	}
	q := t.store.Client(ctx).Token.Query().Order(ent.Desc(token.FieldID)).Limit(limit)
	if before > 0 {
		q.Where(token.IDLT(before))
	}
	rows, err := q.All(ctx)
	return rows, t.store.Fault(err)
}

// Get reads a token. The caller must be admin; an unknown token is NotFound.
func (t *Tokens) Get(ctx context.Context, id int) (*ent.Token, error) {
	if err := Require(ctx, vocab.ScopeAdmin); err != nil {
		return nil, err
	}
	found, err := t.store.Client(ctx).Token.Get(ctx, id)
	return found, t.store.Fault(err)
}

func split(text string) (key, secret string, ok bool) {
	rest, found := strings.CutPrefix(text, tokenPrefix)
	key, tail, cut := strings.Cut(rest, "_")
	n := tokenText.EncodedLen(secretBytes)
	if !found || !cut || len(key) != tokenText.EncodedLen(keyBytes) || len(tail) != n+tokenText.EncodedLen(checksumBytes) {
		return "", "", false
	}
	secret = tail[:n]
	return key, secret, tail[n:] == checksum(key, secret)
}

func random(n int) string {
	raw := make([]byte, n)
	_, _ = rand.Read(raw) // it never fails, by its documentation
	return tokenText.EncodeToString(raw)
}

func hashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

func checksum(key, secret string) string {
	sum := crc32.ChecksumIEEE([]byte(key + "_" + secret))
	return tokenText.EncodeToString([]byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)})
}
