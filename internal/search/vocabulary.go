package search

type vocabulary struct{}

func (e *Engine) refreshVocabulary() {}
func (e *Engine) compact()           {}

func (p *planner) correctable(form []byte) bool       { return false }
func (p *planner) correct(form []byte) (string, bool) { return "", false }
func (p *planner) prefix(text string)                 {}

type synonyms struct{}

func starterSynonyms() synonyms { return synonyms{} }
func (p *planner) synonyms()    {}
