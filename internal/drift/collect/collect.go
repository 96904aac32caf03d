// Package collect reads the facts of an environment: the catalogue of a database, lock files, manifests, environment
// variables. Databases are read in one read-only transaction with a time limit per statement, from their catalogues only:
// no row of a user's table is ever read. Comparing facts and sending them to a server is left to package drift and the
// command line.
package collect

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"regexp"
	"slices"
	"time"

	"github.com/hindcast-kb/hindcast/internal/drift"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Result is what one reading found, ready to be sent as a snapshot.
type Result struct {
	Kind vocab.SnapshotKind
	// Tool says what read it; two results of one kind from different tools describe different things.
	Tool  string
	Items map[string]any
}

// Options are common to all readings.
type Options struct {
	// StatementTimeout bounds each statement; zero is DefaultStatementTimeout.
	StatementTimeout time.Duration
	// HashKey, when given, keys the hashes of secret values, so that a short secret cannot be guessed from its hash. Both
	// environments need the same key, or every secret differs.
	HashKey []byte
}

// DefaultStatementTimeout is long enough for a catalogue of many thousand tables.
const DefaultStatementTimeout = 30 * time.Second

func (o Options) timeout() time.Duration {
	if o.StatementTimeout > 0 {
		return o.StatementTimeout
	}
	return DefaultStatementTimeout
}

// secretName matches names of settings whose value must not leave the host.
var secretName = regexp.MustCompile(`(?i)passw|passphrase|pwd|secret|token|credential|conninfo|private|authorization|` +
	`restore_command|archive_command|archive_cleanup_command|connection_?string`)

// mayBeSecret matches names whose value must not leave the host unless it is a plain amount or a switch, as that of
// key_buffer_size is.
var mayBeSecret = regexp.MustCompile(`(?i)key|dsn|(^|[^a-z])auth([^a-z]|$)|cookie|salt|signature|certificate`)

// plainValue matches amounts and switches.
var plainValue = regexp.MustCompile(`(?i)^(on|off|true|false|yes|no|none|-?[0-9.]{1,12} ?([kmgt]i?b?|b|us|ms|s|min|h|d)?)$`)

// publicNames look secret and are not.
var publicNames = []string{"password_encryption", "authentication_timeout", "secure_auth"}

// secretValue matches values that carry a credential whatever they are called.
var secretValue = regexp.MustCompile(`(?i)://[^/\s@]*:[^/\s@]*@|\bpassword\s*=|-----BEGIN |\bbearer\s+\S|\beyJ[A-Za-z0-9_-]{10,}\.`)

// Value is the value of a setting as it may leave the host: itself, or its hash when the name or the value looks secret.
func (o Options) Value(name, value string) string {
	switch {
	case value == "":
		return value
	case secretValue.MatchString(value):
		return o.Hash(value)
	case slices.Contains(publicNames, name):
		return value
	case secretName.MatchString(name), mayBeSecret.MatchString(name) && !plainValue.MatchString(value):
		return o.Hash(value)
	}
	return value
}

// Hash is a short hash of a value: enough to tell two values apart, not enough to be one.
func (o Options) Hash(value string) string {
	const shown = 8 // bytes
	if len(o.HashKey) > 0 {
		mac := hmac.New(sha256.New, o.HashKey)
		mac.Write([]byte(value))
		return "hmac-sha256:" + hex.EncodeToString(mac.Sum(nil)[:shown])
	}
	sum := sha256.Sum256([]byte(value))
	return "sha256:" + hex.EncodeToString(sum[:shown])
}

// definitionHash is the hash of a view, function or trigger. It is blind to whitespace outside quotes, unless whitespace
// is part of the language.
func definitionHash(definition string, exact bool) string {
	if !exact {
		definition = drift.Definition(definition)
	}
	sum := sha256.Sum256([]byte(definition))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// compact drops what is empty or false, so that a fact holds only what sets it apart.
func compact(fields map[string]any) map[string]any {
	maps.DeleteFunc(fields, func(_ string, value any) bool {
		switch v := value.(type) {
		case nil:
			return true
		case string:
			return v == ""
		case bool:
			return !v
		case []string:
			return len(v) == 0
		case []any:
			return len(v) == 0
		}
		return false
	})
	return fields
}

// sorted is a sorted copy without repeats.
func sorted(values []string) []string {
	out := slices.Clone(values)
	slices.Sort(out)
	return slices.Compact(out)
}
