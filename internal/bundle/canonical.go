package bundle

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// canonical writes JSON so that equal values are equal texts, whichever database kept them: PostgreSQL keeps the value of a
// document (members sorted, numbers written out), SQLite its text.
func canonical(raw []byte) (json.RawMessage, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return nil, fmt.Errorf("must be JSON: %w", err)
	}
	return plain(evenNumbers(v))
}

// plain encodes without the escapes that make JSON safe inside HTML.
func plain(v any) (json.RawMessage, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

func evenNumbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		return json.Number(evenNumber(v.String()))
	case []any:
		for i := range v {
			v[i] = evenNumbers(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = evenNumbers(v[name])
		}
	}
	return v
}

// maxWritten is how many zeros a number is written with before it takes an exponent.
const maxWritten = 21

// evenNumber writes a decimal number in one way: 1.50, 15e-1 and 1.5 are all 1.5.
func evenNumber(text string) string {
	rest, negative := strings.CutPrefix(text, "-")
	mantissa, exponentText, _ := strings.Cut(strings.ToLower(rest), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	exponent, err := strconv.Atoi(exponentText)
	if exponentText != "" && err != nil {
		return text
	}
	exponent -= len(fraction)
	digits := strings.TrimLeft(whole+fraction, "0")
	trimmed := strings.TrimRight(digits, "0")
	exponent += len(digits) - len(trimmed)
	if trimmed == "" {
		return "0"
	}
	sign := ""
	if negative {
		sign = "-"
	}
	switch point := len(trimmed) + exponent; {
	case exponent >= 0 && exponent <= maxWritten:
		return sign + trimmed + strings.Repeat("0", exponent)
	case exponent < 0 && point > 0:
		return sign + trimmed[:point] + "." + trimmed[point:]
	case exponent < 0 && point > -maxWritten:
		return sign + "0." + strings.Repeat("0", -point) + trimmed
	}
	return sign + trimmed + "e" + strconv.Itoa(exponent)
}
