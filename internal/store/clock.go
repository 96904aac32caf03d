package store

import (
	"context"
	"time"
)

// Clock reads the time of the database server; SQLite shares ours.
func (s *Store) Clock(ctx context.Context) (time.Time, error) {
	if s.dialect == SQLite {
		return s.now(), nil
	}
	var at time.Time
	err := s.reader.QueryRowContext(ctx, "SELECT clock_timestamp()").Scan(&at)
	return at, s.Fault(err)
}
