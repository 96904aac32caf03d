package vocab

import "time"

// AppliesTo says which attempts a lesson is for. Every dimension that is named must share a value with the attempt.
type AppliesTo struct {
	// Kinds are upgrade kinds.
	Kinds []UpgradeKind `json:"kinds,omitempty" maxItems:"20"`
	// ServiceIDs are the services upgraded.
	ServiceIDs []ID `json:"service_ids,omitempty" swaggertype:"array,string" example:"SVC-1" maxItems:"200"`
	// Areas are components or tables that the change touches.
	Areas []string `json:"areas,omitempty" example:"sessions" maxItems:"200"`
	// Tags are tags of the upgrade or the attempt.
	Tags []string `json:"tags,omitempty" example:"persistence" maxItems:"200"`
}

// RunbookRule says which findings and incidents a runbook is for. Every dimension that is named must share a value with the
// record; a rule that names none is for nothing.
type RunbookRule struct {
	// ServiceIDs are the services it is about.
	ServiceIDs []ID `json:"service_ids,omitempty" swaggertype:"array,string" example:"SVC-1" maxItems:"200"`
	// Components are parts of a service, as on findings.
	Components []string `json:"components,omitempty" example:"sessions" maxItems:"200"`
	// Tags are tags of the record.
	Tags []string `json:"tags,omitempty" example:"persistence" maxItems:"200"`
	// Severities are the impacts it is for.
	Severities []Severity `json:"severities,omitempty" maxItems:"4"`
	// Contains are pieces of text, such as a message of an error; the record must hold one of them.
	Contains []string `json:"contains,omitempty" example:"duplicate key value" maxItems:"200"`
}

// Option is one of the choices a decision was made between.
type Option struct {
	// Name says what would be done.
	Name string `json:"name" example:"Revert to the old version" maxLength:"200"`
	// For is what speaks for it.
	For string `json:"for,omitempty" example:"The old version is known to be stable" maxLength:"2000"`
	// Against is what speaks against it.
	Against string `json:"against,omitempty" example:"Users lose the new pages" maxLength:"2000"`
}

// Factor is one of the conditions that together made an incident or a failed attempt possible.
type Factor struct {
	// Category groups factors, in the team's own words.
	Category string `json:"category" example:"environment parity" maxLength:"120"`
	// Text says what the condition was.
	Text string `json:"text" example:"The index was added in production only" maxLength:"100000"`
	// Refs are the records that show it.
	Refs []ID `json:"refs,omitempty" swaggertype:"array,string" example:"ASM-1" maxItems:"200"`
}

// Amendment is a change made to a review after it was published.
type Amendment struct {
	// At is when the change was made, in UTC.
	At time.Time `json:"at" format:"date-time"`
	// By is who made it.
	By string `json:"by" maxLength:"120"`
	// Fields are the fields that changed.
	Fields []string `json:"fields" maxItems:"50"`
}

// Terms are what was agreed for a tripwire.
type Terms struct {
	// Signal is what is measured.
	Signal string `json:"signal" maxLength:"200"`
	// Comparator and Threshold say which readings count.
	Comparator Comparator `json:"comparator"`
	Threshold  float64    `json:"threshold"`
	// ForMinutes is how long readings must count without a break before the wire trips; zero trips on the first.
	ForMinutes int `json:"for_minutes"`
	// Deadline ends the watch.
	Deadline *time.Time `json:"deadline,omitempty" format:"date-time"`
	// Then is what happens on a trip.
	Then TripwireThen `json:"then"`
	// AgreedBy names the roles that agreed.
	AgreedBy string `json:"agreed_by" maxLength:"200"`
	// ReplacedAt is when newer terms took over.
	ReplacedAt time.Time `json:"replaced_at" format:"date-time"`
}

// FieldChange is what a write did to one field.
type FieldChange struct {
	// Field is the name of the field as in the API.
	Field string `json:"field" maxLength:"120"`
	// From is the value before; it is left out for a new record.
	From any `json:"from,omitempty"`
	// To is the value after; it is left out for a deleted record.
	To any `json:"to,omitempty"`
}
