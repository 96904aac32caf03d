package vocab

import "slices"

// Kind is a kind of record: what it is called in text, paths, ids and tables.
type Kind struct {
	// Name is the singular in snake_case, as in `finding`.
	Name string
	// Prefix stands before the number of an id, as in `FND`.
	Prefix string
	// Path is the segment of its collection below the API base, as in `findings`.
	Path string
	// Table is its table in the database.
	Table string
}

// The kinds of record.
var (
	Service     = Kind{"service", "SVC", "services", "services"}
	Environment = Kind{"environment", "ENV", "environments", "environments"}
	Upgrade     = Kind{"upgrade", "UPG", "upgrades", "upgrades"}
	Attempt     = Kind{"attempt", "ATT", "attempts", "attempts"}
	Assumption  = Kind{"assumption", "ASM", "assumptions", "assumptions"}
	Evidence    = Kind{"evidence", "EVD", "evidence", "evidence"}
	Finding     = Kind{"finding", "FND", "findings", "findings"}
	Lesson      = Kind{"lesson", "LES", "lessons", "lessons"}
	Incident    = Kind{"incident", "INC", "incidents", "incidents"}
	Event       = Kind{"event", "EVT", "events", "events"}
	Decision    = Kind{"decision", "DEC", "decisions", "decisions"}
	Tripwire    = Kind{"tripwire", "TRP", "tripwires", "tripwires"}
	Action      = Kind{"action", "ACT", "actions", "actions"}
	Review      = Kind{"review", "REV", "reviews", "reviews"}
	Runbook     = Kind{"runbook", "RBK", "runbooks", "runbooks"}
	Reference   = Kind{"reference", "REF", "references", "record_references"}
	Snapshot    = Kind{"snapshot", "SNP", "snapshots", "snapshots"}
	Effort      = Kind{"effort", "EFF", "effort", "effort_entries"}
	Recurrence  = Kind{"recurrence", "REC", "recurrences", "recurrences"}
	Delivery    = Kind{"delivery", "DLV", "deliveries", "deliveries"}
	Source      = Kind{"source", "SRC", "sources", "sources"}
	Token       = Kind{"token", "TOK", "tokens", "tokens"}
	Embed       = Kind{"embed", "EMB", "embeds", "embeds"}
	Synonym     = Kind{"synonym", "SYN", "synonyms", "synonyms"}
	DriftIgnore = Kind{"drift_ignore", "IGN", "drift-ignores", "drift_ignores"}
	Job         = Kind{"job", "JOB", "jobs", "jobs"}
)

// Kinds lists every kind of record.
func Kinds() []Kind {
	return []Kind{
		Service, Environment, Upgrade, Attempt, Assumption, Evidence, Finding, Lesson, Incident, Event, Decision, Tripwire,
		Action, Review, Runbook, Reference, Snapshot, Effort, Recurrence, Delivery, Source, Token, Embed, Synonym, DriftIgnore, Job,
	}
}

// KindOf finds the kind with the given prefix, name, path or table.
func KindOf(word string) (Kind, bool) {
	kinds := Kinds()
	i := slices.IndexFunc(kinds, func(k Kind) bool {
		return k.Prefix == word || k.Name == word || k.Path == word || k.Table == word
	})
	if i < 0 {
		return Kind{}, false
	}
	return kinds[i], true
}

// ID is the id of the record of this kind with number n.
func (k Kind) ID(n int) ID { return ID{Prefix: k.Prefix, N: n} }
