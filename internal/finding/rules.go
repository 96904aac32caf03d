package finding

import (
	"cmp"

	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// moves is how a finding moves between states: from being reported to being verified as resolved, with three ways out for
// one that is not worked on. A resolved finding that shows again is confirmed anew.
var moves = record.MovesOf(
	"reported: triaged confirmed duplicate not_reproducible accepted",
	"triaged: confirmed duplicate not_reproducible accepted",
	"confirmed: resolved duplicate not_reproducible accepted",
	"resolved: verified confirmed",
)

// checkAttribution notes an attribution that its own basis speaks against: what was reproduced on the old version was not
// caused by the change.
func checkAttribution(c *fault.Check, a vocab.Attribution, basis vocab.AttributionBasis) {
	if a == vocab.AttributionCausedByChange && basis == vocab.AttributionBasisReproducedOnOldVersion {
		c.Add("attribution", "contradicts_basis", "what was reproduced on the old version was not caused by the change")
	}
}

func orUndetermined(a vocab.Attribution) vocab.Attribution {
	return cmp.Or(a, vocab.AttributionUndetermined)
}

// Open says whether a finding in this state still asks for something.
func Open(status vocab.FindingStatus) bool {
	switch status {
	case vocab.FindingStatusReported, vocab.FindingStatusTriaged, vocab.FindingStatusConfirmed:
		return true
	}
	return false
}
