package story_test

import (
	"context"
	"testing"

	"github.com/hindcast-kb/hindcast/internal/dbtest"
	"github.com/hindcast-kb/hindcast/internal/story"
)

// BenchmarkTell is what the demo waits for before it serves, beside making the store.
func BenchmarkTell(b *testing.B) {
	for range b.N {
		b.StopTimer()
		s := dbtest.SQLite(b)
		b.StartTimer()
		if err := story.Tell(context.Background(), s, nil, wednesday); err != nil {
			b.Fatal(err)
		}
	}
}
