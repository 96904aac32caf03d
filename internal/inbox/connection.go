package inbox

import (
	"context"
	"errors"
	"fmt"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/jira"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Connection says how we sign in at the site of a source when we call it.
type Connection struct {
	// How we sign in: not at all, with an API token of Cloud, with a scoped one through the gateway, or with a personal access token of Data Center; none when it is not given.
	Kind vocab.SourceAPI `json:"kind,omitempty" example:"cloud_token"`
	// The token; it can be set and never read.
	Token *string `json:"token,omitempty" example:"a token of the site" maxLength:"1000"`
	// The account that an API token of Cloud belongs to.
	Email string `json:"email,omitempty" example:"hindcast-bot@example.com" maxLength:"200"`
	// The id of the site at the gateway, which scoped tokens need.
	CloudID string `json:"cloud_id,omitempty" example:"11223344-a1b2-3b33-c444-def123456789" maxLength:"120"`
	// Where the REST API is, when it is neither at the site nor at the gateway.
	Base string `json:"base,omitempty" format:"uri" example:"https://jira.example.com/jira" maxLength:"2000"`
	// Whether issues get links to the records that refer to them; true when it is not given.
	Links *bool `json:"links,omitempty" example:"true"`
	// Whether every change of an issue is read anew from the site, so that what is kept does not depend on what a delivery carries.
	Refetch bool `json:"refetch,omitempty" example:"false"`
	// The project that issues are made in unless a request says otherwise.
	Project string `json:"project,omitempty" example:"UPG" maxLength:"120"`
	// The type of issues that are made unless a request says otherwise; Task when it is not given.
	IssueType string `json:"issue_type,omitempty" example:"Task" maxLength:"120"`
}

func (c Connection) check(site string, check *fault.Check) {
	fault.Choice(check, "api.kind", c.Kind)
	if c.Token != nil {
		check.Required("api.token", *c.Token)
		check.Text("api.token", *c.Token, 1000)
	}
	check.Text("api.email", c.Email, fault.MaxTitle)
	check.Text("api.cloud_id", c.CloudID, fault.MaxName)
	check.URL("api.base", c.Base)
	if _, err := jira.NormalizeSite(c.Base); c.Base != "" && err != nil {
		check.Add("api.base", "invalid_format", "must be the address of a REST API, such as https://jira.example.com")
	}
	check.Text("api.project", c.Project, fault.MaxName)
	check.Text("api.issue_type", c.IssueType, fault.MaxName)
	if c.none() {
		return
	}
	if site == "" {
		check.Add("site", "required", "is required to call the site")
	}
	if c.Kind == vocab.SourceAPICloudToken && c.Email == "" {
		check.Add("api.email", "required", "is required for an API token of Cloud")
	}
	if c.Kind == vocab.SourceAPICloudScoped && c.CloudID == "" && c.Base == "" {
		check.Add("api.cloud_id", "required", "is required for a scoped token, which works through the gateway only")
	}
}

func (c Connection) none() bool { return c.Kind == "" || c.Kind == vocab.SourceAPINone }

// rule notes what is wrong with the token of a connection, given what there is already.
func (c Connection) rule(old *ent.Source, sealed bool, check *fault.Check) {
	switch {
	case c.none():
	case c.Token == nil && (old == nil || old.APIToken == "" || old.APIKind != c.Kind):
		check.Add("api.token", "required", "is required, and must not be empty")
	case c.Token != nil && !sealed:
		check.Add("api.token", "no_encryption_key", "cannot be kept: the server has no encryption key; set HINDCAST_ENCRYPTION_KEY_FILE")
	}
}

func (c Connection) apply(m *ent.SourceMutation) {
	kind := c.Kind
	if kind == "" {
		kind = vocab.SourceAPINone
	}
	base, err := jira.NormalizeSite(c.Base)
	if err != nil {
		base = ""
	}
	m.SetAPIKind(kind)
	m.SetAPIBase(base)
	m.SetAPICloudID(c.CloudID)
	m.SetAPIEmail(c.Email)
	m.SetAPILinks(c.Links == nil || *c.Links)
	m.SetAPIRefetch(c.Refetch)
	m.SetAPIProject(c.Project)
	m.SetAPIIssueType(c.IssueType)
}

func connectionOf(e *ent.Source) Connection {
	links := e.APILinks
	return Connection{
		Kind: e.APIKind, Email: e.APIEmail, CloudID: e.APICloudID, Base: e.APIBase, Links: &links, Refetch: e.APIRefetch,
		Project: e.APIProject, IssueType: e.APIIssueType,
	}
}

// apiRecord is what the token of a source is bound to, so that it means nothing as a key of its deliveries.
func apiRecord(id int) string { return vocab.Source.ID(id).String() + " api" }

// seal keeps the token of a connection. With another token or another way to sign in, what stopped the calls counts no more.
func (s *Sources) seal(id int, old *ent.Source, c Connection, m interface {
	SetAPIToken(string)
	SetAPIState(string)
},
) error {
	switch {
	case c.none():
		m.SetAPIToken("")
		m.SetAPIState("")
	case c.Token != nil:
		sealed, err := s.box.Seal(*c.Token, apiRecord(id))
		if err != nil {
			return fmt.Errorf("sealing the token of a source: %w", err)
		}
		m.SetAPIToken(sealed)
		m.SetAPIState("")
	case old != nil && (old.APIBase != c.Base || old.APIEmail != c.Email || old.APICloudID != c.CloudID):
		m.SetAPIState("")
	}
	return nil
}

// ErrNoConnection is a source that says nothing of how to sign in at its site.
var ErrNoConnection = errors.New("the source has no token for its site")

// Dial says how the site of a source is called. It is ErrNoConnection when it is not.
func (s *Sources) Dial(e *ent.Source) (jira.ClientConfig, error) {
	if e.APIKind == vocab.SourceAPINone || e.APIToken == "" {
		return jira.ClientConfig{}, ErrNoConnection
	}
	token, err := s.box.Open(e.APIToken, apiRecord(e.ID))
	if err != nil {
		return jira.ClientConfig{}, fmt.Errorf("opening the token of a source: %w", err)
	}
	cfg := jira.ClientConfig{Site: e.Site, Base: e.APIBase, Token: jira.Hidden(token), Product: jira.ProductCloud}
	switch e.APIKind {
	case vocab.SourceAPIDataCenter:
		cfg.Product = jira.ProductDataCenter
	case vocab.SourceAPICloudToken:
		cfg.Email = e.APIEmail
	case vocab.SourceAPICloudScoped:
		cfg.Email = e.APIEmail
		if cfg.Base == "" {
			cfg.Base = jira.GatewayBase(e.APICloudID)
		}
	}
	return cfg, nil
}

// Identify notes whom a site took us for: our account is one whose changes are not answered.
func (s *Sources) Identify(ctx context.Context, id int, who jira.Identity) (*ent.Source, error) {
	entry := record.Entry{Op: vocab.ChangeOpUpdate, Deed: "check", Scope: vocab.ScopeAdmin}
	account := who.Person.ID()
	return s.amend(ctx, id, entry, func(old *ent.Source, m *ent.SourceMutation) {
		m.SetAPIAccount(clip(account, 200))
		m.SetAPIZone(clip(who.TimeZone, 120))
		m.SetAPIState("")
		m.SetAPICheckedAt(s.now())
		for _, known := range old.BotAccounts {
			if known == account {
				return
			}
		}
		m.SetBotAccounts(append(append([]string{}, old.BotAccounts...), account))
	})
}

// Refuse notes why a site is not called any more until somebody sets up the connection anew.
func (s *Sources) Refuse(ctx context.Context, id int, code string) error {
	entry := record.Entry{Op: vocab.ChangeOpUpdate, Deed: "refused", Reason: code, Scope: vocab.ScopeAdmin}
	_, err := s.Amend(ctx, id, entry, func(m *ent.SourceMutation) { m.SetAPIState(code) })
	return err
}

// amend is Amend for a deed that needs to know what was.
func (s *Sources) amend(ctx context.Context, id int, entry record.Entry, fill func(*ent.Source, *ent.SourceMutation)) (*ent.Source, error) {
	var changed *ent.Source
	err := s.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		old, err := s.Load(ctx, tx.Client(), id)
		if err != nil {
			return err
		}
		changed, err = s.Amend(ctx, id, entry, func(m *ent.SourceMutation) { fill(old, m) })
		return err
	})
	return changed, err
}
