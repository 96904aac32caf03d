// Package secret encrypts what must be readable again, such as the keys that sign deliveries. Each text is bound to the record it
// belongs to, so that it means nothing beside another. Tokens, which need only be recognised, are hashed by package auth.
package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// KeySize is the length of a key in bytes: AES-256.
const KeySize = 32

// version begins every sealed text, so that another cipher can follow.
const version = "v1"

// keyFile is the name of the key beside an embedded database.
const keyFile = "encryption.key"

var (
	// ErrNoKey is given when there is nothing to encrypt with.
	ErrNoKey = errors.New("there is no encryption key")
	// ErrSealed is a text that was not sealed here, with this key and for this record.
	ErrSealed = errors.New("the text cannot be opened")
)

// Box seals and opens texts. A nil Box has no key.
type Box struct {
	keys map[string]cipher.AEAD
	// current is the id of the key that seals.
	current string
}

// New makes a Box; the first key seals, the others open what was sealed before.
func New(keys ...[]byte) (*Box, error) {
	b := &Box{keys: map[string]cipher.AEAD{}}
	for _, key := range keys {
		if len(key) != KeySize {
			return nil, fmt.Errorf("an encryption key has %d bytes, not %d", KeySize, len(key))
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		aead, err := cipher.NewGCM(block)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(key)
		id := hex.EncodeToString(sum[:4])
		b.keys[id] = aead
		if b.current == "" {
			b.current = id
		}
	}
	if b.current == "" {
		return nil, ErrNoKey
	}
	return b, nil
}

// Seal encrypts a text for one record, with AES-256-GCM and a random nonce.
func (b *Box) Seal(text, record string) (string, error) {
	if b == nil {
		return "", ErrNoKey
	}
	aead := b.keys[b.current]
	nonce := make([]byte, aead.NonceSize())
	_, _ = rand.Read(nonce) // it never fails, by its documentation
	sealed := aead.Seal(nonce, nonce, []byte(text), []byte(record))
	return strings.Join([]string{version, b.current, base64.RawStdEncoding.EncodeToString(sealed)}, "."), nil
}

// Open decrypts what Seal made for the same record. It is ErrSealed for anything else.
func (b *Box) Open(sealed, record string) (string, error) {
	if b == nil {
		return "", ErrNoKey
	}
	parts := strings.Split(sealed, ".")
	if len(parts) != 3 || parts[0] != version {
		return "", ErrSealed
	}
	aead, known := b.keys[parts[1]]
	if !known {
		return "", fmt.Errorf("%w: its key %s is not here", ErrSealed, parts[1])
	}
	raw, err := base64.RawStdEncoding.DecodeString(parts[2])
	if err != nil || len(raw) < aead.NonceSize() {
		return "", ErrSealed
	}
	text, err := aead.Open(nil, raw[:aead.NonceSize()], raw[aead.NonceSize():], []byte(record))
	if err != nil {
		return "", ErrSealed
	}
	return string(text), nil
}

// Load reads a file of keys in base64 or hexadecimal, one a line, the one that seals first. Without a file it reads the key in
// the data folder, and makes one with mode 0600 where there is none; without a folder it gives nil.
func Load(file, dataDir string) (*Box, error) {
	if file != "" {
		return read(file)
	}
	if dataDir == "" {
		return nil, nil
	}
	file = filepath.Join(dataDir, keyFile)
	if err := create(file); err != nil {
		return nil, fmt.Errorf("making an encryption key: %w", err)
	}
	return read(file)
}

// create makes a key file unless it is there.
func create(file string) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	key := make([]byte, KeySize)
	_, _ = rand.Read(key) // it never fails, by its documentation
	_, err = f.WriteString(base64.StdEncoding.EncodeToString(key) + "\n")
	return errors.Join(err, f.Sync(), f.Close())
}

func read(file string) (*Box, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the encryption key: %w", err)
	}
	var keys [][]byte
	for i, line := range strings.Fields(string(text)) {
		key, ok := decode(line)
		if !ok {
			return nil, fmt.Errorf("line %d of %s is not a key of %d bytes in base64 or hexadecimal", i+1, filepath.Base(file), KeySize)
		}
		keys = append(keys, key)
	}
	return New(keys...)
}

func decode(line string) ([]byte, bool) {
	for _, how := range []func(string) ([]byte, error){hex.DecodeString, base64.StdEncoding.DecodeString, base64.RawStdEncoding.DecodeString, base64.RawURLEncoding.DecodeString} {
		if key, err := how(line); err == nil && len(key) == KeySize {
			return key, true
		}
	}
	return nil, false
}
