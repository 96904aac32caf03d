package handlers

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/record"
)

// place is the content of a cursor of a list that is no list of records: a position of P in one list with one set of
// parameters.
type place[P any] struct {
	Of []byte `json:"of"`
	At P      `json:"at"`
}

// keyset reads limit and cursor; at is the zero P on the first page. It is Malformed for a cursor that is damaged or came from
// another list.
func keyset[P any](c echo.Context) (at P, limit int, err error) {
	limit = record.DefaultLimit
	if text := c.QueryParam("limit"); text != "" {
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > record.MaxLimit {
			var check fault.Check
			check.Add("limit", "out_of_range", "must be a number from 1 to %d", record.MaxLimit)
			return at, 0, check.Err()
		}
	}
	cursor := c.QueryParam("cursor")
	if cursor == "" {
		return at, limit, nil
	}
	var p place[P]
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || json.Unmarshal(text, &p) != nil || !slices.Equal(p.Of, listPrint(c)) {
		return at, 0, fault.New(fault.Malformed, "the cursor is damaged or belongs to another list")
	}
	return p.At, limit, nil
}

// nextAfter writes the cursor of the page after one that ended at a position, and the Link header that goes with it.
func nextAfter[P any](a *API, c echo.Context, at P) (*string, error) {
	text, err := json.Marshal(place[P]{listPrint(c), at})
	if err != nil {
		return nil, err
	}
	cursor := base64.RawURLEncoding.EncodeToString(text)
	c.Response().Header().Set("Link", "<"+a.nextPage(c, cursor)+`>; rel="next"`)
	return &cursor, nil
}

// listPrint ties a cursor to the list it came from.
func listPrint(c echo.Context) []byte {
	values := c.Request().URL.Query()
	for _, name := range []string{"limit", "cursor", "min_seq"} {
		values.Del(name)
	}
	sum := sha256.Sum256([]byte(c.Request().URL.Path + "?" + values.Encode()))
	return sum[:8]
}
