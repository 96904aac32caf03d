package story

// Tour lists addresses of pages that show, with what the story tells, every part that the pages for people have. The last is one that
// is not there.
func Tour() []string {
	return []string{
		"/", "/search?q=session", "/search?q=zzzz", "/search?type=lesson", "/analytics", "/upgrades/UPG-1", "/attempts/ATT-1", "/attempts/ATT-2",
		"/attempts/ATT-3", "/attempts/ATT-2/draft", "/assumptions/ASM-1", "/lessons/LES-1", "/incidents/INC-1", "/incidents/INC-2", "/reviews/REV-2",
		"/runbooks/RBK-1", "/findings/FND-25", "/decisions/DEC-6", "/services/SVC-1", "/environments/ENV-2", "/environments/ENV-2/drift?target=ENV-1",
		"/events/EVT-1", "/snapshots/SNP-1", "/embeds/new?target=ATT-2", "/embeds/new?target=search%3Asession", "/nowhere",
	}
}

// Shared lists what of the story can be shown on pages of others: a record of every kind that can, a search and a comparison.
func Shared() []string {
	return []string{
		"UPG-1", "ATT-2", "ATT-3", "ASM-1", "FND-25", "LES-1", "INC-2", "DEC-6", "ACT-1", "REV-2", "RBK-1", "SVC-1", "search:session", "search:zzzz", "drift:ENV-2..ENV-1",
	}
}
