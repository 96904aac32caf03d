package collection

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestPairedBootstrap(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	base := make([]float64, 200)
	better, noisy := make([]float64, 200), make([]float64, 200)
	for i := range base {
		base[i] = rng.Float64()
		better[i] = base[i] + 0.1
		noisy[i] = rng.Float64()
	}
	if d := PairedBootstrap(better, base, 1000, rng); math.Abs(d.Mean-0.1) > 1e-9 || math.Abs(d.Low-0.1) > 1e-9 || math.Abs(d.High-0.1) > 1e-9 {
		t.Errorf("the same gain on every query: got %+v, want 0.1 without spread", d)
	}
	// The standard error of the mean of 200 differences of two uniform variables is sqrt(1/6/200) = 0.029.
	d := PairedBootstrap(noisy, base, 4000, rng)
	if width := d.High - d.Low; width < 0.09 || width > 0.14 || d.Low > d.Mean || d.High < d.Mean {
		t.Errorf("got %+v, want an interval of about four standard errors, 0.113, around the mean", d)
	}
	if back := PairedBootstrap(base, noisy, 4000, rng); math.Abs(back.Mean+d.Mean) > 1e-12 {
		t.Errorf("swapped: got %v, want %v", back.Mean, -d.Mean)
	}
	if d := PairedBootstrap(nil, nil, 100, rng); d != (Difference{}) {
		t.Errorf("without queries: got %+v", d)
	}
}
