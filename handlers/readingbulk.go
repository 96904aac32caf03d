package handlers

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/strictjson"
	"github.com/hindcast-kb/hindcast/internal/upgrade"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// ReadingBatch carries several readings of a tripwire.
type ReadingBatch struct {
	// The readings, each as in a single create, in any order.
	Items []json.RawMessage `json:"items" swaggertype:"array,object" validate:"required" maxItems:"1000"`
}

// ReadingBulkAnswer says what became of each reading, and of the tripwire.
type ReadingBulkAnswer struct {
	BulkAnswer
	// The tripwire as it is now.
	Tripwire TripwireView `json:"tripwire"`
}

// BulkCreateReadings handles POST /api/v1/tripwires/{id}/readings/bulk.
//
//	@Summary		Record many readings
//	@Description	Records up to 1,000 values of the signal in one transaction; each is checked as in a single create. However many cross the limit, the wire trips once.
//	@Tags			tripwires
//	@Param			body	body		ReadingBatch		true	"the readings"
//	@Param			atomic	query		bool				false	"record all of them or none"
//	@Success		207		{object}	ReadingBulkAnswer	"what became of each, and of the tripwire"
//	@Router			/api/v1/tripwires/{id}/readings/bulk [post]
func (a *API) BulkCreateReadings(c echo.Context) error {
	if err := noQuery(c, "atomic"); err != nil {
		return err
	}
	atomic, err := flag(c, "atomic")
	if err != nil {
		return err
	}
	id, err := pathID(c, "id", vocab.Tripwire)
	if err != nil {
		return err
	}
	var batch ReadingBatch
	if err := bindJSON(c, &batch); err != nil {
		return err
	}
	if err := checkBulk(BulkRequest(batch)); err != nil {
		return err
	}
	answer, good := a.readingsOf(batch)
	if atomic && len(good) < len(batch.Items) {
		undone(&answer)
		good = nil
	}
	wire, err := a.readOrGet(c.Request().Context(), id, good)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusMultiStatus, ReadingBulkAnswer{answer, a.viewTripwire(wire)})
}

// readingsOf checks each reading by itself, and gives those that can be recorded.
func (a *API) readingsOf(batch ReadingBatch) (answer BulkAnswer, good []upgrade.ReadingInput) {
	answer.Items = make([]BulkItem, len(batch.Items))
	for i, raw := range batch.Items {
		var in upgrade.ReadingInput
		err := strictjson.Decode(raw, &in)
		if err == nil {
			err = a.Tripwires.CheckReading(in)
		}
		if err != nil {
			problem, _ := problemOf(err)
			answer.Items[i] = BulkItem{Index: i, Status: problem.Status, Problem: &problem}
			continue
		}
		answer.Items[i] = BulkItem{Index: i, Status: http.StatusCreated}
		good = append(good, in)
	}
	return answer, good
}

func (a *API) readOrGet(ctx context.Context, id int, readings []upgrade.ReadingInput) (*ent.Tripwire, error) {
	if len(readings) == 0 {
		return a.Tripwires.Get(ctx, id)
	}
	return a.Tripwires.Read(ctx, id, readings)
}
