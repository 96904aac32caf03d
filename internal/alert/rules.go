package alert

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

const (
	// nameLabel is the label that every alert has its name in.
	nameLabel = "alertname"
	// wireLabel is the label or annotation in which an alert may name its tripwire by itself.
	wireLabel = "tripwire"
	// defaultValue is the annotation or label that holds the value where the rule names none.
	defaultValue = "value"
)

// Reading is one measured value, for the tripwires of a signal or for one tripwire.
type Reading struct {
	// Tripwire is the one that is read; zero for the armed ones with the signal.
	Tripwire vocab.ID
	Signal   string
	Value    float64
	// At is when the alert began, or ended.
	At  time.Time
	Key string
}

// Silence says why an alert is no reading.
type Silence string

// The words of Silence; the empty one stands for a reading.
const (
	NoRule       Silence = "no_rule"
	NoValue      Silence = "no_value"
	JustResolved Silence = "resolved"
)

// ReadingOf says what an alert is by the first rule that matches it. Without rules, every alert is a reading of the tripwires
// that carry its name as their signal, or of the one that its label tripwire names.
func ReadingOf(rules []vocab.AlertRule, a Alert) (Reading, Silence) {
	if len(rules) == 0 {
		rules = []vocab.AlertRule{{}}
	}
	for _, rule := range rules {
		if matches(rule, a) {
			return readingBy(rule, a)
		}
	}
	return Reading{}, NoRule
}

func matches(rule vocab.AlertRule, a Alert) bool {
	for name, want := range rule.Match {
		if got, has := a.Labels[name]; !has || got != want {
			return false
		}
	}
	return true
}

func readingBy(rule vocab.AlertRule, a Alert) (Reading, Silence) {
	r := Reading{Tripwire: rule.TripwireID, Signal: rule.Signal, At: a.StartsAt, Key: a.Key()}
	if r.Tripwire.IsZero() && r.Signal == "" {
		r.Signal = a.Labels[nameLabel]
		if id, err := vocab.ParseID(a.text(wireLabel)); err == nil && id.Is(vocab.Tripwire) {
			r.Tripwire = id
		}
	}
	if a.Status == Resolved {
		if rule.Resolved == nil {
			return Reading{}, JustResolved
		}
		r.Value = *rule.Resolved
		if !a.EndsAt.IsZero() {
			r.At = a.EndsAt
		}
		return r, ""
	}
	name := rule.Value
	if name == "" {
		name = defaultValue
	}
	value, told := number(a.text(name))
	switch {
	case told:
		r.Value = value
	case rule.Firing != nil:
		r.Value = *rule.Firing
	default:
		return Reading{}, NoValue
	}
	return r, ""
}

// text is an annotation, or the label of the name where there is none.
func (a Alert) text(name string) string {
	if text, has := a.Annotations[name]; has {
		return text
	}
	return a.Labels[name]
}

// number reads a value as people write it into an annotation: with a unit behind it or without.
func number(text string) (float64, bool) {
	fields := strings.Fields(text)
	if len(fields) == 0 {
		return 0, false
	}
	value, err := strconv.ParseFloat(strings.TrimSuffix(fields[0], "%"), 64)
	return value, err == nil && !math.IsNaN(value) && !math.IsInf(value, 0)
}

const (
	maxRules  = 200
	maxLabels = 20
)

// Check notes what is wrong with the rules of a source.
func Check(c *fault.Check, rules []vocab.AlertRule) {
	if len(rules) > maxRules {
		c.Add("alerts", "too_many", "must have at most %d entries", maxRules)
		return
	}
	for i, rule := range rules {
		at := fmt.Sprintf("alerts[%d].", i)
		c.Ref(at+"tripwire_id", rule.TripwireID, vocab.Tripwire)
		if !rule.TripwireID.IsZero() && rule.Signal != "" {
			c.Add(at+"signal", "conflict", "must not be given together with tripwire_id")
		}
		c.Text(at+"signal", rule.Signal, fault.MaxTitle)
		c.Text(at+"value", rule.Value, fault.MaxName)
		if len(rule.Match) > maxLabels {
			c.Add(at+"match", "too_many", "must name at most %d labels", maxLabels)
		}
		for name, value := range rule.Match {
			c.Required(at+"match", name)
			c.Text(at+"match", name+value, fault.MaxTitle)
		}
	}
}
