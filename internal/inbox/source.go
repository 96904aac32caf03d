// Package inbox takes what sources outside send, keeps it byte for byte before anything else happens, and hands each delivery to
// whoever applies it, once, however often it was sent. It keeps the sources and their secrets too. What a delivery means is left to
// package jira, and what is written because of it to package jirasync.
package inbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"slices"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/jira"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/secret"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Credentials says how deliveries prove where they come from.
type Credentials struct {
	// How it is proved: by a signature, a bearer token, a fixed header, or not at all, which is for servers on loopback.
	Kind vocab.SourceAuth `json:"kind" validate:"required" example:"hmac"`
	// The key or token; it can be set and never read.
	Secret *string `json:"secret,omitempty" example:"a long random text" maxLength:"1000"`
	// The header that carries a fixed token; X-Webhook-Token when it is not given.
	Header string `json:"header,omitempty" example:"X-Webhook-Token" maxLength:"120"`
	// The query parameter that may carry a fixed token too. Addresses end up in logs, so it is off unless it is named.
	QueryToken string `json:"query_token,omitempty" example:"token" maxLength:"120"`
}

// SourceInput is what a client may set on a source.
type SourceInput struct {
	// The name people use.
	Name string `json:"name" validate:"required" example:"Issue tracker" maxLength:"200"`
	// What sends the deliveries.
	Product vocab.SourceProduct `json:"product" validate:"required" example:"jira_cloud"`
	// The base address of the site; the deliveries tell it when it is not given.
	Site string `json:"site,omitempty" format:"uri" example:"https://example.atlassian.net" maxLength:"2000"`
	// How deliveries prove where they come from.
	Auth Credentials `json:"auth" validate:"required"`
	// Networks that may deliver; everybody when empty.
	CIDRs []string `json:"cidrs" example:"104.192.136.0/21" maxItems:"200"`
	// Deliveries a second that are taken; no limit when 0.
	Rate int `json:"rate" example:"0" minimum:"0"`
	// What becomes of the deliveries; live when it is not given.
	Mode vocab.SourceMode `json:"mode,omitempty" example:"live"`
	// Our own accounts on the site, whose changes are not answered.
	BotAccounts []string `json:"bot_accounts" example:"557058:0123" maxItems:"200"`
	// What issues become: an ordered list of rules, the first that matches decides. A starter set when it is not given.
	Rules json.RawMessage `json:"rules,omitempty" swaggertype:"object"`
	// The service that records belong to when no project says otherwise.
	ServiceID vocab.ID `json:"service_id,omitzero" swaggertype:"string" example:"SVC-1"`
	// The environment of attempts that are made for releases; the oldest production environment when it is not given.
	EnvironmentID vocab.ID `json:"environment_id,omitzero" swaggertype:"string" example:"ENV-1"`
	// The services by the key or the id of a project.
	Projects map[string]vocab.ID `json:"projects,omitempty" swaggertype:"object,string"`
	// How we sign in at the site when we call it; nothing is sent there without it.
	API Connection `json:"api,omitzero"`
	// Which alerts are readings of which tripwires, for Alertmanager: an ordered list, the first that matches decides. When it is
	// empty, an alert is a reading of the tripwire that its label tripwire names, or of those whose signal is its name.
	Alerts []vocab.AlertRule `json:"alerts,omitempty" maxItems:"200"`
}

// maxRate is far above what a site sends.
const maxRate = 100_000

// Check notes every field that breaks a rule by itself.
func (in SourceInput) Check(c *fault.Check) {
	c.Title("name", in.Name)
	fault.RequiredChoice(c, "product", in.Product)
	c.URL("site", in.Site)
	if _, err := jira.NormalizeSite(in.Site); in.Site != "" && err != nil {
		c.Add("site", "invalid_format", "must be the address of a site, such as https://example.atlassian.net")
	}
	in.Auth.check(c)
	in.API.check(in.Site, c)
	c.List("cidrs", in.CIDRs)
	for _, text := range in.CIDRs {
		if _, err := netip.ParsePrefix(text); err != nil {
			c.Add("cidrs", "invalid_format", "must be networks such as 104.192.136.0/21")
			break
		}
	}
	if in.Rate < 0 || in.Rate > maxRate {
		c.Add("rate", "out_of_range", "must be from 0 to %d", maxRate)
	}
	fault.Choice(c, "mode", in.Mode)
	c.List("bot_accounts", in.BotAccounts)
	checkRules(c, in.Rules)
	c.Ref("service_id", in.ServiceID, vocab.Service)
	c.Ref("environment_id", in.EnvironmentID, vocab.Environment)
	if len(in.Projects) > fault.MaxList {
		c.Add("projects", "too_many", "must have at most %d entries", fault.MaxList)
	}
	for _, id := range in.Projects {
		c.RequiredRef("projects", id, vocab.Service)
	}
	checkAlerts(in, c)
}

func (a Credentials) check(c *fault.Check) {
	fault.RequiredChoice(c, "auth.kind", a.Kind)
	if a.Secret != nil {
		c.Required("auth.secret", *a.Secret)
		c.Text("auth.secret", *a.Secret, 1000)
	}
	c.Text("auth.header", a.Header, fault.MaxName)
	c.Text("auth.query_token", a.QueryToken, fault.MaxName)
}

func checkRules(c *fault.Check, raw json.RawMessage) {
	_, err := rulesOf(raw)
	var invalid *fault.Error
	switch {
	case err == nil:
	case errors.As(err, &invalid) && len(invalid.Fields) > 0:
		for _, f := range invalid.Fields {
			c.Add("rules."+f.Field, f.Code, "%s", f.Message)
		}
	default:
		c.Add("rules", "invalid_format", "%v", err)
	}
}

// rulesOf reads rules; none are the starter set.
func rulesOf(raw json.RawMessage) (jira.Rules, error) {
	if len(bytes.TrimSpace(raw)) == 0 || string(bytes.TrimSpace(raw)) == "null" {
		return jira.StarterRules(), nil
	}
	return jira.ParseRules(raw)
}

// Sources keeps the places that deliver to us.
type Sources struct {
	*record.Records[*ent.Source, *ent.SourceMutation, SourceInput]
	store    *store.Store
	box      *secret.Box
	loopback bool
	now      func() time.Time
}

// NewSources keeps sources in s, with their secrets sealed by box. loopback says that only this machine can reach the server, so
// that a source without authentication may be allowed.
func NewSources(s *store.Store, now func() time.Time, box *secret.Box, loopback bool) *Sources {
	sources := &Sources{store: s, box: box, loopback: loopback, now: now}
	noun := sourceNoun
	noun.Rule = sources.rule
	noun.Fill = sources.fill
	sources.Records = record.New(s, now, noun)
	return sources
}

var sourceNoun = record.Noun[*ent.Source, *ent.SourceMutation, SourceInput]{
	Kind:    vocab.Source,
	Table:   record.TableOf(func(c *ent.Client) *ent.SourceClient { return c.Source }, nil),
	Of:      sourceInputOf,
	Apply:   applySource,
	Visible: record.ToAll,
	Filters: []record.Filter{
		record.Word("product", vocab.SourceProduct("")), record.Word("mode", vocab.SourceMode("")), record.Text("site"), record.Text("name"),
		record.Ref("service_id", vocab.Service), record.Ref("environment_id", vocab.Environment),
	},
}

// rule notes what is wrong with the secret of a source, given what it has already and where the server listens.
func (s *Sources) rule(_ context.Context, _ *store.Tx, old *ent.Source, in SourceInput, check *fault.Check) error {
	switch {
	case in.Auth.Kind == vocab.SourceAuthNone && !s.loopback:
		check.Add("auth.kind", "not_allowed", "none is accepted on loopback only; give a secret")
	case in.Auth.Kind == vocab.SourceAuthNone:
	case in.Auth.Secret == nil && (old == nil || old.AuthKind != in.Auth.Kind):
		check.Add("auth.secret", "required", "is required, and must not be empty")
	case in.Auth.Secret != nil && s.box == nil:
		check.Add("auth.secret", "no_encryption_key", "cannot be kept: the server has no encryption key; set HINDCAST_ENCRYPTION_KEY_FILE")
	}
	in.API.rule(old, s.box != nil, check)
	return nil
}

// fill counts the changes of the rules, and rotates the secret of a source that is given another.
func (s *Sources) fill(_ context.Context, _ *store.Tx, old *ent.Source, in SourceInput, m *ent.SourceMutation) error {
	if old == nil {
		return nil
	}
	if err := s.seal(old.ID, old, in.API, m); err != nil {
		return err
	}
	if was, now := sameRules(old.Rules), sameRules(in.Rules); !bytes.Equal(was, now) {
		m.SetRulesVersion(old.RulesVersion + 1)
	}
	switch {
	case in.Auth.Kind == vocab.SourceAuthNone:
		m.SetSecrets([]vocab.SealedSecret{})
	case in.Auth.Secret != nil:
		kept := old.Secrets
		if old.AuthKind != in.Auth.Kind {
			kept = nil
		}
		secrets, err := s.rotated(old.ID, kept, *in.Auth.Secret, defaultOverlap)
		if err != nil {
			return err
		}
		m.SetSecrets(secrets)
	}
	return nil
}

// sameRules is the one form of rules, so that two can be compared.
func sameRules(raw json.RawMessage) []byte {
	rules, err := rulesOf(raw)
	if err != nil {
		return raw
	}
	rules.Version = 0
	text, _ := rules.JSON() // it was read from JSON
	return text
}

// Add makes a source; its secrets are sealed for the number that the source gets.
func (s *Sources) Add(ctx context.Context, in SourceInput) (*ent.Source, error) {
	var added *ent.Source
	err := s.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		var err error
		if added, err = s.Records.Add(ctx, in); err != nil {
			return err
		}
		update := tx.Client().Source.UpdateOneID(added.ID)
		if in.Auth.Secret != nil && in.Auth.Kind != vocab.SourceAuthNone {
			secrets, err := s.rotated(added.ID, nil, *in.Auth.Secret, 0)
			if err != nil {
				return err
			}
			update.SetSecrets(secrets)
		}
		if err := s.seal(added.ID, nil, in.API, update.Mutation()); err != nil {
			return err
		}
		if err := update.Exec(ctx); err != nil {
			return err
		}
		added, err = s.Load(ctx, tx.Client(), added.ID)
		return err
	})
	return added, err
}

func sourceInputOf(e *ent.Source) SourceInput {
	in := SourceInput{
		Name: e.Name, Product: e.Product, Site: e.Site,
		Auth:  Credentials{Kind: e.AuthKind, Header: e.AuthHeader, QueryToken: e.AuthQuery},
		CIDRs: record.ListOf(e.Cidrs), Rate: e.Rate, Mode: e.Mode, BotAccounts: record.ListOf(e.BotAccounts), Rules: sameRules(e.Rules),
		ServiceID: record.RefOf(vocab.Service, e.ServiceID), EnvironmentID: record.RefOf(vocab.Environment, e.EnvironmentID),
		API: connectionOf(e),
	}
	if len(e.Alerts) > 0 {
		in.Alerts = e.Alerts
	}
	for project, text := range e.Projects {
		if id, err := vocab.ParseID(text); err == nil {
			if in.Projects == nil {
				in.Projects = map[string]vocab.ID{}
			}
			in.Projects[project] = id
		}
	}
	return in
}

func applySource(in SourceInput, m *ent.SourceMutation) {
	site, err := jira.NormalizeSite(in.Site)
	if err != nil {
		site = ""
	}
	m.SetName(in.Name)
	m.SetProduct(in.Product)
	m.SetSite(site)
	m.SetAuthKind(in.Auth.Kind)
	m.SetAuthHeader(in.Auth.Header)
	m.SetAuthQuery(in.Auth.QueryToken)
	m.SetCidrs(record.ListOf(in.CIDRs))
	m.SetRate(in.Rate)
	m.SetMode(in.Mode)
	if in.Mode == "" {
		m.SetMode(vocab.SourceModeLive)
	}
	m.SetBotAccounts(record.ListOf(in.BotAccounts))
	m.SetRules(sameRules(in.Rules))
	record.SetRef(in.ServiceID, m.SetServiceID, m.ClearServiceID)
	record.SetRef(in.EnvironmentID, m.SetEnvironmentID, m.ClearEnvironmentID)
	projects := make(map[string]string, len(in.Projects))
	for project, id := range in.Projects {
		projects[project] = id.String()
	}
	m.SetProjects(projects)
	in.API.apply(m)
	m.SetAlerts(record.ListOf(in.Alerts))
}

// Rules are the rules of a source, with the count of their changes.
func Rules(e *ent.Source) (jira.Rules, error) {
	rules, err := rulesOf(e.Rules)
	rules.Version = e.RulesVersion
	return rules, err
}

// Payload is the shape that a source sends.
func Payload(e *ent.Source) jira.PayloadKind {
	switch e.Product {
	case vocab.SourceProductAutomation:
		return jira.PayloadAutomation
	case vocab.SourceProductCustom:
		return jira.PayloadCustom
	}
	return jira.PayloadWebhook
}

// prefixes reads the networks of a source, which were checked when it was written.
func prefixes(e *ent.Source) []netip.Prefix {
	list := make([]netip.Prefix, 0, len(e.Cidrs))
	for _, text := range e.Cidrs {
		if p, err := netip.ParsePrefix(text); err == nil {
			list = append(list, p)
		}
	}
	return slices.Clip(list)
}
