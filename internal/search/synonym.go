package search

// synonymWeight is what a synonym counts against the word that was typed. More than this costs
// relevance on every collection measured.
const synonymWeight = 0.2

// synonyms are groups of members; a member is the terms of one entry.
type synonyms struct {
	groups [][][]string
	known  map[string]bool // terms that stand alone as a member
}

// readSynonyms makes terms of the words. A group of which one member at most has any says nothing and is left out.
func readSynonyms(groups [][]string) synonyms {
	s := synonyms{known: map[string]bool{}}
	for _, group := range groups {
		var members [][]string
		for _, entry := range group {
			var terms []string
			tokens(entry, func(t token) {
				if classOf(t.text) != stop {
					terms = append(terms, stem(t.text))
				}
			})
			if len(terms) == 1 {
				s.known[terms[0]] = true
			}
			if len(terms) > 0 {
				members = append(members, terms)
			}
		}
		if len(members) > 1 {
			s.groups = append(s.groups, members)
		}
	}
	return s
}

// StarterSynonyms are groups for upgrades and incidents that a new installation begins with.
func StarterSynonyms() [][]string {
	return [][]string{
		{"rollback", "revert", "back out"},
		{"outage", "downtime", "unavailable"},
		{"postmortem", "retrospective", "incident review"},
		{"db", "database"},
		{"k8s", "kubernetes"},
		{"config", "configuration", "settings"},
		{"env", "environment"},
		{"prod", "production"},
		{"repo", "repository"},
		{"auth", "authentication"},
		{"perf", "performance"},
		{"deploy", "deployment", "rollout", "release"},
		{"upgrade", "update", "bump"},
		{"crash", "panic", "abort"},
		{"hang", "freeze", "stuck"},
		{"slow", "latency", "sluggish"},
		{"logout", "logged out", "signed out"},
		{"login", "sign in"},
		{"gc", "garbage collection"},
		{"oom", "out of memory"},
		{"cert", "certificate"},
		{"lb", "load balancer"},
		{"dns", "name resolution"},
		{"timeout", "timed out"},
		{"dependency", "library"},
	}
}

// synonyms adds the other members of every group that the query has a member of.
func (p *planner) synonyms() {
	typed := map[string]float32{}
	for _, t := range p.plan.terms {
		if t.position >= 0 {
			typed[t.key] = t.weight
		}
	}
	for _, group := range p.e.synonyms.groups {
		for i, member := range group {
			weight, all := float32(0), true
			for _, key := range member {
				w, ok := typed[key]
				weight, all = max(weight, w), all && ok
			}
			if !all {
				continue
			}
			for j, other := range group {
				for _, key := range other {
					if j != i {
						p.add(key, synonymWeight*weight/float32(len(other)), -1)
					}
				}
			}
		}
	}
}
