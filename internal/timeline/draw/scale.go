package draw

import (
	"fmt"
	"time"
)

// scale maps time to a place between left and right. Hours in which something happened get more room than quiet ones.
type scale struct {
	from        time.Time
	step        time.Duration
	left, right float64
	sums        []float64 // sums[i] is the weight of all bins before i
}

// busy is how much more room a bin gets in which, or next to which, something happened.
const busy = 7

func newScale(from, to time.Time, left, right float64, moments []time.Time) scale {
	s := scale{from: from, left: left, right: right, step: max(30*time.Minute, to.Sub(from)/400)}
	n := int(to.Sub(from)/s.step) + 1
	weights := make([]float64, n)
	for i := range weights {
		weights[i] = 1
	}
	for _, at := range moments {
		middle := int(at.Sub(from) / s.step)
		for i := max(0, middle-1); i <= min(n-1, middle+1); i++ {
			weights[i] = busy
		}
	}
	s.sums = make([]float64, n+1)
	for i, w := range weights {
		s.sums[i+1] = s.sums[i] + w
	}
	return s
}

// x is the place of a time; times outside are put on the edge.
func (s scale) x(at time.Time) float64 {
	bins := float64(at.Sub(s.from)) / float64(s.step)
	last := len(s.sums) - 1
	switch i := int(bins); {
	case bins <= 0:
		return s.left
	case i >= last:
		return s.right
	default:
		sum := s.sums[i] + (bins-float64(i))*(s.sums[i+1]-s.sums[i])
		return s.left + sum/s.sums[last]*(s.right-s.left)
	}
}

// span writes a duration as people say it.
func span(d time.Duration) string {
	minutes := int(d.Round(time.Minute).Minutes())
	switch {
	case minutes < 60:
		return fmt.Sprintf("%d min", minutes)
	case minutes < 48*60 && minutes%60 == 0:
		return fmt.Sprintf("%d h", minutes/60)
	case minutes < 48*60:
		return fmt.Sprintf("%d h %d min", minutes/60, minutes%60)
	}
	return fmt.Sprintf("%.1f days", d.Hours()/24)
}
