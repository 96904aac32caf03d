package app_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
)

// TestMain makes sure, when all tests have run and passed, that they drove every operation that is described. The tests hold
// each request and answer against the description as they go.
func TestMain(m *testing.M) {
	code := m.Run()
	if code == 0 && flag.Lookup("test.run").Value.String() == "" {
		if left := undriven(); len(left) > 0 {
			fmt.Printf("FAIL: no test calls these operations with success:\n  %s\n", strings.Join(left, "\n  "))
			code = 1
		}
	}
	os.Exit(code)
}

func undriven() []string {
	driven := apptest.Driven()
	var left []string
	for name := range operations(new(testing.T)) {
		if !driven[anyParameter.ReplaceAllString(name, "{id}")] {
			left = append(left, name)
		}
	}
	slices.Sort(left)
	return left
}
