package secret

import (
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func box(t *testing.T, fill ...byte) *Box {
	t.Helper()
	keys := make([][]byte, len(fill))
	for i, b := range fill {
		keys[i] = []byte(strings.Repeat(string(rune(b)), KeySize))
	}
	made, err := New(keys...)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestASealedTextOpensForItsRecordOnly(t *testing.T) {
	t.Parallel()
	b := box(t, 'a')
	sealed, err := b.Seal("hush", "SRC-1")
	if err != nil || strings.Contains(sealed, "hush") {
		t.Fatalf("Seal = %q, %v", sealed, err)
	}
	if text, err := b.Open(sealed, "SRC-1"); err != nil || text != "hush" {
		t.Errorf("Open = %q, %v, want the text", text, err)
	}
	for name, try := range map[string]func() (string, error){
		"another record": func() (string, error) { return b.Open(sealed, "SRC-2") },
		"another key":    func() (string, error) { return box(t, 'b').Open(sealed, "SRC-1") },
		"changed":        func() (string, error) { return b.Open(sealed[:len(sealed)-2]+"AA", "SRC-1") },
		"not sealed":     func() (string, error) { return b.Open("hush", "SRC-1") },
	} {
		if text, err := try(); !errors.Is(err, ErrSealed) || text != "" {
			t.Errorf("%s: Open = %q, %v, want ErrSealed", name, text, err)
		}
	}
}

func TestTwoSealsOfOneTextDiffer(t *testing.T) {
	t.Parallel()
	b := box(t, 'a')
	one, _ := b.Seal("hush", "SRC-1")
	two, _ := b.Seal("hush", "SRC-1")
	if one == two {
		t.Error("the same text was sealed to the same bytes")
	}
}

func TestAnOlderKeyStillOpens(t *testing.T) {
	t.Parallel()
	sealed, _ := box(t, 'a').Seal("hush", "SRC-1")
	if text, err := box(t, 'b', 'a').Open(sealed, "SRC-1"); err != nil || text != "hush" {
		t.Errorf("Open = %q, %v, want the text", text, err)
	}
}

func TestWithoutAKeyNothingIsSealed(t *testing.T) {
	t.Parallel()
	var none *Box
	if _, err := none.Seal("hush", "SRC-1"); !errors.Is(err, ErrNoKey) {
		t.Errorf("Seal without a key = %v, want ErrNoKey", err)
	}
	if b, err := Load("", ""); b != nil || err != nil {
		t.Errorf("Load of nothing = %v, %v", b, err)
	}
}

func TestADataFolderGetsAKeyOfItsOwnOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	one, err := Load("", dir)
	if err != nil {
		t.Fatal(err)
	}
	sealed, _ := one.Seal("hush", "SRC-1")
	two, err := Load("", dir)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := two.Open(sealed, "SRC-1"); err != nil || text != "hush" {
		t.Errorf("after a restart Open = %q, %v", text, err)
	}
	info, err := os.Stat(filepath.Join(dir, keyFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key file has mode %v, %v, want 0600", info.Mode(), err)
	}
}

func TestKeyFilesAreReadInBothForms(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		ok   bool
	}{
		"hexadecimal": {hex.EncodeToString([]byte(strings.Repeat("k", KeySize))), true},
		"base64":      {"a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=", true},
		"too short":   {"a2tra2s=", false},
		"empty":       {"", false},
	} {
		file := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(file, []byte(c.text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Load(file, "")
		if (err == nil) != c.ok {
			t.Errorf("%s: Load = %v", name, err)
		}
		if err != nil && c.text != "" && strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: the error shows the key: %v", name, err)
		}
	}
}
