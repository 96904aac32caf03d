package postmortem

import (
	"regexp"
	"strings"
	"unicode"
)

// field names what a part of the text fills.
type field string

const (
	fieldSummary     field = "summary"
	fieldImpact      field = "impact"
	fieldTimeline    field = "timeline"
	fieldFactors     field = "factors"
	fieldWell        field = "went_well"
	fieldPoorly      field = "went_poorly"
	fieldLucky       field = "lucky"
	fieldActions     field = "actions"
	fieldLessons     field = "lessons"
	fieldPeople      field = "people"
	fieldLinks       field = "references"
	fieldDetails     field = "details"
	fieldDate        field = "date"
	fieldTitle       field = "title"
	fieldStatus      field = "status"
	fieldSeverity    field = "severity"
	fieldTags        field = "tags"
	fieldComponents  field = "components"
	fieldImpactStart field = "impact_start"
	fieldImpactEnd   field = "impact_end"
	fieldDetectedAt  field = "detected_at"
)

// headings are the names under which house styles keep the same thing. Names are compared in lower case, without
// punctuation, numbering and articles.
var headings = names(map[field]string{
	fieldSummary:  "summary|executive summary|incident summary|issue summary|overview|tldr|tl dr|abstract|synopsis|what happened|high level summary|brief summary|summary of incident|incident description|in short",
	fieldImpact:   "impact|customer impact|user impact|business impact|impact assessment|impact summary|incident impact|service impact|scope of impact|who was affected|effects|impact on users|impact on customers|impact metrics|impact and metrics",
	fieldTimeline: "timeline|incident timeline|timeline of events|chronology|sequence of events|event log|event timeline|detailed timeline|events|log of events|timeline of incident|key events",
	fieldFactors: "contributing factors|contributing factor|contributing causes|contributing cause|root cause|root causes|root cause analysis|rca|cause|causes|cause of incident|fault|trigger|triggers|" +
		"root cause and trigger|blameless root cause|root causes and trigger|root cause identification|why did it happen|what caused it|conditions|root cause s|whys|five whys|root cause identification five whys",
	fieldWell:        "what went well|went well|things that went well|what worked|what worked well|positives|good|what went right|things that worked",
	fieldPoorly:      "what went wrong|what went poorly|what went badly|went poorly|went wrong|things that went poorly|things that went wrong|things that went badly|what didn t go well|what did not go well|what could be improved|what could have gone better|what can be improved|what didn t work|what didn t go so well|what did not go so well|bad",
	fieldLucky:       "where we got lucky|got lucky|lucky|where were we lucky|luck|how we got lucky|what was lucky",
	fieldActions:     "action items|action item|actions|corrective actions|corrective action|follow ups|follow up|followup|followups|follow up actions|follow up items|next steps|todo|todos|remediation|remediations|remediation items|corrective and preventative measures|corrective and preventive measures|preventive actions|preventative actions|preventative measures|action plan|tasks|follow up tasks",
	fieldLessons:     "lessons learned|lessons learnt|lessons|learnings|lesson learned|takeaways|key learnings|what we learned|what have we learned|what did we learn",
	fieldPeople:      "attendees|atendees|participants|people involved|responders|incident responders|authors|author|owner|owners|contributors|incident commander|incident lead|team|review owner|postmortem owner|incident owner|on call|incident manager|facilitator|postmortem owners|who was involved|reporter|owner of review process",
	fieldLinks:       "links|references|related links|related issues prs|related issues|related incidents|see also|resources|supporting information|related|appendix links|related prs",
	fieldDetails:     "details|metadata|incident details|general information|info|information|basic information|at glance|key facts|facts|meta",
	fieldDate:        "date|incident date|date of incident|day|event date",
	fieldTitle:       "title|incident title",
	fieldStatus:      "status|review status|incident status|postmortem status",
	fieldSeverity:    "severity|sev|severity level|incident severity|priority level",
	fieldTags:        "tags|labels|keywords|category|categories",
	fieldComponents:  "components|component|services|service|affected services|services affected|service s affected|service s|affected service|affected components|system|systems|systems affected|impacted services|services involved|services impacted",
	fieldImpactStart: "impact start|impact started|impact start time|start|started|start time|started at|incident start|incident start time|incident started|outage start|outage started|outage start time|time of start|begin|begins|beginning|issue started|start date|start of impact|start of incident",
	fieldImpactEnd:   "impact end|impact ended|impact end time|end|ended|end time|ended at|incident end|incident end time|incident ended|outage end|outage ended|outage end time|resolved at|resolved|resolution time|time resolved|recovered at|issue resolved|end date|end of impact|end of incident|time of resolution|resolved on",
	fieldDetectedAt:  "detected at|detected|detection time|time detected|time of detection|first detected|incident detected|detected on|detect time|discovered at",
})

func names(lists map[field]string) map[string]field {
	out := map[string]field{}
	for f, list := range lists {
		for name := range strings.SplitSeq(list, "|") {
			out[name] = f
		}
	}
	return out
}

var (
	numbering    = regexp.MustCompile(`^(?:\d+(?:\.\d+)*[.)]?|[ivx]+[.)])\s+`)
	parenthetic  = regexp.MustCompile(`\s*\([^)]*\)\s*`)
	articleWords = regexp.MustCompile(`\b(?:the|a|an|our|this)\s+`)
)

func normalName(title string) string {
	title = strings.ToLower(strings.TrimSpace(title))
	title = numbering.ReplaceAllString(title, "")
	title = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return ' '
	}, title)
	return articleWords.ReplaceAllString(strings.Join(strings.Fields(title), " "), "")
}

// classify names the field a heading or label stands for. whole is false when the heading says more than that name,
// such as "Contributing factors (findings)".
func classify(title string) (f field, whole bool) {
	if f, ok := headings[normalName(title)]; ok {
		return f, true
	}
	if f, ok := headings[normalName(parenthetic.ReplaceAllString(title, " "))]; ok {
		return f, false
	}
	name := normalName(title)
	for _, prefix := range []string{"timeline", "incident timeline", "action items"} {
		if strings.HasPrefix(name, prefix+" ") {
			return headings[prefix], false
		}
	}
	for _, sep := range []string{":", " - ", " – ", " — "} {
		if head, _, ok := strings.Cut(title, sep); ok {
			if f, ok := headings[normalName(head)]; ok {
				return f, false
			}
		}
	}
	return "", false
}

func known(title string) bool {
	f, _ := classify(title)
	return f.section()
}

// section reports whether a field may fill a section of its own. The others are single values behind a label.
func (f field) section() bool {
	switch f {
	case fieldSummary, fieldImpact, fieldTimeline, fieldFactors, fieldWell, fieldPoorly, fieldLucky, fieldActions, fieldLessons, fieldPeople, fieldLinks, fieldDetails:
		return true
	}
	return false
}

// prose reports whether a field takes the text of its section as written.
func (f field) prose() bool {
	switch f {
	case fieldSummary, fieldImpact, fieldWell, fieldPoorly, fieldLucky:
		return true
	}
	return false
}
