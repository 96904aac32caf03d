package jira

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// DedupeKey names a delivery, so that the same one is kept once per source. Jira Cloud's identifier is the same across retries and
// unique within a tenant only. Data Center sends none: there the event's own ids and time name it, and a body without any is
// named by its bytes. e is nil for a body that could not be decoded.
func DedupeKey(header http.Header, raw []byte, e *Event) string {
	if id := strings.TrimSpace(header.Get(IdentifierHeader)); id != "" {
		if len(id) > 200 || strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' }) {
			id = "sha256-" + digest(id)
		}
		return "hdr:" + id
	}
	if e != nil {
		if tuple, named := eventTuple(*e); named {
			return "sem:" + digest(tuple...)
		}
	}
	sum := sha256.Sum256(raw)
	return "raw:" + hex.EncodeToString(sum[:])
}

// BackfillKey names what a search or a re-fetch showed of an issue.
func BackfillKey(issue Issue) string {
	return "bf:" + string(issue.ID) + ":" + issue.Updated.UTC().Format("2006-01-02T15:04:05.000Z")
}

func eventTuple(e Event) (tuple []string, named bool) {
	tuple = []string{e.Name, strconv.FormatInt(e.TS, 10), string(e.IssueID)}
	add := func(parts ...string) {
		tuple = append(tuple, parts...)
		for _, p := range parts {
			named = named || p != ""
		}
	}
	named = e.IssueID != ""
	changelog, comment, commentAt, link, version, worklog := "", "", "", "", "", ""
	if e.Changelog != nil {
		changelog = string(e.Changelog.ID)
	}
	if e.Comment != nil {
		comment, commentAt = string(e.Comment.ID), stampText(e.Comment.Updated)
	}
	if e.Link != nil {
		link = string(e.Link.ID)
	}
	if e.Version != nil {
		version = string(e.Version.ID)
	}
	if e.Worklog != nil {
		worklog = string(e.Worklog.ID) + "@" + stampText(e.Worklog.Updated)
	}
	add(changelog, comment, commentAt, link, version, worklog)
	if e.Issue != nil {
		// Without a timestamp the state of the issue is what tells two events apart.
		tuple = append(tuple, stampText(e.Issue.Updated), e.TypeName)
	}
	return tuple, named && (e.TS != 0 || changelog+comment+link+worklog != "")
}

func stampText(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return strconv.FormatInt(at.UnixMilli(), 10)
}

// digest hashes parts with their lengths, so that no two lists of parts look alike.
func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(strconv.Itoa(len(p)) + ":" + p))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// SemanticKeys name the changes an event tells of, whichever delivery brings it: two webhooks that match one change have
// different identifiers and times, and Data Center tells of every comment twice. An event may tell of several changes at once.
func SemanticKeys(e Event) []string {
	var keys []string
	if e.Changelog != nil && e.Changelog.ID != "" {
		keys = append(keys, "chg:"+string(e.Changelog.ID))
	}
	if c := e.Comment; c != nil {
		key := "cmt:" + string(c.ID) + ":" + stampText(c.Updated)
		if e.deletesComment() {
			key = "cmt:" + string(c.ID) + ":deleted"
		}
		keys = append(keys, key)
	}
	switch {
	case e.Link != nil:
		keys = append(keys, "lnk:"+string(e.Link.ID)+":"+string(e.Kind))
	case e.Version != nil:
		keys = append(keys, "ver:"+string(e.Version.ID)+":"+e.Name+":"+strconv.FormatInt(e.TS, 10))
	case e.Worklog != nil:
		keys = append(keys, "wlg:"+string(e.Worklog.ID)+":"+stampText(e.Worklog.Updated)+":"+string(e.Kind))
	case e.Kind == KindIssueCreated:
		keys = append(keys, "new:"+string(e.IssueID))
	case e.Kind == KindIssueDeleted:
		keys = append(keys, "del:"+string(e.IssueID))
	}
	if len(keys) == 0 && e.Issue != nil {
		keys = append(keys, "upd:"+string(e.IssueID)+":"+stampText(e.Issue.Updated)+":"+e.TypeName)
	}
	return keys
}

// SemanticKey is the first of SemanticKeys, or "" for an event that changes nothing we follow.
func SemanticKey(e Event) string {
	if keys := SemanticKeys(e); len(keys) > 0 {
		return keys[0]
	}
	return ""
}

func (e Event) deletesComment() bool {
	return e.Kind == KindCommentDeleted || e.Kind == KindIssueUpdated && strings.HasSuffix(e.TypeName, "comment_deleted")
}
