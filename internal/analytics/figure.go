// Package analytics answers with figures that say what they mean: each has its definition, its window, what was counted, what was
// left out and why, and no percentage where there is too little to make one of. What is counted are value rows, by pure functions;
// only the Service knows the store. Records that the caller may not know of are in no count, not even in that of what was left out.
package analytics

import (
	"math"
	"slices"
	"strings"
	"time"
)

// Enough is how many cases there must be before a value is made of them.
const Enough = 10

// Window is the time that a figure is about.
type Window struct {
	// From when on; the moment itself is included.
	From time.Time `json:"from" format:"date-time" example:"2025-03-09T00:00:00Z"`
	// Until when; the moment itself is included.
	To time.Time `json:"to" format:"date-time" example:"2026-03-09T00:00:00Z"`
}

// Spread says how durations are distributed, by the nearest-rank method.
type Spread struct {
	// How many were measured.
	Count int `json:"count" example:"12" minimum:"0"`
	// Seconds that half of them took at most.
	P50 float64 `json:"p50" example:"600" minimum:"0"`
	// Seconds that nine of ten took at most.
	P90 float64 `json:"p90" example:"5400" minimum:"0"`
}

// Count is what was counted.
type Count struct {
	// What the figure is about: cases, or hours.
	Numerator float64 `json:"numerator" example:"3"`
	// The cases it is held against.
	Denominator int `json:"denominator" example:"12" minimum:"0"`
	// How many cases were left out of the denominator, by reason.
	Excluded map[string]int `json:"excluded"`
	// Numerator by denominator, in the unit of the figure; null below ten cases.
	Value *float64 `json:"value" extensions:"x-nullable" example:"25"`
	// True when there are too few cases for a value.
	TooFew bool `json:"too_few" example:"false"`
	// How long it took, by what was measured, in seconds.
	Durations map[string]Spread `json:"durations,omitempty"`
	// The cases or hours by words, such as the outcome.
	Breakdown map[string]map[string]float64 `json:"breakdown,omitempty"`
}

// Group is the part of a figure that has one key in common.
type Group struct {
	// The service, kind, environment, month or source; none for what has no such thing.
	Key string `json:"key" example:"SVC-1" maxLength:"200"`
	Count
}

// Figure is one answer.
type Figure struct {
	// What is counted, what it is held against, and what is left out.
	Definition string `json:"definition" example:"Failed attempts among those that ended." maxLength:"2000"`
	// What the value is in: percent or hours_per_attempt.
	Unit string `json:"unit" example:"percent" maxLength:"40"`
	// The time it is about.
	Window Window `json:"window"`
	// When it was worked out.
	AsOf time.Time `json:"as_of" format:"date-time" example:"2026-03-09T00:00:00Z"`
	// Whether demonstration data counts.
	IncludesSample bool `json:"includes_sample" example:"false"`
	Count
	// What the groups have in common, where they were asked for.
	GroupBy string `json:"group_by,omitempty" example:"service" maxLength:"40"`
	// The figure for each group, by key.
	Groups []Group `json:"groups,omitempty" maxItems:"10000"`
}

// The reasons for leaving a case out that every figure has.
const (
	excludedSample  = "sample"
	excludedUnknown = "unknown"
)

// Case is one thing that a figure counts.
type Case struct {
	// Of names what the case adds to the denominator, once; "" adds nothing.
	Of string
	// Adds to the numerator: 1 for a case that is what the figure is about, or hours.
	Adds float64
	// Excluded is why the case does not count; its marks do.
	Excluded string
	// Sample is demonstration data.
	Sample bool
	// Keys are the groups it belongs to, by what they have in common.
	Keys map[string]string
	// Seconds are what was measured.
	Seconds map[string]float64
	// Marks are the words it is broken down by; each mark weighs 1, or Weight where that is not zero.
	Marks  map[string]string
	Weight float64
	// OnceOf names a thing that several cases are about, and Once the words that it is counted by a single time.
	OnceOf string
	Once   map[string]string
}

// tally adds up cases.
func tally(cases []Case, sample, percent bool) Count {
	count := Count{Excluded: map[string]int{excludedSample: 0, excludedUnknown: 0}}
	of, once, seconds := map[string]bool{}, map[string]bool{}, map[string][]float64{}
	for _, c := range cases {
		if c.Sample && !sample {
			count.Excluded[excludedSample]++
			continue
		}
		for name, word := range c.Marks {
			count.mark(name, word, c.weight())
		}
		for name, word := range c.Once {
			if seen := name + "\x00" + c.OnceOf; !once[seen] {
				once[seen] = true
				count.mark(name, word, 1)
			}
		}
		if c.Excluded != "" {
			count.Excluded[c.Excluded]++
			continue
		}
		count.Numerator += c.Adds
		if c.Of != "" {
			of[c.Of] = true
		}
		for name, s := range c.Seconds {
			seconds[name] = append(seconds[name], s)
		}
	}
	count.Denominator = len(of)
	count.Value, count.TooFew = value(count.Numerator, count.Denominator, percent)
	for name, all := range seconds {
		if count.Durations == nil {
			count.Durations = map[string]Spread{}
		}
		count.Durations[name] = spread(all)
	}
	return count
}

func (c Case) weight() float64 {
	if c.Weight != 0 {
		return c.Weight
	}
	return 1
}

func (c *Count) mark(name, word string, weight float64) {
	if c.Breakdown == nil {
		c.Breakdown = map[string]map[string]float64{}
	}
	if c.Breakdown[name] == nil {
		c.Breakdown[name] = map[string]float64{}
	}
	c.Breakdown[name][word] += weight
}

// value is the quotient to two decimals, or nothing where there are too few cases.
func value(numerator float64, denominator int, percent bool) (*float64, bool) {
	if denominator < Enough {
		return nil, true
	}
	v := numerator / float64(denominator)
	if percent {
		v *= 100
	}
	v = math.Round(v*100) / 100
	return &v, false
}

func spread(seconds []float64) Spread {
	slices.Sort(seconds)
	rank := func(p float64) float64 { return seconds[int(math.Ceil(p*float64(len(seconds))))-1] }
	return Spread{Count: len(seconds), P50: rank(0.5), P90: rank(0.9)}
}

// noKey is the key of the group of what has none.
const noKey = "none"

// groups tallies the cases by what they have in common, in the order of the keys.
func groups(cases []Case, by string, sample, percent bool) []Group {
	parts := map[string][]Case{}
	for _, c := range cases {
		key := c.Keys[by]
		if key == "" {
			key = noKey
		}
		parts[key] = append(parts[key], c)
	}
	all := make([]Group, 0, len(parts))
	for key, part := range parts {
		if count := tally(part, sample, percent); sample || count.Excluded[excludedSample] < len(part) {
			all = append(all, Group{key, count})
		}
	}
	slices.SortFunc(all, func(a, b Group) int { return strings.Compare(a.Key, b.Key) })
	return all
}
