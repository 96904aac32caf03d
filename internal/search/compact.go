package search

// Compaction begins when this many dead documents are a third of all numbers.
const compactFrom = 4096

// frozen is a view of an index that stays readable while the index is written to: everything it
// refers to only ever grows behind the lengths it holds, and the live set is its own.
type frozen struct {
	words, terms, ids, keys, teams interner
	wordTerm, idOf, lengths        []uint32
	wordStop                       []bool
	offsets                        []uint64
	times                          []int64
	records                        recordStore
	live, open                     bitset
	fields                         []frozenField
	totals                         totals
}

type frozenField struct {
	name   string
	values interner
}

func (x *index) freeze() *frozen {
	f := &frozen{
		words: *x.words, terms: *x.terms, ids: *x.ids, keys: *x.keys, teams: *x.teamNames,
		wordTerm: x.wordTerm, wordStop: x.wordStop, idOf: x.idOf, lengths: x.lengths,
		offsets: x.offsets, times: x.times,
		records: recordStore{pages: append([][]byte(nil), x.records.pages...)},
		live:    append(bitset(nil), x.live...), open: append(bitset(nil), x.open...), totals: x.totals,
	}
	for _, fd := range x.fields {
		f.fields = append(f.fields, frozenField{fd.name, *fd.values})
	}
	return f
}

// copyInto adds one document to another index, translating every number.
func (f *frozen) copyInto(to *index, doc uint32, r *record) {
	r.decode(f.records.at(f.offsets[doc]))
	for i, k := range r.keys {
		r.keys[i], _ = to.keys.add(f.keys.at(k))
	}
	for i, v := range r.values {
		r.values[i] = to.value(f.fields[v.field].name, f.fields[v.field].values.str(v.value))
	}
	if r.team > 0 {
		n, _ := to.teamNames.add(f.teams.at(r.team - 1))
		r.team = n + 1
	}
	for _, words := range [][]uint32{r.title, r.body} {
		for i, w := range words {
			words[i] = to.word(f.words.at(w))
		}
	}
	to.insert(f.ids.at(f.idOf[doc]), f.times[doc], r)
}

// compact rebuilds the index without its dead documents, beside the one in use, when enough of
// them have gathered. The caller holds e.writer.
func (e *Engine) compact() {
	x := e.index
	if e.compacting || x.dead < compactFrom || x.dead*3 < x.size() {
		return
	}
	e.compacting = true
	old, generation, model := x.freeze(), e.generation, x.model
	e.background.Add(1)
	go func() {
		defer e.background.Done()
		fresh := newIndex()
		fresh.model = model
		var r record
		old.live.each(func(doc uint32) bool {
			old.copyInto(fresh, doc, &r)
			return true
		})
		e.adopt(old, fresh, generation)
	}()
}

// adopt brings what happened since into the fresh index and puts it in the place of the old one.
func (e *Engine) adopt(old *frozen, fresh *index, generation int) {
	e.writer.Lock()
	defer e.writer.Unlock()
	e.compacting = false
	if generation != e.generation {
		return
	}
	x := e.index
	now := x.freeze()
	old.live.each(func(doc uint32) bool {
		if !now.live.has(doc) {
			fresh.remove(old.ids.str(old.idOf[doc]))
		}
		return true
	})
	var r record
	now.live.each(func(doc uint32) bool {
		if int(doc) >= len(old.idOf) {
			now.copyInto(fresh, doc, &r)
		}
		return true
	})
	fresh.setModel(x.model)
	v := newVocabulary(fresh.words)
	e.mu.Lock()
	e.index, e.vocab = fresh, v
	e.mu.Unlock()
}
