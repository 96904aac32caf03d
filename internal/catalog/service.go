package catalog

import (
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// ServiceInput is what a client may set on a service.
type ServiceInput struct {
	// The name people use.
	Name string `json:"name" validate:"required" example:"Learning platform" maxLength:"120"`
	// The name in addresses and labels, unique; made from the name when it is not given.
	Slug string `json:"slug,omitempty" example:"learning-platform" maxLength:"120"`
	// How much depends on it, in the team's own words.
	Tier string `json:"tier,omitempty" example:"1" maxLength:"120"`
	// The team that answers for it.
	OwnerTeam string `json:"owner_team,omitempty" example:"learning-platform" maxLength:"120"`
	// What it does.
	Description string `json:"description,omitempty" example:"Courses, sessions and certificates" maxLength:"100000"`
	// Its entity in a service catalog.
	CatalogRef string `json:"catalog_ref,omitempty" example:"component:default/learning-platform" maxLength:"200"`
}

// Check notes every field that breaks a rule by itself.
func (in ServiceInput) Check(c *fault.Check) {
	c.Title("name", in.Name)
	c.Text("name", in.Name, fault.MaxName)
	c.Text("slug", in.Slug, fault.MaxName)
	switch {
	case in.Slug != "" && Slug(in.Slug) != in.Slug:
		c.Add("slug", "invalid_format", "must be small letters and digits with single dashes between them")
	case in.Slug == "" && in.Name != "" && Slug(in.Name) == "":
		c.Add("slug", "required", "is required, since the name has no letter or digit to make it from")
	}
	c.Text("tier", in.Tier, fault.MaxName)
	c.Text("owner_team", in.OwnerTeam, fault.MaxName)
	c.Text("description", in.Description, fault.MaxText)
	c.Text("catalog_ref", in.CatalogRef, fault.MaxTitle)
}

// Services keeps services.
type Services struct {
	*record.Records[*ent.Service, *ent.ServiceMutation, ServiceInput]
}

// NewServices keeps services in s.
func NewServices(s *store.Store, now func() time.Time) *Services {
	return &Services{record.New(s, now, services)}
}

var services = record.Noun[*ent.Service, *ent.ServiceMutation, ServiceInput]{
	Kind:  vocab.Service,
	Table: record.TableOf(func(c *ent.Client) *ent.ServiceClient { return c.Service }, nil),
	Of: func(e *ent.Service) ServiceInput {
		return ServiceInput{
			Name: e.Name, Slug: e.Slug, Tier: e.Tier, OwnerTeam: e.OwnerTeam, Description: e.Description, CatalogRef: e.CatalogRef,
		}
	},
	Apply: func(in ServiceInput, m *ent.ServiceMutation) {
		m.SetName(in.Name)
		m.SetSlug(slugOf(in))
		m.SetTier(in.Tier)
		m.SetOwnerTeam(in.OwnerTeam)
		m.SetDescription(in.Description)
		m.SetCatalogRef(in.CatalogRef)
	},
	Visible: record.ToAll,
	Filters: []record.Filter{
		record.Text("name"), record.Text("slug"), record.Text("tier"), record.Text("owner_team"), record.Text("catalog_ref"),
	},
}
