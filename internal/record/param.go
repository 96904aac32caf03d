package record

import (
	"strconv"
	"time"

	"github.com/hindcast-kb/hindcast/internal/fault"
)

// single is the value of a parameter that may be given once.
func single(name string, given []string, check *fault.Check) string {
	if len(given) > 1 {
		check.Add(name, "repeated", "may be given once")
	}
	return given[0]
}

func parseLimit(given []string, check *fault.Check) int {
	n, err := strconv.Atoi(single("limit", given, check))
	if err != nil || n < 1 || n > MaxLimit {
		check.Add("limit", "out_of_range", "must be a number from 1 to %d", MaxLimit)
		return DefaultLimit
	}
	return n
}

func parseTime(name string, given []string, check *fault.Check) *time.Time {
	at, err := time.Parse(time.RFC3339Nano, single(name, given, check))
	if err != nil {
		check.Add(name, "invalid_format", "must be a time such as 2026-01-31T09:00:00Z")
		return nil
	}
	at = at.UTC()
	return &at
}
