package bundle

import (
	"bytes"
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"github.com/hindcast-kb/hindcast/internal/fault"
)

func TestEqualNumbersAreWrittenAlike(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"0": "0", "-0": "0", "0.000": "0", "0e9": "0", "1": "1", "-1": "-1", "100": "100", "1e2": "100", "1E+2": "100", "1.50": "1.5", "15e-1": "1.5",
		"0.05": "0.05", "5e-2": "0.05", "-0.05": "-0.05", "12345678901234567890": "12345678901234567890", "1e30": "1e30",
		"1000000000000000000000000000000": "1e30", "1e-30": "1e-30", "0.000000000000000000000000000001": "1e-30", "123.456e1": "1234.56",
	} {
		if got := evenNumber(text); got != want {
			t.Errorf("evenNumber(%s) = %s, want %s", text, got, want)
		}
	}
}

func FuzzEvenNumberKeepsTheValue(f *testing.F) {
	f.Add("15e-1")
	f.Add("-0.00120e+3")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 40 || strings.Count(text, "e")+strings.Count(text, "E") > 1 || !json.Valid([]byte(text)) || strings.Trim(text, "-+.eE0123456789") != "" {
			return
		}
		if _, exponent, found := strings.Cut(strings.ToLower(text), "e"); found && len(exponent) > 4 {
			return // a rational of that size takes too long
		}
		was, ok := new(big.Rat).SetString(text)
		got, fine := new(big.Rat).SetString(evenNumber(text))
		if !ok || !fine || was.Cmp(got) != 0 || !json.Valid([]byte(evenNumber(text))) || evenNumber(evenNumber(text)) != evenNumber(text) {
			t.Errorf("evenNumber(%s) = %s", text, evenNumber(text))
		}
	})
}

func FuzzReaderRefusesWithAKind(f *testing.F) {
	head := `{"format":"hindcast-bundle","version":1,"schema_version":1,"exported_at":"2026-03-09T08:00:00Z"}` + "\n"
	f.Add([]byte(head + `{"trailer":{"rows":0,"counts":{},"sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}}`))
	f.Add([]byte(head + `{"table":"services","row":{"id":1,"name":null}}`))
	f.Add([]byte(head + `{"table":"services","row":null}`))
	f.Add([]byte(head + `null`))
	all, err := tables()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		err := newReader(bytes.NewReader(raw), all).read(func(*table, []any) error { return nil })
		if err != nil && !fault.Is(err, fault.Malformed) && !fault.Is(err, fault.Invalid) {
			t.Errorf("refused with %v, which has no kind", err)
		}
	})
}
