package search

import (
	"encoding/binary"
	"math"
)

// decoder reads bytes that came from outside. After the first thing that does not fit, failed is
// set and everything reads as zero.
type decoder struct {
	b      []byte
	failed bool
}

func (d *decoder) take(n int) []byte {
	if d.failed || n < 0 || n > len(d.b) {
		d.failed = true
		return nil
	}
	b := d.b[:n:n]
	d.b = d.b[n:]
	return b
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 || d.failed {
		d.failed = true
		return 0
	}
	d.b = d.b[n:]
	return v
}

// number reads one that is below limit.
func (d *decoder) number(limit int) uint32 {
	v := d.uvarint()
	if v >= uint64(limit) {
		d.failed = true
		return 0
	}
	return uint32(v)
}

// count reads a number of things that take at least size bytes each.
func (d *decoder) count(size int) int {
	n := d.uvarint()
	if n > uint64(len(d.b)/max(size, 1)) {
		d.failed = true
		return 0
	}
	return int(n)
}

func (d *decoder) string() string { return string(d.take(d.count(1))) }

func (d *decoder) byte() byte {
	if b := d.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (d *decoder) uint64() uint64 {
	if b := d.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// float64 refuses what no score can be.
func (d *decoder) float64() float64 {
	f := math.Float64frombits(d.uint64())
	if math.IsNaN(f) || math.IsInf(f, 0) {
		d.failed = true
		return 0
	}
	return f
}

// float32 refuses negative numbers too.
func (d *decoder) float32() float32 {
	b := d.take(4)
	if b == nil {
		return 0
	}
	f := math.Float32frombits(binary.LittleEndian.Uint32(b))
	if !(f >= 0 && f <= math.MaxFloat32) {
		d.failed = true
		return 0
	}
	return f
}
