package alert

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

var start = time.Date(2026, 3, 9, 14, 5, 0, 0, time.UTC)

func firing(change ...func(*Alert)) Alert {
	a := Alert{
		Status: Firing, Fingerprint: "f1", StartsAt: start, EndsAt: time.Time{},
		Labels: map[string]string{"alertname": "DatabaseProcesses", "severity": "page"}, Annotations: map[string]string{"value": "412"},
	}
	for _, f := range change {
		f(&a)
	}
	return a
}

func value(text string) func(*Alert) {
	return func(a *Alert) { a.Annotations = map[string]string{"value": text} }
}

func resolved(a *Alert) { a.Status, a.EndsAt = Resolved, start.Add(time.Hour) }

func ptr(f float64) *float64 { return &f }

func TestAnAlertIsAReadingByTheFirstRuleThatMatches(t *testing.T) {
	t.Parallel()
	wire := vocab.Tripwire.ID(3)
	key := "f1 2026-03-09T14:05:00Z firing"
	for name, tc := range map[string]struct {
		rules []vocab.AlertRule
		alert Alert
		want  Reading
		why   Silence
	}{
		"without rules, its name is the signal": {nil, firing(), Reading{Signal: "DatabaseProcesses", Value: 412, At: start, Key: key}, ""},
		"without rules, it may name its tripwire": {nil, firing(func(a *Alert) { a.Labels["tripwire"] = "TRP-3" }),
			Reading{Tripwire: wire, Signal: "DatabaseProcesses", Value: 412, At: start, Key: key}, ""},
		"a label that names something else is none": {nil, firing(func(a *Alert) { a.Labels["tripwire"] = "FND-3" }),
			Reading{Signal: "DatabaseProcesses", Value: 412, At: start, Key: key}, ""},
		"the first rule that matches decides": {[]vocab.AlertRule{
			{Match: map[string]string{"alertname": "Other"}, TripwireID: vocab.Tripwire.ID(1)},
			{Match: map[string]string{"alertname": "DatabaseProcesses", "severity": "page"}, TripwireID: wire},
			{Signal: "anything"},
		}, firing(), Reading{Tripwire: wire, Value: 412, At: start, Key: key}, ""},
		"no rule matches":                                 {[]vocab.AlertRule{{Match: map[string]string{"severity": "info"}}}, firing(), Reading{}, NoRule},
		"a label that is missing":                         {[]vocab.AlertRule{{Match: map[string]string{"team": ""}}}, firing(), Reading{}, NoRule},
		"the value is in a label":                         {[]vocab.AlertRule{{Signal: "s", Value: "n"}}, firing(func(a *Alert) { a.Labels["n"] = "7" }), Reading{Signal: "s", Value: 7, At: start, Key: key}, ""},
		"a value with a percent sign":                     {nil, firing(value("98.5%")), Reading{Signal: "DatabaseProcesses", Value: 98.5, At: start, Key: key}, ""},
		"a value with a unit":                             {nil, firing(value(" 4.12e+02 processes")), Reading{Signal: "DatabaseProcesses", Value: 412, At: start, Key: key}, ""},
		"a value that is none":                            {nil, firing(value("many")), Reading{}, NoValue},
		"a value that is not a number":                    {nil, firing(value("NaN")), Reading{}, NoValue},
		"an endless value":                                {nil, firing(value("+Inf")), Reading{}, NoValue},
		"no value, and one for firing":                    {[]vocab.AlertRule{{Firing: ptr(1)}}, firing(value("")), Reading{Signal: "DatabaseProcesses", Value: 1, At: start, Key: key}, ""},
		"a value comes before the rule":                   {[]vocab.AlertRule{{Firing: ptr(1)}}, firing(), Reading{Signal: "DatabaseProcesses", Value: 412, At: start, Key: key}, ""},
		"resolved, which repeats the value it fired with": {nil, firing(resolved), Reading{}, JustResolved},
		"resolved, with a value for that": {[]vocab.AlertRule{{Resolved: ptr(0)}}, firing(resolved),
			Reading{Signal: "DatabaseProcesses", Value: 0, At: start.Add(time.Hour), Key: "f1 2026-03-09T14:05:00Z resolved"}, ""},
	} {
		got, why := ReadingOf(tc.rules, tc.alert)
		if diff := cmp.Diff(tc.want, got); diff != "" || why != tc.why {
			t.Errorf("%s: it is silent for %q, want %q (-want +got):\n%s", name, why, tc.why, diff)
		}
	}
}

func TestTheKeyOfADeliveryIsWhatItSays(t *testing.T) {
	t.Parallel()
	one, two := firing(), firing(func(a *Alert) { a.Fingerprint = "f2" })
	said := Delivery{Alerts: []Alert{one, two}}.Key()
	if again := (Delivery{Alerts: []Alert{two, one, one}}).Key(); again != said {
		t.Error("the same alerts in another order have another key")
	}
	for name, other := range map[string]Alert{
		"resolved":        firing(resolved),
		"began again":     firing(func(a *Alert) { a.StartsAt = start.Add(time.Minute) }),
		"another":         firing(func(a *Alert) { a.Fingerprint = "f3" }),
		"no fingerprint":  firing(func(a *Alert) { a.Fingerprint = "" }),
		"an endless one":  firing(func(a *Alert) { a.Fingerprint = string(make([]byte, 100)) }),
		"no such, others": firing(func(a *Alert) { a.Fingerprint, a.Labels = "", map[string]string{"alertname": "x"} }),
	} {
		if (Delivery{Alerts: []Alert{other, two}}).Key() == said {
			t.Errorf("%s: it has the key of another delivery", name)
		}
	}
	if a, b := firing(func(a *Alert) { a.Fingerprint = "" }), firing(value("9"), func(a *Alert) { a.Fingerprint = "" }); a.Key() != b.Key() {
		t.Error("an alert without a fingerprint is another one when its annotations change")
	}
}

func TestOnlyDeliveriesOfAlertmanagerAreRead(t *testing.T) {
	t.Parallel()
	const good = `{"version":"4","groupKey":"g","status":"firing","receiver":"r","alerts":[{"status":"firing","labels":{"alertname":"A"},"annotations":{"value":"1"},"startsAt":"2026-03-09T14:05:00Z","endsAt":"0001-01-01T00:00:00Z","generatorURL":"http://p","fingerprint":"f"}]}`
	if d, err := Decode([]byte(good)); err != nil || len(d.Alerts) != 1 || d.Alerts[0].Labels["alertname"] != "A" {
		t.Errorf("Decode = %+v, %v", d, err)
	}
	for _, bad := range []string{
		``, `null`, `[]`, `{}`, `{"alerts":[]}`, `{"alerts":[{}]}`, `{"alerts":[{"status":"firing","labels":{"a":"b"}}]}`,
		`{"alerts":[{"status":"silenced","labels":{"a":"b"},"startsAt":"2026-03-09T14:05:00Z"}]}`,
		`{"alerts":[{"status":"firing","labels":{},"startsAt":"2026-03-09T14:05:00Z"}]}`, good[:100],
	} {
		if _, err := Decode([]byte(bad)); !errors.Is(err, ErrUnreadable) {
			t.Errorf("Decode(%s) = %v, want it refused", bad, err)
		}
	}
}

func TestBadRulesAreNamed(t *testing.T) {
	t.Parallel()
	var check fault.Check
	Check(&check, []vocab.AlertRule{
		{Match: map[string]string{"a": "b"}, TripwireID: vocab.Tripwire.ID(1)},
		{TripwireID: vocab.Finding.ID(1)}, {TripwireID: vocab.Tripwire.ID(1), Signal: "s"}, {Match: map[string]string{"": "x"}},
	})
	var fields []string
	for _, f := range check.Fields {
		fields = append(fields, f.Field)
	}
	if want := []string{"alerts[1].tripwire_id", "alerts[2].signal", "alerts[3].match"}; !slices.Equal(fields, want) {
		t.Errorf("the bad fields are %v, want %v", fields, want)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"alerts":[{"status":"firing","labels":{"alertname":"A"},"annotations":{"value":"1"},"startsAt":"2026-03-09T14:05:00Z"}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		d, err := Decode(body)
		if err != nil {
			return
		}
		if len(d.Key()) > 100 {
			t.Errorf("the key has %d bytes", len(d.Key()))
		}
		for _, a := range d.Alerts {
			if len(a.Key()) > 200 {
				t.Errorf("the key of an alert has %d bytes", len(a.Key()))
			}
			ReadingOf(nil, a)
		}
	})
}
