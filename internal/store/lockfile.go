package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// processLock keeps other processes away from a SQLite file. The operating system lets go of it when the process ends, however
// it ends, so a lock left behind cannot happen.
type processLock struct{ file *flock.Flock }

const lockPoll = 50 * time.Millisecond

// lockProcess takes the lock within wait. The file says who holds it, for the error of the next one.
func lockProcess(ctx context.Context, path string, wait time.Duration, now func() time.Time) (*processLock, error) {
	ctx, cancel := context.WithTimeout(ctx, max(wait, lockPoll))
	defer cancel()
	file := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o600))
	ok, err := file.TryLockContext(ctx, lockPoll)
	switch {
	case err != nil && !errors.Is(err, context.DeadlineExceeded):
		return nil, fmt.Errorf("locking %s: %w", path, err)
	case !ok:
		return nil, fmt.Errorf("the store is in use by another process (%s): stop it, or talk to it over its API", holder(path))
	}
	host, _ := os.Hostname()
	note := fmt.Sprintf("process %d on %s since %s\n", os.Getpid(), host, now().UTC().Format(time.RFC3339))
	if err := os.WriteFile(path, []byte(note), 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("noting who holds %s: %w", path, err), file.Close())
	}
	return &processLock{file: file}, nil
}

// holder reads the note of whoever holds the lock; the note may be a moment late, never the lock.
func holder(path string) string {
	note, err := os.ReadFile(path)
	if err != nil || len(note) == 0 {
		return "which left no note in " + path
	}
	return strings.TrimSpace(string(note))
}

// release empties the note and lets go. The file stays: removing it would let two processes lock two files of one name.
func (l *processLock) release() error {
	return errors.Join(os.Truncate(l.file.Path(), 0), l.file.Close())
}
