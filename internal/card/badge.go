package card

import (
	"fmt"
	"math"
	"strings"

	"github.com/hindcast-kb/hindcast/internal/markup"
)

// Badge is one word about a record, in the flat shape that people know.
type Badge struct {
	// Version is that of the form, which is read by others.
	Version int    `json:"schemaVersion" example:"1"`
	Label   string `json:"label" example:"attempt" maxLength:"200"`
	Message string `json:"message" example:"rolled back" maxLength:"200"`
	Color   string `json:"color" example:"red" maxLength:"20"`
	// IsError says that there is nothing to show.
	IsError bool `json:"isError,omitempty" example:"false"`
	// CacheSeconds is how long the badge may be kept.
	CacheSeconds int `json:"cacheSeconds,omitempty" example:"300"`
}

// NewBadge makes a badge with a status in the colour of its tone.
func NewBadge(label, message string, tone Tone) Badge {
	return Badge{Version: 1, Label: line(label), Message: line(words(message)), Color: badgeNames[tone], CacheSeconds: 300}
}

// NoBadge is the grey badge for what cannot be shown.
func NoBadge(label, message string) Badge {
	b := NewBadge(label, message, Neutral)
	b.IsError = true
	return b
}

var (
	badgeNames = map[Tone]string{Neutral: "lightgrey", Good: "brightgreen", Warn: "yellow", Bad: "red", "": "lightgrey"}
	// badgeFills are the colours by their names, dark enough for white letters.
	badgeFills = map[string]string{"lightgrey": "#6b7280", "brightgreen": "#1f7a3d", "yellow": "#8a5a00", "red": "#b3261e"}
)

// maxBadgeText is how wide one half of a badge may be, in pixels.
const maxBadgeText = 300

// SVG writes the badge as a picture 20 pixels high.
func (b Badge) SVG() string {
	label, message := clipped(b.Label, 11, maxBadgeText), clipped(b.Message, 11, maxBadgeText)
	left, right := math.Round(width(label, 11))+10, math.Round(width(message, 11))+10
	name := markup.XMLText(b.Label + ": " + b.Message)
	var s strings.Builder
	fmt.Fprintf(&s, `<svg xmlns="http://www.w3.org/2000/svg" width="%g" height="20" role="img" aria-label="%s"><title>%s</title>`, left+right, name, name)
	fmt.Fprintf(&s, `<g shape-rendering="crispEdges"><rect width="%g" height="20" fill="#444"/><rect x="%g" width="%g" height="20" fill="%s"/></g>`, left, left, right, badgeFills[b.Color])
	s.WriteString(`<g fill="#fff" text-anchor="middle" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" text-rendering="geometricPrecision" font-size="11">`)
	for _, half := range []struct {
		text  string
		at, w float64
	}{{label, left / 2, left - 10}, {message, left + right/2, right - 10}} {
		fmt.Fprintf(&s, `<text x="%g" y="14" textLength="%g">%s</text>`, half.at, half.w, markup.XMLText(half.text))
	}
	s.WriteString("</g></svg>\n")
	return s.String()
}
