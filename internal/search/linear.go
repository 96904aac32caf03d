package search

import (
	"math"
	"sort"
)

// orthonormalise makes the columns of z orthonormal by the Cholesky factor of their products, done
// twice because once loses half of the digits. Columns that depend on others become zero.
func orthonormalise(z [][]float64) {
	for range 2 {
		g := gram(z)
		r := cholesky(g)
		for _, row := range z {
			for k := range row {
				if r[k][k] == 0 {
					row[k] = 0
					continue
				}
				row[k] /= r[k][k]
				addScaled(row[k+1:], -row[k], r[k][k+1:])
			}
		}
	}
}

// gram is the matrix of the products of the columns of z.
func gram(z [][]float64) [][]float64 {
	n := len(z[0])
	g := newDense(n, n)
	for _, row := range z {
		for i, f := range row {
			if f != 0 {
				addScaled(g[i][i:], f, row[i:])
			}
		}
	}
	for i := range g {
		for j := 0; j < i; j++ {
			g[i][j] = g[j][i]
		}
	}
	return g
}

// cholesky gives the upper factor r with r'r = g; rows of dependent columns are zero.
func cholesky(g [][]float64) [][]float64 {
	n := len(g)
	r := newDense(n, n)
	for i := 0; i < n; i++ {
		d := g[i][i]
		for k := 0; k < i; k++ {
			d -= r[k][i] * r[k][i]
		}
		if d <= 1e-12*math.Max(g[i][i], 1e-30) {
			continue
		}
		r[i][i] = math.Sqrt(d)
		for j := i + 1; j < n; j++ {
			s := g[i][j]
			for k := 0; k < i; k++ {
				s -= r[k][i] * r[k][j]
			}
			r[i][j] = s / r[i][i]
		}
	}
	return r
}

// principal gives the n directions in which the rows of y vary most, as columns, strongest first, and how long the columns of y
// are along each.
func principal(y [][]float64, n int) (w [][]float64, lengths []float64) {
	values, vectors := eigen(gram(y))
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(i, j int) bool { return values[order[i]] > values[order[j]] })
	w, lengths = newDense(len(values), n), make([]float64, n)
	for k := range lengths {
		lengths[k] = math.Sqrt(max(0, values[order[k]]))
		for i := range w {
			w[i][k] = vectors[i][order[k]]
		}
	}
	return w, lengths
}

// eigen decomposes a symmetric matrix by the cyclic Jacobi method; vectors are columns.
func eigen(a [][]float64) (values []float64, vectors [][]float64) {
	n := len(a)
	v := newDense(n, n)
	for i := range v {
		v[i][i] = 1
	}
	for sweep := 0; sweep < 30; sweep++ {
		var off, all float64
		for i := range a {
			for j := range a {
				all += a[i][j] * a[i][j]
				if i != j {
					off += a[i][j] * a[i][j]
				}
			}
		}
		if off <= 1e-22*all {
			break
		}
		for p := 0; p < n; p++ {
			for q := p + 1; q < n; q++ {
				jacobi(a, v, p, q)
			}
		}
	}
	values = make([]float64, n)
	for i := range values {
		values[i] = a[i][i]
	}
	return values, v
}

// jacobi makes a[p][q] zero by a rotation.
func jacobi(a, v [][]float64, p, q int) {
	if a[p][q] == 0 {
		return
	}
	theta := (a[q][q] - a[p][p]) / (2 * a[p][q])
	t := 1 / (math.Abs(theta) + math.Sqrt(theta*theta+1))
	if theta < 0 {
		t = -t
	}
	c := 1 / math.Sqrt(t*t+1)
	s := t * c
	for k := range a {
		a[k][p], a[k][q] = c*a[k][p]-s*a[k][q], s*a[k][p]+c*a[k][q]
	}
	for k := range a {
		a[p][k], a[q][k] = c*a[p][k]-s*a[q][k], s*a[p][k]+c*a[q][k]
	}
	for k := range v {
		v[k][p], v[k][q] = c*v[k][p]-s*v[k][q], s*v[k][p]+c*v[k][q]
	}
}

// rotate is z by w.
func rotate(z, w [][]float64) [][]float64 {
	out := newDense(len(z), len(w[0]))
	for i, row := range z {
		for k, f := range row {
			addScaled(out[i], f, w[k])
		}
	}
	return out
}
