package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/fault"
)

// retryAfter is how long a client should wait when the database is not to be had.
const retryAfter = time.Second

// Fault turns an error of ent or a driver into one with a kind: NotFound; Conflict for a value that is taken or a record that
// others still name; Invalid for a reference to nothing and for values the schema refuses; Unavailable for everything that trying
// again may cure, a full disk included. Errors that have a kind, and those it does not know, come back as they are.
func (s *Store) Fault(err error) error {
	var known *fault.Error
	switch {
	case err == nil || errors.As(err, &known) || errors.Is(err, context.Canceled):
		return err
	case ent.IsNotFound(err):
		return fault.Wrap(fault.NotFound, err, "%s", strings.TrimPrefix(notFoundText(err), "ent: "))
	case ent.IsValidationError(err):
		return invalidField(err)
	}
	switch classify(err) {
	case unique:
		return conflict(err)
	case foreignKey:
		return brokenReference(err)
	case refused:
		return fault.Wrap(fault.Invalid, err, "a value is outside what the schema allows")
	case unavailable, collision:
		f := fault.Wrap(fault.Unavailable, err, "the database is not available, try again")
		f.RetryAfter = retryAfter
		return f
	}
	return err
}

func notFoundText(err error) string {
	var missing *ent.NotFoundError
	if errors.As(err, &missing) {
		return missing.Error()
	}
	return "record not found"
}

func invalidField(err error) error {
	var bad *ent.ValidationError
	errors.As(err, &bad)
	f := fault.Wrap(fault.Invalid, err, "%s is not valid", bad.Name)
	f.Fields = []fault.Field{{Field: bad.Name, Code: "invalid", Message: "is outside what the schema allows"}}
	return f
}

// conflict names the fields whose values are taken, as far as the driver tells.
func conflict(err error) error {
	f := fault.Wrap(fault.Conflict, err, "another record already has this value")
	for _, column := range takenColumns(err) {
		f.Fields = append(f.Fields, fault.Field{Field: column, Code: "taken", Message: "is already in use"})
	}
	return f
}

func brokenReference(err error) error {
	var at *statementError
	if errors.As(err, &at) && at.verb == "DELETE" {
		return fault.Wrap(fault.Conflict, err, "other records still refer to this one")
	}
	return fault.Wrap(fault.Invalid, err, "a reference names a record that does not exist")
}

// takenColumns reads the columns from PostgreSQL's detail "Key (a, b)=(…)" or SQLite's message "failed: t.a, t.b (2067)".
func takenColumns(err error) []string {
	var pg *pgconn.PgError
	text, pattern := err.Error(), `UNIQUE constraint failed: ([\w., ]+)`
	if errors.As(err, &pg) {
		text, pattern = pg.Detail, `^Key \(([\w", ]+)\)=`
	}
	found := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if found == nil {
		return nil
	}
	var columns []string
	for name := range strings.SplitSeq(strings.TrimSpace(found[1]), ",") {
		name = strings.Trim(strings.TrimSpace(name), `"`)
		if _, column, dotted := strings.Cut(name, "."); dotted {
			name = column
		}
		columns = append(columns, name)
	}
	return columns
}

// class says what kind of failure a driver reported.
type class int

const (
	other       class = iota
	unique            // a value that must be unique is taken
	foreignKey        // a reference names no record, or a record is still named
	refused           // a check, a missing value, a value that does not fit
	collision         // another transaction got in the way; running again is right
	unavailable       // no connection, no space, no time
)

// retryable says whether running the transaction again is safe and may help.
func retryable(err error) bool {
	var begin *beginError
	var pool *acquireError
	if errors.As(err, &pool) {
		return false // it has waited long enough already
	}
	return classify(err) == collision || (errors.As(err, &begin) && classify(err) == unavailable)
}

func classify(err error) class {
	var pg *pgconn.PgError
	var lite *sqlite.Error
	switch {
	case errors.As(err, &pg):
		return classifyPostgres(pg.Code)
	case errors.As(err, &lite):
		return classifySQLite(lite.Code())
	case isConnectionError(err):
		return unavailable
	}
	return other
}

func isConnectionError(err error) bool {
	var connect *pgconn.ConnectError
	var network net.Error
	var pool *acquireError
	if errors.As(err, &connect) || errors.As(err, &network) || errors.As(err, &pool) {
		return true
	}
	for _, known := range []error{driver.ErrBadConn, sql.ErrConnDone, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, context.DeadlineExceeded} {
		if errors.Is(err, known) {
			return true
		}
	}
	return strings.Contains(err.Error(), "conn closed") // pgx has no value for it
}

// classifyPostgres follows the table of error codes in appendix A of the PostgreSQL manual.
func classifyPostgres(code string) class {
	switch code {
	case "23505", "23P01":
		return unique
	case "23503", "23001":
		return foreignKey
	case "40001", "40P01":
		return collision
	case "55P03", "57014", "25006", "25P03":
		return unavailable // lock or statement timeout, a server that became read-only, an idle transaction
	}
	switch code[:min(2, len(code))] {
	case "22", "23":
		return refused
	case "08", "28", "53", "57", "58":
		return unavailable
	}
	return other
}

// classifySQLite follows https://sqlite.org/rescode.html; the low byte of a code is its family.
func classifySQLite(code int) class {
	switch code {
	case 2067, 1555, 2579:
		return unique
	case 787, 1811:
		return foreignKey
	}
	switch code & 0xff {
	case 5, 6:
		return collision
	case 19, 18, 20:
		return refused
	case 8, 10, 13, 14:
		return unavailable // read-only, input or output, full, cannot open
	}
	return other
}
