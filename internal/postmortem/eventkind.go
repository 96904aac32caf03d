package postmortem

import (
	"regexp"
	"strings"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// cues are the words that mark what an entry records. The cue that comes first in the text decides, because entries
// tend to open with what they are about; of two at one place the earlier in this list.
var cues = []struct {
	kind  vocab.EventKind
	words *regexp.Regexp
}{
	{vocab.EventKindSignal, regexp.MustCompile(`(?i)\b(?:(?:users?|customers?|clients?|developers?|colleagues?|others) (?:\w+ )?(?:report\w*|complain\w*|notified us)|reports? (?:of|that|from|back)|reported by|report of|additional report|alerts?\b|alarms?\b|alerted|paged|pages\b|notic\w+|detects?\b|detected|witnessed|observed?|errors?\b|fail(?:s|ed|ing|ures?)?\b|timeouts?\b|crash\w*|(?:is|are|goes|went) down\b|unhealthy|returning [45]\d\d|degrad\w+|expires?\b|expired|runs? out|outage begins|incident begins|spik\w+|latency|stackdriver sends|sees? )`)},
	{vocab.EventKindInterpretation, regexp.MustCompile(`(?i)\b(?:suspect\w*|attributed|assum\w+|reali[sz]\w+|think|thought|believ\w+|conclu\w+|hypothes\w+|unclear|likely|probably|root cause|cause (?:was )?(?:found|identified|discovered)|culprit|identified|diagnos\w+|turns out|understood|discovered|verification|verified that|seems?\b|appears?\b|suggest\w*|evaluated)`)},
	{vocab.EventKindDecision, regexp.MustCompile(`(?i)\b(?:decid\w+|decision|agreed|chose|chosen|opt(?:ed)? (?:to|for)|approved|go/no-go|takes? priority|we will|appointed)\b`)},
	{vocab.EventKindCommunication, regexp.MustCompile(`(?i)\b(?:announc\w+|notif(?:y|ied|ication)|inform(?:s|ed)?|contacted|emailed|tweet\w*|posted|status page|slack|gitter|message (?:posted|sent)|call(?:ed)? with|asks?|asked|follow-?up|communicat\w+|update (?:on|requested)|meeting|signs off|discuss\w*|published|escalated to)\b`)},
	{vocab.EventKindAction, regexp.MustCompile(`(?i)\b(?:restart\w*|re-?ran|rerun|rolled (?:back|over)|roll(?:ing)? ?back|revert\w*|deploy(?:ed|s|ment)?|delet\w+|applied|upgrad\w+|increas\w+|decreas\w+|merged|opened|creat\w+|fix(?:ed|es)?\b|patch\w*|cordon\w*|drain\w*|remov\w+|scal\w+|add(?:ed|s)|chang\w+|started (?:investigating|scanning)|investigat\w+|mitigat\w+|resolved|restored|updated|replac\w+|reattach\w*|terminated|scann\w+|check(?:ed|ing)?|submitted|tested|bump\w*|commenced|initiated|performed|run\b|ran\b)`)},
}

// guessKind reads the kind of an entry from its wording; an entry without any cue is taken as an action.
func guessKind(text string) vocab.EventKind {
	if len(text) > 400 {
		text = strings.ToValidUTF8(text[:400], "")
	}
	best, kind := len(text)+1, vocab.EventKindAction
	for _, cue := range cues {
		if at := cue.words.FindStringIndex(text); at != nil && at[0] < best {
			best, kind = at[0], cue.kind
		}
	}
	return kind
}
