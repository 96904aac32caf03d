package handlers

import (
	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// nested reads the parent from the path of a record below it before it goes on.
func (a *API) nested(c echo.Context, below func(echo.Context) (vocab.ID, error), do func(c echo.Context, of vocab.ID) error) error {
	of, err := below(c)
	if err != nil {
		return err
	}
	return do(c, of)
}

// notOf says that the path names a record below another that it does not belong to.
func notOf(id, of vocab.ID) error {
	return fault.New(fault.NotFound, "%s is not a record of %s", id, of)
}

// expandsOnly reads the expand parameters of a list that can embed one relation.
func expandsOnly(given []string, relation string) (bool, error) {
	var check fault.Check
	for _, name := range given {
		if name != relation {
			check.Add("expand", "invalid_choice", "must be %s", relation)
		}
	}
	return len(given) > 0, check.Err()
}
