package record

import (
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Knowledge is the part of an input that all knowledge records share.
type Knowledge struct {
	// Free words to find the record by.
	Tags []string `json:"tags" example:"persistence" maxItems:"200"`
	// Who may see the record: everyone with a token, or its team only. Internal when it is not given.
	Visibility vocab.Visibility `json:"visibility,omitempty" example:"internal"`
	// The team that may see the record when it is restricted.
	Team string `json:"team,omitempty" example:"learning-platform" maxLength:"120"`
	// True for demonstration data, which figures leave out.
	Sample bool `json:"sample" example:"false"`
}

// Check notes tags or a visibility that cannot be.
func (k Knowledge) Check(c *fault.Check) {
	c.List("tags", k.Tags)
	fault.Choice(c, "visibility", k.Visibility)
	c.Text("team", k.Team, fault.MaxName)
	if k.Visibility == vocab.VisibilityRestricted && k.Team == "" {
		c.Add("team", "required", "is required for a restricted record, or only admin could see it")
	}
}

// KnowledgeOf reads the shared part back from a row.
func KnowledgeOf(e Entity) Knowledge {
	meta := e.Meta()
	return Knowledge{Tags: ListOf(meta.Tags), Visibility: meta.Visibility, Team: meta.Team, Sample: meta.Sample}
}

// KnowledgeMutation is the part of an ent mutation that the shared part needs.
type KnowledgeMutation interface {
	SetTags([]string)
	SetVisibility(vocab.Visibility)
	SetTeam(string)
	SetSample(bool)
}

// SetKnowledge writes the shared part to a mutation.
func SetKnowledge(k Knowledge, m KnowledgeMutation) {
	m.SetTags(ListOf(k.Tags))
	if k.Visibility == "" {
		k.Visibility = vocab.VisibilityInternal
	}
	m.SetVisibility(k.Visibility)
	m.SetTeam(k.Team)
	m.SetSample(k.Sample)
}
