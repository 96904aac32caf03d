package jira

import (
	"bytes"
	"encoding/json"
	"strings"
)

// PayloadKind is the shape a source sends.
type PayloadKind string

// The shapes of a payload.
const (
	// PayloadWebhook is what Jira's own webhooks send.
	PayloadWebhook PayloadKind = "webhook"
	// PayloadAutomation is what automation rules send: the root may be the issue itself, and no event is named.
	PayloadAutomation PayloadKind = "automation"
	// PayloadCustom is an automation rule's own text, in either of the shapes above.
	PayloadCustom PayloadKind = "custom"
)

// DecodeOptions say how a source is set up.
type DecodeOptions struct {
	Payload PayloadKind
	// Event is the kind that the address of the source names (`?event=issue_updated`), for payloads that name none.
	Event string
}

// DecodeCode says why a delivery cannot be read. The values are stable and are the reasons of a quarantine.
type DecodeCode string

// The codes of a DecodeError.
const (
	DecodeNoBody    DecodeCode = "no_body"
	DecodeBadJSON   DecodeCode = "bad_json"
	DecodeNotObject DecodeCode = "not_object"
	DecodeTooDeep   DecodeCode = "too_deep"
	DecodeNoEvent   DecodeCode = "no_event"
)

// DecodeError is a delivery that cannot be read. Its text holds nothing of the body.
type DecodeError struct{ Code DecodeCode }

func (e *DecodeError) Error() string {
	switch e.Code {
	case DecodeNoBody:
		return "the body is empty"
	case DecodeBadJSON:
		return "the body is not JSON"
	case DecodeNotObject:
		return "the body is not a JSON object"
	case DecodeTooDeep:
		return "the body nests too deep"
	default:
		return "the body names no event"
	}
}

// maxNesting is far above what Jira sends (captures nest 8 deep) and far below what costs a stack.
const maxNesting = 200

// Decode reads a delivery as Jira's webhooks send it. Errors are *DecodeError.
func Decode(raw []byte) (Event, error) { return DecodeAs(raw, DecodeOptions{}) }

// DecodeAs reads a delivery of a source that is set up in a given way. Errors are *DecodeError. The event is usable without an
// error even if parts of it were not understood; those are in its Warnings.
func DecodeAs(raw []byte, options DecodeOptions) (Event, error) {
	root, err := rootObject(raw)
	if err != nil {
		return Event{}, err
	}
	r := &reader{}
	e := Event{Name: r.text(root, "webhookEvent", ""), TypeName: r.text(root, "issue_event_type_name", ""), TS: r.millis(root, "timestamp", ""), Provenance: ProvenanceWebhook}
	if e.TypeName == "" {
		e.TypeName = r.text(root, "eventType", "")
	}
	automation := options.Payload == PayloadAutomation || options.Payload == PayloadCustom
	issueRaw := root["issue"]
	if e.Name == "" && automation && isNull(issueRaw) && root["fields"] != nil {
		issueRaw, _ = json.Marshal(root)
	}
	e.Actor = r.person(root["user"], "user")
	r.issuePart(&e, issueRaw, root)
	r.parts(&e, root)
	if err := classify(&e, root, options, automation); err != nil {
		return Event{Warnings: r.warnings}, err
	}
	r.settle(&e, root)
	e.Warnings = r.warnings
	return e, nil
}

func rootObject(raw []byte) (object, error) {
	trimmed := bytes.TrimSpace(bytes.TrimPrefix(raw, []byte("\xEF\xBB\xBF")))
	if len(trimmed) == 0 {
		return nil, &DecodeError{DecodeNoBody}
	}
	if nesting(trimmed) > maxNesting {
		return nil, &DecodeError{DecodeTooDeep}
	}
	if !json.Valid(trimmed) {
		return nil, &DecodeError{DecodeBadJSON}
	}
	if trimmed[0] != '{' {
		return nil, &DecodeError{DecodeNotObject}
	}
	var root object
	if err := json.Unmarshal(trimmed, &root); err != nil {
		return nil, &DecodeError{DecodeBadJSON}
	}
	return root, nil
}

// nesting counts how deep brackets go outside strings, without a stack, so that a deep body costs nothing.
func nesting(raw []byte) int {
	depth, deepest := 0, 0
	inString := false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return deepest
}

// classify sets the kind. A payload without an event's name is an update where the source may send such payloads, and where it
// has the shape of Jira's old workflow post function.
func classify(e *Event, root object, options DecodeOptions, automation bool) error {
	name := e.Name
	if name == "" && automation {
		name = options.Event
		if name == "" && e.Issue != nil {
			name = string(KindIssueUpdated)
		}
	}
	if name == "" && e.Issue != nil && !isNull(root["transition"]) {
		name = string(KindIssueUpdated)
	}
	if name == "" {
		return &DecodeError{DecodeNoEvent}
	}
	e.Kind = kindOf(name)
	if e.Issue == nil && (e.Kind == KindIssueCreated || e.Kind == KindIssueUpdated || e.Kind == KindIssueDeleted) && e.IssueID == "" {
		return &DecodeError{DecodeNoEvent}
	}
	return nil
}

var kinds = map[string]Kind{
	"issue_created": KindIssueCreated, "issue_updated": KindIssueUpdated, "issue_deleted": KindIssueDeleted,
	"issue_unknown":   KindIssueUpdated, // Data Center, after a plugin changed an issue
	"comment_created": KindCommentCreated, "comment_updated": KindCommentUpdated, "comment_deleted": KindCommentDeleted,
	"issuelink_created": KindLinkCreated, "issuelink_deleted": KindLinkDeleted, "link_created": KindLinkCreated, "link_deleted": KindLinkDeleted,
	"version_created": KindVersionChanged, "version_updated": KindVersionChanged, "version_released": KindVersionChanged, "version_unreleased": KindVersionChanged,
	"version_moved": KindVersionChanged, "version_deleted": KindVersionDeleted, "version_merged": KindVersionDeleted,
	"worklog_created": KindWorklogChanged, "worklog_updated": KindWorklogChanged, "worklog_deleted": KindWorklogDeleted,
	"project_created": KindProjectChanged, "project_updated": KindProjectChanged, "project_restored_deleted": KindProjectChanged, "project_restored_archived": KindProjectChanged,
	"project_deleted": KindProjectGone, "project_soft_deleted": KindProjectGone, "project_archived": KindProjectGone,
	"user_deleted": KindUserDeleted,
}

var ignoredPrefixes = []string{"attachment_", "sprint_", "board_", "user_", "issue_property_", "issuetype_", "filter_", "option_", "jira_expression_", "app_access_"}

func kindOf(name string) Kind {
	name = strings.TrimPrefix(name, "jira:")
	if kind, ok := kinds[name]; ok {
		return kind
	}
	for _, prefix := range ignoredPrefixes {
		if strings.HasPrefix(name, prefix) {
			return KindIgnored
		}
	}
	return KindUnknown
}
