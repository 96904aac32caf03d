package search

import (
	"bytes"
	"hash/maphash"
)

// interner numbers distinct byte strings from 0 in order of first sight. It holds no pointers per
// entry, so that a million names cost the garbage collector nothing. Reading is safe beside reading.
type interner struct {
	seed   maphash.Seed
	bytes  []byte
	ends   []uint32
	hashes []uint32
	table  []uint32 // number+1, 0 empty; length a power of two
}

func newInterner() *interner {
	return &interner{seed: maphash.MakeSeed(), table: make([]uint32, 64)}
}

func (n *interner) len() int { return len(n.ends) }

// at is the string numbered i; the bytes must not be changed.
func (n *interner) at(i uint32) []byte {
	var from uint32
	if i > 0 {
		from = n.ends[i-1]
	}
	return n.bytes[from:n.ends[i]:n.ends[i]]
}

func (n *interner) str(i uint32) string { return string(n.at(i)) }

func (n *interner) find(s []byte) (uint32, bool) {
	i, ok := n.probe(s, uint32(maphash.Bytes(n.seed, s)))
	if !ok {
		return 0, false
	}
	return n.table[i] - 1, true
}

// add gives the number of s and whether it is new.
func (n *interner) add(s []byte) (uint32, bool) {
	h := uint32(maphash.Bytes(n.seed, s))
	i, ok := n.probe(s, h)
	if ok {
		return n.table[i] - 1, false
	}
	id := uint32(len(n.ends))
	n.bytes = append(n.bytes, s...)
	n.ends = append(n.ends, uint32(len(n.bytes)))
	n.hashes = append(n.hashes, h)
	n.table[i] = id + 1
	if len(n.ends)*4 > len(n.table)*3 {
		n.grow()
	}
	return id, true
}

func (n *interner) probe(s []byte, h uint32) (slot uint32, found bool) {
	mask := uint32(len(n.table) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		e := n.table[i]
		if e == 0 {
			return i, false
		}
		if n.hashes[e-1] == h && bytes.Equal(n.at(e-1), s) {
			return i, true
		}
	}
}

func (n *interner) grow() {
	n.table = make([]uint32, len(n.table)*2)
	mask := uint32(len(n.table) - 1)
	for id, h := range n.hashes {
		i := h & mask
		for n.table[i] != 0 {
			i = (i + 1) & mask
		}
		n.table[i] = uint32(id) + 1
	}
}
