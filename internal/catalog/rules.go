package catalog

import (
	"cmp"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// accents are the marks that letters of European scripts carry and do without in addresses; other scripts need theirs.
const firstAccent, lastAccent = '\u0300', '\u036f'

// Slug makes a name fit for addresses and labels: small letters and digits of any script, accents taken off, single dashes
// between what was apart. It is empty for a name without any letter or digit.
func Slug(name string) string {
	var b strings.Builder
	apart := false
	for _, r := range norm.NFKD.String(name) {
		switch {
		case r >= firstAccent && r <= lastAccent:
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r) && b.Len() > 0:
			if apart && b.Len() > 0 {
				b.WriteByte('-')
			}
			apart = false
			b.WriteRune(unicode.ToLower(r))
		default:
			apart = true
		}
	}
	return norm.NFC.String(b.String())
}

func slugOf(in ServiceInput) string { return cmp.Or(in.Slug, Slug(in.Name)) }

// Checked is what is known about a runbook's page.
type Checked struct {
	// Link is what the last check of the link found.
	Link vocab.LinkStatus
	// ReviewedAt is when somebody last found the page right, nil for never.
	ReviewedAt *time.Time
	// DueAt is when that review is to be repeated, nil for never.
	DueAt *time.Time
}

// Health says whether a runbook can be relied on at the given time. A page that is gone is worse than one that nobody has
// read, and that is worse than one read too long ago.
func Health(c Checked, at time.Time) vocab.RunbookHealth {
	switch {
	case c.Link == vocab.LinkStatusBroken:
		return vocab.RunbookHealthBroken
	case c.ReviewedAt == nil, c.Link == vocab.LinkStatusRefused:
		return vocab.RunbookHealthUnverified
	case c.DueAt != nil && at.After(*c.DueAt):
		return vocab.RunbookHealthStale
	}
	return vocab.RunbookHealthFresh
}

// reviewDue is when a review has to be repeated; without a review or an interval it never has to.
func reviewDue(reviewedAt *time.Time, everyDays *int) *time.Time {
	if reviewedAt == nil || everyDays == nil {
		return nil
	}
	due := reviewedAt.UTC().AddDate(0, 0, *everyDays)
	return &due
}
