// Command scale measures what the search costs at many documents: CPU time of queries, heap and
// build rate, and beside it Bleve and SQLite FTS5 on the same documents.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/hindcast-kb/hindcast/bench/collection"
	"github.com/hindcast-kb/hindcast/bench/text"
)

func main() {
	sizes := flag.String("sizes", "10000,100000", "numbers of documents, comma separated")
	seed := flag.Uint64("seed", 1, "seed of documents and queries")
	queries := flag.Int("queries", 60, "queries of each class")
	compare := flag.Int("compare", 100_000, "largest size at which Bleve and FTS5 run too; 0 leaves them out")
	dir := flag.String("dir", "../../shared/fixtures/search", "folder of collections to take text from; invented words without it")
	profile := flag.String("cpuprofile", "", "file to write a CPU profile of the queries to")
	flag.Parse()
	if *profile != "" {
		f, err := os.Create(*profile)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		if err := pprof.StartCPUProfile(f); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		defer pprof.StopCPUProfile()
	}
	var sources []collection.Collection
	for _, name := range []string{"hadoop", "scifact"} {
		if c, err := collection.Load(filepath.Join(*dir, name)); err == nil {
			sources = append(sources, c)
		}
	}
	g := text.New(*seed, sources)
	failed := false
	for _, field := range strings.Split(*sizes, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(field))
		if err != nil || n < 1 {
			fmt.Fprintf(os.Stderr, "size %q is not a number\n", field)
			os.Exit(2)
		}
		ok, err := run(g, n, *queries, *seed, n <= *compare)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		failed = failed || !ok
	}
	if failed {
		os.Exit(1)
	}
}

// run measures one size and says whether every gate was passed.
func run(g *text.Generator, n, queries int, seed uint64, compare bool) (bool, error) {
	fmt.Printf("\n%d documents\n", n)
	classes := classesOf(g, n, queries, seed)
	o, err := buildOwn(g, n)
	if err != nil {
		return false, err
	}
	passed := o.report(n)
	own := map[string]spread{}
	for _, c := range classes {
		m, err := o.measure(c)
		if err != nil {
			return false, err
		}
		m.print(c.name)
		own[c.name] = m.first
		if c.name == "title8" {
			passed = m.gates(n) && passed
		}
	}
	if !compare {
		return passed, nil
	}
	o.engine = nil
	runtime.GC()
	for _, build := range []func(*text.Generator, int) (rival, error){buildBleve, buildFTS5} {
		r, err := build(g, n)
		if err != nil {
			return false, err
		}
		if err := r.compare(classes, own); err != nil {
			return false, err
		}
		r.close()
	}
	return passed, nil
}

// cpu is the time this process has been on a processor.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// spread is the median and the 95th percentile.
type spread struct{ p50, p95 time.Duration }

// timed runs each query twice and keeps the CPU time of the second pass.
func timed(n int, run func(i int) error) (spread, error) {
	runtime.GC()
	var took []time.Duration
	for pass := range 2 {
		for i := range n {
			before := cpu()
			if err := run(i); err != nil {
				return spread{}, err
			}
			if pass == 1 {
				took = append(took, cpu()-before)
			}
		}
	}
	return spreadOf(took), nil
}

func spreadOf(took []time.Duration) spread {
	sort.Slice(took, func(i, j int) bool { return took[i] < took[j] })
	return spread{took[len(took)/2], took[min(len(took)-1, len(took)*95/100)]}
}

func (s spread) String() string { return fmt.Sprintf("%6.2f /%6.2f", ms(s.p50), ms(s.p95)) }

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// heap is what is in use after a collection.
func heap() uint64 {
	runtime.GC()
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
