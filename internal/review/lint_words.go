package review

import (
	"regexp"
	"strings"
)

var (
	regret = phrase(`(?i)\b(?:(?:should|could|ought to)(?:n['’]?t| not|n)?(?: (?:really|probably|also|never|always|at least|just|easily|then|simply|obviously))?(?: have|['’]ve| of)|shoulda|coulda)(?: (?:not|never|already|also|been|easily|probably|at least|just|immediately|then|better|first))*\s+([a-z]+)\b`)
	ifOnly = phrase(`(?i)\bif only\s+(?:we|they|he|she|you|i|it|there|somebody|someone|anybody|anyone|the|our|this|that|those|these)\b[^.!?\x00\n]{0,60}?\b(?:had|were|could|would|knew|checked|tested|asked|looked|noticed)\b`)
	failed = phrase(`(?i)\b((?:failed|neglected|forgot|omitted) to ([a-z]+))\b`)
	// closing is what follows a participle and never a word that describes a thing.
	closing = phrase(`(?i)^\s*(?:$|[.,;:!?)]|(?:the|a|an|it|this|that|these|those|them|us|our|their|his|her|its|all|each|every|any|by|in|on|at|before|after|when|while|with|from|for|to|if|earlier|sooner|first|and|but|because|more|better)\b)`)

	people    = phrase(`(?i)\b(?:we|i|he|she|you|they|nobody|no one|somebody|someone|everybody|everyone|who|engineers?|developers?|operators?|admins?|administrators?|teams?|staff|people|person|members?|reviewers?|managers?|responders?|on-?call|analysts?|testers?|colleagues?|authors?|vendors?|qa|support|sres?|dbas?|management|leads?|intern|contractors?)\b`)
	machines  = phrase(`(?i)\b(?:pods?|nodes?|services?|servers?|jobs?|builds?|pipelines?|scripts?|requests?|deployments?|deploys?|containers?|controllers?|clients?|connections?|process(?:es)?|probes?|checks?|monitors?|monitoring|alerts?|alerting|system|systems|cluster|database|queries|query|api|hub|agents?|tool|tests?|code|library|plugin|hook|webhook|certificate|browser|proxy|parser|validators?|schedulers?|autoscaler|health|it|which|that|packages?|app|apps|application|applications|bot|daemon|workers?|replicas?|gateway|compiler)\b`)
	normative = phrase(`(?i)\b(?:careless(?:ly|ness)?|obviously|simply|negligen(?:t|tly|ce)|sloppy|sloppily|sloppiness|reckless(?:ly|ness)?|stupid(?:ly|ity)?|incompeten(?:t|tly|ce)|foolish(?:ly)?|irresponsib(?:le|ly)|inexcusabl[ey]|unprofessional(?:ly)?|thoughtless(?:ly)?|inattenti(?:ve|vely|on)|lazin?ess|(?:human|operator|pilot) error|(?:to be|is|was|are|were) to blame)\b`)
	mention   = phrase(`(?:^|[\s(,;])(@[A-Za-z][A-Za-z0-9_-]{1,38})(?:['’]s)?(?:[\s,.;:!?)]|$)`)
	named     = phrase(`\b([A-Z][a-zà-ÿ]+)(?: [A-Z][a-zà-ÿ]+)?(?:['’]s (?:fault|mistake|error|carelessness|negligence|oversight|failure|blunder)\b| (?:has |had |have |then |also |accidentally |mistakenly |wrongly |again |never |just |simply )*(?:` + deeds + `)\b)`)
	byName    = phrase(`\b(?:caused|broken|deleted|dropped|missed|overlooked|introduced|misconfigured|skipped|ignored|approved|made) by ([A-Z][a-zà-ÿ]+)(?: [A-Z][a-zà-ÿ]+)?\b`)
)

// deeds are verbs that, after a name, make a person the cause. Verbs of telling and noticing are not among them.
const deeds = `broke|deleted|dropped|forgot|neglected|missed|ignored|skipped|overlooked|misread|mistyped|misconfigured|misunderstood|pushed|merged|deployed|ran|approved|caused|changed|applied|disabled|removed|overwrote|took down|brought down|screwed up|messed up|failed to|did not|didn['’]t|should have|could have|should['’]ve|could['’]ve|panicked|assumed|triggered|introduced|killed|restarted the wrong|typed|left|is responsible|was responsible`

// pointing are wordings that single out somebody without a name.
var pointing = []struct {
	words    *regexp.Regexp
	question string
}{
	{phrase(`(?i)\b(?:the|an?|one) (?:(?:junior|senior|new|inexperienced|responsible|careless|same|wrong|tired) )*(?:engineer|developer|operator|admin|administrator|intern|contractor|person|employee|dba|sysadmin|individual|guy|colleague) (?:who|that) (?:(?:had|has|accidentally|mistakenly|wrongly|originally) )*(?:` + deeds + `|wrote|did|made|was responsible|is responsible)\b`), askSystem},
	{phrase(`(?i)\b(?:he|she) (?:(?:had|has|then|also|accidentally|mistakenly|wrongly|again) )*(?:` + deeds + `)\b`), askRole},
	{phrase(`(?i)\b(?:whoever|the culprit who|the person responsible|the (?:engineer|developer|operator) responsible|the person at fault|the guilty (?:party|person|engineer))\b`), askSystem},
	{phrase(`(?i)\b(?:his|her|my|your|somebody's|someone's|the (?:engineer|developer|operator|intern|admin|team|contractor)['’]s) (?:own )?(?:fault|mistake|carelessness|negligence|oversight|blunder)\b`), askSystem},
	{phrase(`(?i)\b(?:inexperienced|junior) (?:engineer|developer|operator|admin|colleague|employee)s?\b`), askSystem},
}

// phrase compiles a pattern in which a blank stands for any run of blanks, such as a line end or marks of emphasis.
func phrase(pattern string) *regexp.Regexp {
	return regexp.MustCompile(strings.ReplaceAll(pattern, " ", `\s+`))
}

func wordSet(list string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(list) {
		out[w] = true
	}
	return out
}

// groups are mentions that reach no single person.
var groups = wordSet(`channel here everyone all team oncall on-call group override param return returns deprecated types angular babel media import`)

// thinking are deeds of people: nobody says of a pod that it failed to consider something.
var thinking = wordSet(`check notice test verify communicate follow consider understand realise realize read review escalate document inform notify anticipate coordinate ask think look tell plan predict account appreciate recognise recognize question discuss investigate learn remember mention foresee double-check heed consult warn`)

// irregular are past participles that do not end in -ed.
var irregular = wordSet(`been begun broken brought built bought caught chosen come cut dealt done drawn driven fallen felt fought found forgotten frozen given gone got gotten grown heard held hidden hit kept known laid led left lost made meant met paid put read rebuilt redone reset run said seen sent set shown shut slept spent split spoken spread stood stuck taken taught thought thrown told undone understood woken won written rewritten overridden withdrawn rolled`)

// notParticiples end in -ed and are something else.
var notParticiples = wordSet(`need indeed speed feed seed embed red bed shed led hundred united zed sacred`)

// describing are participles that also describe things: "should have dedicated nodes".
var describing = wordSet(`limited dedicated detailed shared automated documented agreed defined distributed managed encrypted restricted tested reviewed named updated redundant replicated isolated unlimited increased reduced improved required recommended expected predefined integrated centralised centralized standardised standardized written labelled labeled supported trained assigned separated pinned versioned signed verified monitored nested mixed advanced planned scheduled combined tuned tested backed fixed hardened trusted untrusted unified typed`)

// givenNames are common given names that are not also words, products or tools of the trade.
var givenNames = wordSet(`Aaron Abigail Adam Adrian Ahmed Alan Albert Alejandro Alex Alexander Alexandra Alexis Alice Alicia Alison Amanda Amit Amy Ana Anders Andrea Andreas Andrew Andy Angela Anita Anja Ann Anna Anne Annika Anthony Antonio Arjun Arthur Ashley Astrid Barbara Beatrice Ben Benjamin Bernd Beth Bob Bobby Brandon Brenda Brian Bruno Camille Carlos Carol Caroline Catherine Charles Charlie Charlotte Chen Chloe Chris Christian Christina Christine Christopher Claire Clara Claudia Cynthia Daniel Daniela Dave David Deborah Deepak Denis Dennis Diana Diego Dmitri Dominik Donald Donna Dorothy Douglas Dylan Ed Eddie Eduardo Edward Elena Eli Elisabeth Elizabeth Ellen Emily Emma Eric Erik Erika Ethan Eva Evan Evelyn Fatima Felipe Fernando Fiona Florian Frances Francesco Francisco Franck Fred Frederik Gabriel Gary George Gerald Gina Giovanni Giulia Greg Gregory Guillaume Gustavo Hannah Hans Harold Heather Heidi Helen Helena Henrik Henry Hiroshi Howard Hugo Ian Ingrid Irene Isabel Isabella Ivan Jack Jacob Jake James Jamie Jan Jane Janet Jason Javier Jean Jeff Jeffrey Jennifer Jeremy Jerry Jesper Jesse Jessica Jim Jimmy Joan Joe Johan Johannes John Johnny Jon Jonas Jonathan Jorge Jose Joseph Joshua Juan Judith Judy Julian Juliette Justin Jürgen Karen Karl Katarina Kate Katherine Kathleen Kathy Katie Keith Ken Kenji Kenneth Kevin Kim Kimberly Klaus Kristen Kurt Kyle Larry Lars Laura Lauren Laurent Leah Lena Leon Leonardo Leslie Linda Lisa Louis Louise Luca Lucas Lucia Lucy Luis Luke Magnus Manuel Marco Marcus Margaret Maria Marie Mario Marta Martha Martin Mary Mateo Mathias Matt Matthew Megan Melanie Melissa Michael Michelle Miguel Mikael Mike Miriam Mohamed Mohammed Monica Monika Nancy Natalie Nathan Neil Niels Nicholas Nick Nicola Nicolas Nicole Niklas Nikolai Nina Noah Nora Olaf Oleg Olga Olivia Oscar Otto Pablo Pamela Patricia Patrick Paul Paula Pedro Peter Petra Phil Philip Philippe Pierre Priya Rachel Rafael Rahul Rajesh Ralph Ramon Raymond Rebecca Ricardo Richard Rick Robert Roberto Robin Roger Roland Ron Ronald Rosa Roy Russell Ruth Ryan Sabine Sam Samantha Samuel Sandra Sanjay Sara Sarah Scott Sean Sebastian Sergei Sergio Sharon Shirley Simon Simone Sofia Sophia Sophie Stefan Stefanie Stephanie Stephen Steve Steven Stuart Sunil Susan Susanne Suzanne Svetlana Sven Sylvia Søren Tanya Tara Ted Teresa Theo Theresa Thomas Tim Timothy Tina Tobias Todd Tom Tomasz Tommy Tony Tyler Ulrich Ursula Valerie Vanessa Vera Veronica Vicky Victor Victoria Vijay Viktor Vincent Virginia Vladimir Walter Wendy Wolfgang Xavier Yuki Yuri Yusuf Yvonne Zachary Zoe`)
