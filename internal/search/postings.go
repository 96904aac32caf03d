package search

import "encoding/binary"

// Postings are chains of blocks in slabs, so that lists grow without copying and the garbage
// collector sees a few large byte slices. A posting is the distance to the document before it and
// one byte of term frequencies: two bits for the title, six for the body, both saturating. The
// byte holds frequencies and not a finished impact, because an impact would freeze the average
// lengths of the moment it was written, and replicas that applied the same changes in another
// rhythm would then disagree.
const (
	slabSize    = 1 << 20
	blockHead   = 6 // next block (4), bytes used (2)
	maxPosting  = 6 // a 32 bit varint and the frequency byte
	firstBlock  = 16
	largeBlock  = 8192
	maxTitleTF  = 3
	maxBodyTF   = 63
	addressUnit = 4
)

// list is the head of one term's postings. df counts open, live documents only.
type list struct {
	head, tail uint32 // addresses in units of four bytes; 0 is none
	size       uint32
	last       uint32
	df         uint32
	room       uint16
}

type slabs struct {
	pages [][]byte
	used  int // of the last page
}

func (s *slabs) alloc(n int) uint32 {
	n = (n + addressUnit - 1) / addressUnit * addressUnit
	if len(s.pages) == 0 || s.used+n > slabSize {
		s.pages = append(s.pages, make([]byte, slabSize))
		s.used = 0
		if len(s.pages) == 1 {
			s.used = addressUnit // address 0 means none
		}
	}
	at := (len(s.pages)-1)*slabSize + s.used
	s.used += n
	return uint32(at / addressUnit)
}

func (s *slabs) at(address uint32) []byte {
	at := int(address) * addressUnit
	return s.pages[at/slabSize][at%slabSize:]
}

// add appends a posting; documents come in ascending order. The first distance is from zero.
func (s *slabs) add(l *list, doc uint32, titleTF, bodyTF uint32) {
	var posting [maxPosting]byte
	n := binary.PutUvarint(posting[:], uint64(doc-l.last))
	posting[n] = frequencies(titleTF, bodyTF)
	n++
	if int(l.room) < n {
		s.extend(l)
	}
	b := s.at(l.tail)
	used := int(binary.LittleEndian.Uint16(b[4:]))
	copy(b[blockHead+used:], posting[:n])
	binary.LittleEndian.PutUint16(b[4:], uint16(used+n))
	l.room -= uint16(n)
	l.size += uint32(n)
	l.last = doc
}

// extend adds a block of about a quarter of the list's size, so that little of a list stays unused.
// Rare terms are the most, so the first block fits two postings and not more.
func (s *slabs) extend(l *list) {
	n := min(max(firstBlock, blockHead+int(l.size)/4), largeBlock)
	n = (n + addressUnit - 1) / addressUnit * addressUnit
	address := s.alloc(n)
	if l.tail == 0 {
		l.head = address
	} else {
		binary.LittleEndian.PutUint32(s.at(l.tail), address)
	}
	l.tail = address
	l.room = uint16(n - blockHead)
}

func frequencies(titleTF, bodyTF uint32) byte {
	return byte(min(titleTF, maxTitleTF)<<6 | min(bodyTF, maxBodyTF))
}

// block gives the postings of one block and the address of the next.
func (s *slabs) block(address uint32) (data []byte, next uint32) {
	b := s.at(address)
	used := int(binary.LittleEndian.Uint16(b[4:]))
	return b[blockHead : blockHead+used], binary.LittleEndian.Uint32(b)
}

// each calls f with every posting in ascending order until it answers false.
func (s *slabs) each(l list, f func(doc uint32, tf byte) bool) {
	doc := uint32(0)
	for address := l.head; address != 0; {
		data, next := s.block(address)
		for i := 0; i < len(data); {
			d, n := binary.Uvarint(data[i:])
			doc += uint32(d)
			if !f(doc, data[i+n]) {
				return
			}
			i += n + 1
		}
		address = next
	}
}
