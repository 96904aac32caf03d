package bundle

import (
	"bytes"
	"strings"
	"testing"
)

// Seal writes the trailer that belongs to a header and rows.
func Seal(t *testing.T, lines []string) string {
	t.Helper()
	all, err := tables()
	if err != nil {
		t.Fatal(err)
	}
	sum := newSums()
	for _, l := range lines[1:] {
		for _, one := range all {
			if strings.HasPrefix(l, `{"table":"`+one.name+`"`) {
				sum.add(one, []byte(l))
			}
		}
	}
	var out bytes.Buffer
	if err := writeLine(&out, map[string]trailer{"trailer": sum.trailer()}); err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "") + out.String()
}
