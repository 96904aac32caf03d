// Package words holds the closed lists and ids of the sample.
package words

import "fmt"

// Colour is a paint.
type Colour string

// The paints.
const (
	// Red is loud.
	Red Colour = "red"
	// Green is calm.
	Green Colour = "green"
)

// ID is the name of a record, such as GAD-1.
type ID struct {
	Prefix string
	Number int
}

// MarshalText writes the id the way people do.
func (id ID) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "%s-%d", id.Prefix, id.Number), nil
}
