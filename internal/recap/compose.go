package recap

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hindcast-kb/hindcast/internal/timeline"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// course tells what was tried, how it ended and what was decided on the way.
func (d *drafting) course() {
	a := d.facts.Attempt
	text := quoted(a.Name)
	if a.Environment != "" {
		text += " in " + quoted(a.Environment)
	}
	switch {
	case a.StartedAt == nil:
		text += " has not started; it is " + word(a.Status)
	case a.EndedAt == nil:
		text += " started on " + stamp(*a.StartedAt) + " and is " + word(a.Status)
	default:
		text += " started on " + stamp(*a.StartedAt) + " and ended on " + stamp(*a.EndedAt) + ", after " + lasting(a.EndedAt.Sub(*a.StartedAt)) + ": " + word(a.Status)
	}
	d.say("summary", text, a.ID)
	if a.Outcome != "" {
		d.say("summary", quoted(a.Outcome), a.ID)
	}
	for _, e := range d.facts.Entries {
		if e.Type == timeline.TypeDecision {
			text := "On " + stamp(e.At) + " it was decided: " + quoted(e.Text)
			if e.By != "" {
				text += "; decided by " + quoted(e.By)
			}
			d.say("summary", text, e.Ref)
		}
	}
}

// detection tells when it was first noticed, when somebody acted on it, and what was read otherwise in between.
func (d *drafting) detection() {
	signals, missed := d.standing(vocab.EventKindSignal), []timeline.Entry{}
	if len(signals) == 0 {
		d.say("summary", "No signal is recorded on the timeline", d.facts.Attempt.ID)
	} else {
		first := signals[0]
		d.say("summary", "The first recorded signal came on "+stamp(first.At)+": "+quoted(first.Text), first.Ref)
		if acted, ok := d.acted(first); ok && acted.Ref == first.Ref {
			d.say("summary", "It was acted on as it came", first.Ref)
		} else if ok {
			d.say("summary", "The first event that acted on it came on "+stamp(acted.At)+", "+lasting(acted.At.Sub(first.At))+" later: "+quoted(acted.Text), acted.Ref, first.Ref)
			if gap := acted.At.Sub(first.At); gap > 0 {
				d.say("went_poorly", "Between the first signal and the first event that acted on it lay "+lasting(gap), first.Ref, acted.Ref)
			}
		} else {
			d.say("summary", "No event is recorded as acting on it", first.Ref)
		}
	}
	for _, i := range d.facts.Incidents {
		if i.DetectedAt != nil {
			text := i.ID.String() + " was detected on " + stamp(*i.DetectedAt)
			if i.DetectedBy != "" {
				text += " by " + word(i.DetectedBy)
			}
			if i.Start != nil && i.DetectedAt.After(*i.Start) {
				text += ", " + lasting(i.DetectedAt.Sub(*i.Start)) + " after the impact began"
			}
			d.say("summary", text, i.ID)
		}
	}
	for _, e := range d.standing(vocab.EventKindInterpretation) {
		if e.ActedOn != nil && !*e.ActedOn {
			missed = append(missed, e)
		}
	}
	for _, e := range missed {
		d.say("went_poorly", "On "+stamp(e.At)+" what was seen was read as follows, and nothing was done because of it: "+quoted(e.Text), e.Ref)
	}
}

// standing are the events of a kind that no other event corrects.
func (d *drafting) standing(kind vocab.EventKind) []timeline.Entry {
	var found []timeline.Entry
	for _, e := range d.facts.Entries {
		if e.Type == timeline.TypeEvent && e.Kind == string(kind) && e.SupersededBy.IsZero() {
			found = append(found, e)
		}
	}
	return found
}

// acted is the first event from a signal on that acted on what was seen.
func (d *drafting) acted(since timeline.Entry) (timeline.Entry, bool) {
	for _, e := range d.facts.Entries {
		if e.Type == timeline.TypeEvent && e.ActedOn != nil && *e.ActedOn && e.SupersededBy.IsZero() && !e.At.Before(since.At) {
			return e, true
		}
	}
	return timeline.Entry{}, false
}

// impact tells whom it harmed, for how long, and what was found.
func (d *drafting) impact() {
	for _, i := range d.facts.Incidents {
		text := i.ID.String() + ", " + quoted(i.Title) + ", severity " + word(i.Severity)
		if i.NearMiss {
			text += ", a near miss"
		}
		switch {
		case i.Start != nil && i.End != nil:
			text += ", from " + stamp(*i.Start) + " to " + stamp(*i.End) + " (" + lasting(i.End.Sub(*i.Start)) + ")"
		case i.Start != nil:
			text += ", from " + stamp(*i.Start) + " on"
		}
		d.say("impact", text, i.ID)
		if i.Impact != "" {
			d.say("impact", quoted(i.Impact), i.ID)
		}
	}
	if n := d.facts.Attempt.UsersAffected; n != nil {
		d.say("impact", fmt.Sprintf("Users affected: %d", *n), d.facts.Attempt.ID)
	}
	var none vocab.Attribution
	for _, attribution := range none.Values() {
		var ids []vocab.ID
		for _, f := range d.facts.Findings {
			if string(f.Attribution) == attribution {
				ids = append(ids, f.ID)
			}
		}
		if len(ids) > 0 {
			d.say("impact", fmt.Sprintf("Findings %s: %d", word(attribution), len(ids)), ids...)
		}
	}
}

// factors names the conditions that are recorded: what was taken for granted and did not hold, what the change brought to light,
// and what was read as something else.
func (d *drafting) factors() {
	why := map[vocab.AssumptionStatus]string{
		vocab.AssumptionStatusFalsified: "was taken for granted and shown to be wrong", vocab.AssumptionStatusDisputed: "was taken for granted while the evidence disagreed",
		vocab.AssumptionStatusExpired: "was taken for granted on evidence that had aged", vocab.AssumptionStatusUnverified: "was taken for granted without evidence",
	}
	for _, a := range d.facts.Assumptions {
		if reason, is := why[a.Status]; is {
			category := word(a.Category)
			if category == "" {
				category = "assumption"
			}
			d.factor(category, "“"+quoted(a.Statement)+"” "+reason+".", a.ID)
		}
	}
	for _, f := range d.facts.Findings {
		serious := f.Severity == vocab.SeverityCritical || f.Severity == vocab.SeverityHigh
		if serious && (f.Attribution == vocab.AttributionCausedByChange || f.Attribution == vocab.AttributionExposedByChange) {
			d.factor(word(f.Attribution), quoted(f.Title)+".", f.ID)
		}
	}
	for _, e := range d.standing(vocab.EventKindInterpretation) {
		if e.ActedOn != nil && !*e.ActedOn {
			d.factor("recognition", "What was seen was read as: "+quoted(e.Text)+".", e.Ref)
		}
	}
}

// maxFactors is how many conditions a review may have.
const maxFactors = 200

func (d *drafting) factor(category, text string, refs ...vocab.ID) {
	if len(d.made) == maxFactors {
		return
	}
	d.made = append(d.made, vocab.Factor{Category: category, Text: text, Refs: refs})
	d.sentences = append(d.sentences, Sentence{Field: "contributing_factors", Text: text, Refs: refs})
}

// helped tells which limits, agreed beforehand, did what they were for.
func (d *drafting) helped() {
	for _, e := range d.facts.Entries {
		if e.Type == timeline.TypeTrip {
			d.say("went_well", "A tripwire that was agreed beforehand tripped on "+stamp(e.At)+": "+quoted(e.Text), e.Ref)
		}
	}
}

// roles are those that are recorded as having decided or noticed.
func (d *drafting) roles() []string {
	var roles []string
	add := func(role string) {
		role = strings.Join(strings.Fields(role), " ")
		if role != "" && len(roles) < 200 && !slices.Contains(roles, role) {
			roles = append(roles, role)
		}
	}
	for _, e := range d.facts.Entries {
		if e.Type == timeline.TypeDecision {
			add(e.By)
		}
	}
	for _, i := range d.facts.Incidents {
		add(word(i.DetectedBy))
	}
	return roles
}
