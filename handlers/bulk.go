package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// maxBulk is how many records one request may write.
const maxBulk = 1000

// BulkRequest carries records to be written together.
type BulkRequest struct {
	// The records, each as in a single create.
	Items []json.RawMessage `json:"items" swaggertype:"array,object" validate:"required" maxItems:"1000"`
}

// BulkItem says what became of one record.
type BulkItem struct {
	// The place of the record in the request, from 0.
	Index int `json:"index" example:"0" minimum:"0" maximum:"999"`
	// The status that a single create would have had.
	Status int `json:"status" example:"201" minimum:"200" maximum:"599"`
	// The record written.
	ID *vocab.ID `json:"id,omitempty" swaggertype:"string" example:"FND-1"`
	// Why it was not written.
	Problem *Problem `json:"problem,omitempty"`
}

// BulkAnswer says what became of each record.
type BulkAnswer struct {
	// One entry for each record of the request, in its order.
	Items []BulkItem `json:"items" maxItems:"1000"`
}

// errUndo undoes a bulk write that was to be atomic.
var errUndo = errors.New("undo")

// bulk writes many records in one transaction. Each stands for itself, unless atomic asks for all or none.
func (r *resource[E, I, V, PV]) bulk(c echo.Context) error {
	if err := noQuery(c, "atomic"); err != nil {
		return err
	}
	atomic, err := flag(c, "atomic")
	if err != nil {
		return err
	}
	var request BulkRequest
	if err := bindJSON(c, &request); err != nil {
		return err
	}
	if err := checkBulk(request); err != nil {
		return err
	}
	var answer BulkAnswer
	err = r.api.store.Tx(c.Request().Context(), func(ctx context.Context, _ *store.Tx) error {
		answer = BulkAnswer{Items: make([]BulkItem, len(request.Items))}
		failed := false
		for i, item := range request.Items {
			answer.Items[i] = r.addOne(ctx, i, item)
			failed = failed || answer.Items[i].Problem != nil
			if answer.Items[i].Status >= http.StatusInternalServerError {
				return fault.New(fault.Unavailable, "nothing was written: record %d could not be", i)
			}
		}
		if atomic && failed {
			return errUndo
		}
		return nil
	})
	if errors.Is(err, errUndo) {
		undone(&answer)
	} else if err != nil {
		return err
	}
	return c.JSON(http.StatusMultiStatus, answer)
}

func checkBulk(request BulkRequest) error {
	var check fault.Check
	if n := len(request.Items); n == 0 || n > maxBulk {
		check.Add("items", "out_of_range", "must have 1 to %d entries", maxBulk)
	}
	return check.Err()
}

func (r *resource[E, I, V, PV]) addOne(ctx context.Context, index int, item json.RawMessage) BulkItem {
	in, err := r.bind(item)
	if err == nil {
		var added E
		if added, err = r.deed.Add(ctx, in); err == nil {
			id := r.deed.Kind().ID(added.Meta().ID)
			return BulkItem{Index: index, Status: http.StatusCreated, ID: &id}
		}
	}
	problem, _ := problemOf(err)
	return BulkItem{Index: index, Status: problem.Status, Problem: &problem}
}

// undone says of the records that were fine that they were not kept because of the others.
func undone(answer *BulkAnswer) {
	for i, item := range answer.Items {
		if item.Problem == nil {
			problem, _ := problemOf(fault.New(fault.Conflict, "another record of the request was refused"))
			answer.Items[i] = BulkItem{Index: item.Index, Status: http.StatusFailedDependency, Problem: &problem}
			answer.Items[i].Problem.Status = http.StatusFailedDependency
		}
	}
}

// record.Records has every deed.
var _ deeds[record.Entity, record.Input] = (*record.Records[record.Entity, record.Mutation, record.Input])(nil)
