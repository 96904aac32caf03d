package search

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
)

// ErrSnapshot is answered for a snapshot that is torn, of another version or no snapshot at all.
// The caller then fills an empty engine from the database.
var ErrSnapshot = errors.New("snapshot is not usable")

const (
	snapshotMagic   = "hindcast-search\n"
	snapshotVersion = 1
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Save writes the index as it is now: a header with version and sequence, the names, one record a
// document, and a checksum. Synonyms are not part of it. Changes may go on meanwhile.
func (e *Engine) Save(w io.Writer) error {
	e.mu.RLock()
	f, seq, mark := e.index.freeze(), e.seq, e.mark
	var model []byte
	if e.index.model != nil {
		model = e.index.model.blob
	}
	e.mu.RUnlock()
	s := &snapshotWriter{w: bufio.NewWriterSize(w, 1<<20), sum: crc32.New(castagnoli)}
	s.raw([]byte(snapshotMagic))
	s.number(snapshotVersion)
	s.number(uint64(seq))
	s.bytes([]byte(mark))
	s.bytes(model)
	for _, names := range []*interner{&f.words, &f.keys, &f.teams} {
		s.names(names)
	}
	s.number(uint64(len(f.fields)))
	for i := range f.fields {
		s.bytes([]byte(f.fields[i].name))
		s.names(&f.fields[i].values)
	}
	s.number(uint64(f.live.count()))
	var r record
	f.live.each(func(doc uint32) bool {
		s.bytes(f.ids.at(f.idOf[doc]))
		s.number(uint64(f.times[doc]))
		r.decode(f.records.at(f.offsets[doc]))
		s.scratch = r.encode(s.scratch[:0])
		s.bytes(s.scratch)
		return s.err == nil
	})
	sum := binary.LittleEndian.AppendUint32(nil, s.sum.Sum32())
	s.raw(sum)
	if s.err == nil {
		s.err = s.w.Flush()
	}
	if s.err != nil {
		return fmt.Errorf("writing the search snapshot: %w", s.err)
	}
	return nil
}

type snapshotWriter struct {
	w       *bufio.Writer
	sum     hash.Hash32
	buf     [binary.MaxVarintLen64]byte
	scratch []byte
	err     error
}

func (s *snapshotWriter) raw(b []byte) {
	if s.err == nil {
		s.sum.Write(b)
		_, s.err = s.w.Write(b)
	}
}

func (s *snapshotWriter) number(v uint64) { s.raw(s.buf[:binary.PutUvarint(s.buf[:], v)]) }

func (s *snapshotWriter) bytes(b []byte) {
	s.number(uint64(len(b)))
	s.raw(b)
}

func (s *snapshotWriter) names(n *interner) {
	s.number(uint64(n.len()))
	for i := 0; i < n.len(); i++ {
		s.bytes(n.at(uint32(i)))
	}
}

// Load replaces the content of the engine by a snapshot. On ErrSnapshot the engine is as before.
func (e *Engine) Load(r io.Reader) error {
	s := &snapshotReader{r: bufio.NewReaderSize(r, 1<<20), sum: crc32.New(castagnoli)}
	x, seq, mark, err := s.read()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrSnapshot, err)
	}
	v := newVocabulary(x.words)
	e.writer.Lock()
	defer e.writer.Unlock()
	e.mu.Lock()
	defer e.mu.Unlock()
	e.index, e.vocab, e.seq, e.mark = x, v, seq, mark
	e.generation++
	return nil
}

type snapshotReader struct {
	r   *bufio.Reader
	sum hash.Hash32
	err error
	buf bytes.Buffer
	one [1]byte
}

var errTorn = errors.New("content does not fit its lengths")

func (s *snapshotReader) read() (x *index, seq int64, mark string, err error) {
	if string(s.raw(len(snapshotMagic))) != snapshotMagic {
		return nil, 0, "", errors.New("no snapshot header")
	}
	if v := s.number(); s.err == nil && v != snapshotVersion {
		return nil, 0, "", fmt.Errorf("version %d, want %d", v, snapshotVersion)
	}
	seq = int64(s.number())
	mark = string(s.bytes())
	x = newIndex()
	if blob := s.bytes(); len(blob) > 0 && s.err == nil {
		m, err := readModel(append([]byte(nil), blob...))
		if err != nil {
			return nil, 0, "", err
		}
		x.setModel(m)
	}
	s.documents(x)
	want := s.sum.Sum32()
	got := s.raw(4)
	if s.err != nil {
		return nil, 0, "", s.err
	}
	if binary.LittleEndian.Uint32(got) != want {
		return nil, 0, "", errors.New("checksum differs")
	}
	return x, seq, mark, nil
}

// documents reads names and records into x. The words that occur in no document any more go.
func (s *snapshotReader) documents(x *index) {
	words, keys, teams := s.names(), s.names(), s.names()
	type fieldNames struct {
		name   string
		values [][]byte
	}
	var fields []fieldNames
	for n := s.number(); n > 0 && s.err == nil; n-- {
		name := string(s.bytes())
		fields = append(fields, fieldNames{name, s.names()})
	}
	var r record
	for n := s.number(); n > 0 && s.err == nil; n-- {
		id := append([]byte(nil), s.bytes()...)
		millis := int64(s.number())
		d := decoder{b: s.bytes()}
		r.keys, r.values = r.keys[:0], r.values[:0]
		for k := d.count(1); k > 0; k-- {
			if i := d.number(len(keys)); !d.failed {
				key, _ := x.keys.add(keys[i])
				r.keys = append(r.keys, key)
			}
		}
		for k := d.count(2); k > 0; k-- {
			if f := d.number(len(fields)); !d.failed {
				if v := d.number(len(fields[f].values)); !d.failed {
					r.values = append(r.values, x.value(fields[f].name, string(fields[f].values[v])))
				}
			}
		}
		team := d.number(2 * (len(teams) + 1))
		r.open, r.team = team&1 == 1, 0
		if team > 1 && !d.failed {
			t, _ := x.teamNames.add(teams[team>>1-1])
			r.team = t + 1
		}
		r.title = readWords(&d, x, words, r.title[:0])
		r.body = readWords(&d, x, words, r.body[:0])
		if d.failed || len(d.b) > 0 {
			s.err = errTorn
		}
		if s.err == nil {
			x.remove(string(id))
			x.insert(id, millis, &r)
		}
	}
}

func readWords(d *decoder, x *index, words [][]byte, dst []uint32) []uint32 {
	for n := d.count(1); n > 0 && !d.failed; n-- {
		if w := d.number(len(words)); !d.failed {
			dst = append(dst, x.word(words[w]))
		}
	}
	return dst
}

// raw reads n bytes; they are valid until the next read.
func (s *snapshotReader) raw(n int) []byte {
	s.buf.Reset()
	if s.err == nil {
		// CopyN grows with what is there, so that a false length costs nothing.
		_, s.err = io.CopyN(&s.buf, s.r, int64(n))
	}
	if s.err != nil {
		return make([]byte, 4)
	}
	s.sum.Write(s.buf.Bytes())
	return s.buf.Bytes()
}

func (s *snapshotReader) ReadByte() (byte, error) {
	b, err := s.r.ReadByte()
	if err == nil {
		s.one[0] = b
		s.sum.Write(s.one[:])
	}
	return b, err
}

func (s *snapshotReader) number() uint64 {
	if s.err != nil {
		return 0
	}
	v, err := binary.ReadUvarint(s)
	if err != nil {
		s.err = err
		return 0
	}
	return v
}

const maxPiece = 1 << 30

func (s *snapshotReader) bytes() []byte {
	n := s.number()
	if n > maxPiece {
		s.err = errTorn
	}
	if n == 0 || s.err != nil {
		return nil
	}
	return s.raw(int(n))
}

func (s *snapshotReader) names() [][]byte {
	var names [][]byte
	for n := s.number(); n > 0 && s.err == nil; n-- {
		names = append(names, append([]byte(nil), s.bytes()...))
	}
	return names
}
