package search

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"testing"
)

func snapshotOf(t testing.TB, s *shelf) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := s.engine.Save(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// seal puts a right checksum behind content.
func seal(content []byte) []byte {
	return binary.LittleEndian.AppendUint32(append([]byte(nil), content...), crc32.Checksum(content, castagnoli))
}

func TestSnapshotKeepsSequenceAndMark(t *testing.T) {
	t.Parallel()
	s := newShelf(t, sessions()...)
	d := doc(9, "marked", "")
	d.Visibility = Internal
	s.apply(Change{ID: d.ID, Doc: &d, Mark: "17:4"})
	e := New(Options{})
	if err := e.Load(bytes.NewReader(snapshotOf(t, s))); err != nil {
		t.Fatal(err)
	}
	if got := e.Stats(); got.Seq != 6 || got.Mark != "17:4" || got.Documents != 6 {
		t.Errorf("got %+v", got)
	}
}

func TestUnusableSnapshotsAreRefusedAndChangeNothing(t *testing.T) {
	t.Parallel()
	s := newShelf(t, sessions()...)
	good := snapshotOf(t, s)
	flipped := append([]byte(nil), good...)
	flipped[len(flipped)/2] ^= 1
	other := append([]byte(nil), good[:len(good)-4]...)
	other[len(snapshotMagic)] = snapshotVersion + 1
	for name, b := range map[string][]byte{
		"empty": nil, "torn in the middle": good[:len(good)/2], "torn at the end": good[:len(good)-1],
		"a flipped bit": flipped, "another version": seal(other), "something else": []byte("%PDF-1.4 and so on and on"),
	} {
		e := New(Options{})
		d := doc(1, "mail", "")
		d.Visibility = Internal
		if err := e.Apply([]Change{{Seq: 3, ID: d.ID, Doc: &d}}); err != nil {
			t.Fatal(err)
		}
		if err := e.Load(bytes.NewReader(b)); !errors.Is(err, ErrSnapshot) {
			t.Errorf("%s: got %v, want ErrSnapshot", name, err)
		}
		if got := e.Stats(); got.Seq != 3 || got.Documents != 1 {
			t.Errorf("%s: the engine changed to %+v", name, got)
		}
	}
}

func FuzzLoad(f *testing.F) {
	s := newShelf(f, sessions()...)
	good := snapshotOf(f, s)
	f.Add(good)
	f.Add(good[:40])
	f.Add([]byte(snapshotMagic))
	f.Fuzz(func(t *testing.T, b []byte) {
		e := New(Options{})
		// With a right checksum the content itself is what has to be checked.
		for _, content := range [][]byte{b, seal(b), seal(b[:max(0, len(b)-4)])} {
			err := e.Load(bytes.NewReader(content))
			if err != nil && !errors.Is(err, ErrSnapshot) {
				t.Fatalf("got %v", err)
			}
			if err == nil {
				if _, err := e.Search(t.Context(), Request{Text: "session table", Facets: []string{"type"}}); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}
