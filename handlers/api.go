// Package handlers is the HTTP side of Hindcast: it binds a request, makes one call of a service and shows the result. It
// decides nothing about the knowledge; rules live in the domain packages.
//
//	@title						Hindcast
//	@version					1.0.0
//	@description				Remembers why upgrades failed, and tells the team before the next attempt.
//	@license.name				Apache-2.0
//	@license.url				https://www.apache.org/licenses/LICENSE-2.0
//	@contact.name				Hindcast maintainers
//	@contact.url				https://github.com/hindcast-kb/hindcast
//	@servers.url				/
//	@servers.description		this server
//	@tag.name					references
//	@tag.description			Links from records to Jira, wikis, pull requests and dashboards.
//	@tag.name					findings
//	@tag.description			What was observed and not expected.
//	@tag.name					recurrences
//	@tag.description			Which finding or incident came back as which.
//	@tag.name					assumptions
//	@tag.description			What attempts and upgrades take for granted, with the evidence for and against it.
//	@tag.name					incidents
//	@tag.description			Harm to users, or harm that was close, with its timeline.
//	@tag.name					lessons
//	@tag.description			What was learned, and how attempts answered it.
//	@tag.name					reviews
//	@tag.description			What teams wrote down after attempts and incidents.
//	@tag.name					actions
//	@tag.description			Follow-ups with an owner and a criterion for done.
//	@tag.name					exports
//	@tag.description			Everything that is known, as a file.
//	@tag.name					imports
//	@tag.description			Everything from such a file, and reviews from Markdown.
//	@tag.name					services
//	@tag.description			What teams run and upgrade.
//	@tag.name					environments
//	@tag.description			Places where services run.
//	@tag.name					runbooks
//	@tag.description			Pages that say what to do.
//	@tag.name					upgrades
//	@tag.description			Intents to upgrade, whatever the number of tries.
//	@tag.name					attempts
//	@tag.description			Tries of upgrades.
//	@tag.name					decisions
//	@tag.description			Choices, with what they were made between and why.
//	@tag.name					tripwires
//	@tag.description			Limits agreed for an attempt, and their readings.
//	@tag.name					effort
//	@tag.description			Hours spent, by role and phase.
//	@tag.name					sources
//	@tag.description			Places outside that deliver to this server, and what their issues become.
//	@tag.name					deliveries
//	@tag.description			What sources sent, and what became of it.
//	@tag.name					jobs
//	@tag.description			Work at the sites of sources: links, issues, comments, searches.
//	@tag.name					webhooks
//	@tag.description			Where sources deliver.
//	@tag.name					embeds
//	@tag.description			Views of records for pages of others.
//	@tag.name					search
//	@tag.description			Has this happened before?
//	@tag.name					analytics
//	@tag.description			Figures that say what they mean.
//	@tag.name					audit
//	@tag.description			Who changed what, when, and from what to what.
//	@tag.name					tokens
//	@tag.description			Service tokens, which let callers in.
//	@tag.name					system
//	@tag.description			Is the server well?
//	@tag.name					brief and gate
//	@tag.description			What to know before an attempt, and whether it may go.
package handlers

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/analytics"
	"github.com/hindcast-kb/hindcast/internal/assumption"
	"github.com/hindcast-kb/hindcast/internal/audit"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/brief"
	"github.com/hindcast-kb/hindcast/internal/card"
	"github.com/hindcast-kb/hindcast/internal/catalog"
	"github.com/hindcast-kb/hindcast/internal/draw"
	"github.com/hindcast-kb/hindcast/internal/embed"
	"github.com/hindcast-kb/hindcast/internal/feed"
	"github.com/hindcast-kb/hindcast/internal/finding"
	"github.com/hindcast-kb/hindcast/internal/idempotency"
	"github.com/hindcast-kb/hindcast/internal/identity"
	"github.com/hindcast-kb/hindcast/internal/importer"
	"github.com/hindcast-kb/hindcast/internal/inbox"
	"github.com/hindcast-kb/hindcast/internal/incident"
	"github.com/hindcast-kb/hindcast/internal/index"
	"github.com/hindcast-kb/hindcast/internal/jirasync"
	"github.com/hindcast-kb/hindcast/internal/jirawork"
	"github.com/hindcast-kb/hindcast/internal/lesson"
	"github.com/hindcast-kb/hindcast/internal/parity"
	"github.com/hindcast-kb/hindcast/internal/recap"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/remedy"
	"github.com/hindcast-kb/hindcast/internal/review"
	"github.com/hindcast-kb/hindcast/internal/secret"
	"github.com/hindcast-kb/hindcast/internal/snapshot"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/support"
	"github.com/hindcast-kb/hindcast/internal/timeline"
	"github.com/hindcast-kb/hindcast/internal/upgrade"
	"github.com/hindcast-kb/hindcast/internal/vocab"
	"github.com/hindcast-kb/hindcast/internal/web"
)

// basePath is where the API begins.
const basePath = "/api/v1"

// bodyLimit is how large a request body may be, in bytes; webhooks have a limit of their own.
const bodyLimit = 1 << 20

// Services are what the handlers call: one field for each service.
type Services struct {
	Findings     *finding.Service
	Recurrences  *finding.Recurrences
	Assumptions  *assumption.Service
	Evidence     *assumption.EvidenceService
	Incidents    *incident.Service
	Events       *incident.Events
	Lessons      *lesson.Service
	Reviews      *review.Service
	Actions      *review.Actions
	Snapshots    *snapshot.Service
	References   *catalog.References
	Briefs       *brief.Service
	Parity       *parity.Service
	DriftIgnores *parity.Ignores
	// ServiceCatalog keeps the services that are upgraded.
	ServiceCatalog *catalog.Services
	Environments   *catalog.Environments
	Runbooks       *catalog.Runbooks
	Upgrades       *upgrade.Upgrades
	Attempts       *upgrade.Attempts
	Decisions      *upgrade.Decisions
	Tripwires      *upgrade.Tripwires
	Efforts        *upgrade.Efforts
	AuditLog       *audit.Log
	// Index answers searches.
	Index     *index.Index
	Synonyms  *index.Synonyms
	Timelines *timeline.Service
	Support   *support.Service
	Analytics *analytics.Service
	Importer  *importer.Service
	Sources   *inbox.Sources
	Inbox     *inbox.Inbox
	// Jira applies deliveries.
	Jira *jirasync.Processor
	// Embeds keeps the grants to show records elsewhere, Draw puts records on cards, and Cards shows those as HTML.
	Embeds *embed.Service
	Draw   *draw.Service
	Cards  *card.Drawer
	// JiraWork does what is to be done at sites; Jobs shows it.
	JiraWork *jirawork.Service
	Jobs     *inbox.Jobs
	// Remedies finds runbooks, and RunbookFeedback keeps what is said of them.
	Remedies        *remedy.Service
	RunbookFeedback *catalog.Feedback
	// Recaps drafts reviews.
	Recaps *recap.Service
}

// Options say how the API is served.
type Options struct {
	// PublicURL is the address people use, without a slash at the end.
	PublicURL string
	// Open lets callers on loopback in without a token.
	Open bool
	// LoopbackOnly serves only the names of this machine and of the public address.
	LoopbackOnly bool
	// TrustedProxies are the networks whose X-Forwarded-For is believed; none when empty.
	TrustedProxies []string
	// RatePerSecond limits each caller; zero means no limit.
	RatePerSecond int
	// Ready says whether the server may be used, and if not, why.
	Ready func(context.Context) error
	Log   *slog.Logger
	// Metrics is where figures are registered and read from.
	Metrics *prometheus.Registry
	Now     func() time.Time
	// Zone is where times are shown and working hours are counted; UTC when nil.
	Zone *time.Location
	// ReviewTemplate is the text of the template that the operator gave for reviews; empty without one.
	ReviewTemplate string
	// Sessions seals the sessions of browsers.
	Sessions *secret.Box
	// Provider is the identity provider that is believed; nil for none.
	Provider *identity.Provider
}

// API is the HTTP side of Hindcast.
type API struct {
	Services
	store     *store.Store
	tokens    *auth.Tokens
	keeper    *idempotency.Keeper
	echo      *echo.Echo
	log       *slog.Logger
	metrics   *metrics
	registry  *prometheus.Registry
	limiter   *limiter
	ready     func(context.Context) error
	now       func() time.Time
	publicURL string
	open      bool
	hosts     map[string]bool
	// reviewText is the template of the operator.
	reviewText string
	zone       *time.Location
	// webBase is the path before every page, "" at the root.
	webBase     string
	pages       *web.Pages
	sessions    *secret.Box
	provider    *identity.Provider
	crossOrigin *http.CrossOriginProtection
	// proxies are the networks whose X-Forwarded-For a delivery may carry.
	proxies []netip.Prefix

	findings                                     *resource[*ent.Finding, finding.Input, FindingView, *FindingView]
	recurrences                                  *resource[*ent.Recurrence, finding.RecurrenceInput, RecurrenceView, *RecurrenceView]
	assumptions                                  *resource[*ent.Assumption, assumption.Input, AssumptionView, *AssumptionView]
	evidence                                     *resource[*ent.Evidence, assumption.EvidenceInput, EvidenceView, *EvidenceView]
	incidents                                    *resource[*ent.Incident, incident.Input, IncidentView, *IncidentView]
	attemptEvents, incidentEvents, findingEvents *events
	lessons                                      *resource[*ent.Lesson, lesson.Input, LessonView, *LessonView]
	reviews, reviewWrites                        *resource[*ent.Review, review.Input, ReviewView, *ReviewView]
	actions                                      *resource[*ent.Action, review.ActionInput, ActionView, *ActionView]
	snapshots                                    *resource[*ent.Snapshot, snapshot.Input, SnapshotView, *SnapshotView]
	references                                   *resource[*ent.RecordReference, catalog.ReferenceInput, ReferenceView, *ReferenceView]
	services                                     *resource[*ent.Service, catalog.ServiceInput, ServiceView, *ServiceView]
	environments                                 *resource[*ent.Environment, catalog.EnvironmentInput, EnvironmentView, *EnvironmentView]
	runbooks                                     *resource[*ent.Runbook, catalog.RunbookInput, RunbookView, *RunbookView]
	upgrades                                     *resource[*ent.Upgrade, upgrade.Input, UpgradeView, *UpgradeView]
	attempts                                     *resource[*ent.Attempt, upgrade.AttemptInput, AttemptView, *AttemptView]
	decisions                                    *resource[*ent.Decision, upgrade.DecisionInput, DecisionView, *DecisionView]
	tripwires                                    *resource[*ent.Tripwire, upgrade.TripwireInput, TripwireView, *TripwireView]
	sources                                      *resource[*ent.Source, inbox.SourceInput, SourceView, *SourceView]
	driftIgnores                                 *resource[*ent.DriftIgnore, parity.IgnoreInput, DriftIgnoreView, *DriftIgnoreView]
	synonyms                                     *resource[*ent.Synonym, index.SynonymInput, SynonymView, *SynonymView]
	embeds                                       *resource[*ent.Embed, embed.Input, EmbedView, *EmbedView]
	efforts                                      *resource[*ent.EffortEntry, upgrade.EffortInput, EffortView, *EffortView]
}

// New makes the API over its services.
func New(s *store.Store, tokens *auth.Tokens, services Services, opts Options) *API {
	a := &API{
		Services: services, store: s, tokens: tokens, keeper: idempotency.New(s, opts.Now), echo: echo.New(),
		log: opts.Log, metrics: newMetrics(opts.Metrics), registry: opts.Metrics, limiter: newLimiter(opts.RatePerSecond),
		ready: opts.Ready, now: opts.Now, publicURL: strings.TrimSuffix(opts.PublicURL, "/"), open: opts.Open,
		reviewText: opts.ReviewTemplate,
	}
	if a.zone = opts.Zone; a.zone == nil {
		a.zone = time.UTC
	}
	a.sessions, a.provider = opts.Sessions, opts.Provider
	a.makePages()
	if opts.LoopbackOnly {
		a.hosts = loopbackHosts(a.publicURL)
	}
	// A resource that embeds another is made after it.
	a.proxies = trustedNetworks(opts.TrustedProxies)
	a.sources = a.sourceResource()
	a.synonyms = a.synonymResource()
	a.embeds = a.embedResource()
	a.driftIgnores = a.driftIgnoreResource()
	a.services = a.serviceResource()
	a.environments = a.environmentResource()
	a.runbooks = a.runbookResource()
	a.upgrades = a.upgradeResource()
	a.attempts = a.attemptResource()
	a.decisions = a.decisionResource()
	a.tripwires = a.tripwireResource()
	a.efforts = a.effortResource()
	a.findings = a.findingResource()
	a.recurrences = a.recurrenceResource()
	a.assumptions = a.assumptionResource()
	a.evidence = a.evidenceResource()
	a.incidents = a.incidentResource()
	a.attemptEvents, a.incidentEvents, a.findingEvents = a.eventResource(vocab.Attempt), a.eventResource(vocab.Incident), a.eventResource(vocab.Finding)
	a.lessons = a.lessonResource()
	a.reviews, a.reviewWrites = a.reviewResource(), a.reviewWriteResource()
	a.actions = a.actionResource()
	a.snapshots = a.snapshotResource()
	a.references = a.referenceResource()
	a.echo.HideBanner, a.echo.HidePort = true, true
	a.echo.HTTPErrorHandler = a.writeError
	a.echo.IPExtractor = clientIP(opts.TrustedProxies)
	a.echo.Logger.SetOutput(slogWriter{opts.Log})
	a.use()
	a.register()
	return a
}

// Echo is the router with everything registered.
func (a *API) Echo() *echo.Echo { return a.echo }

// use lines up what happens to every request, outermost first. Decompression comes before the limit of the body, so that
// the limit counts what is really read.
func (a *API) use() {
	a.echo.Use(a.identify, a.observe, a.contain, a.secure, a.host, middleware.DecompressWithConfig(middleware.DecompressConfig{Skipper: isHook}), a.authenticate)
}

// Route is one operation.
type Route struct {
	Method, Path string
	// Scope is what a caller needs; empty for routes that anyone may call.
	Scope vocab.Scope
	// BodyLimit is how large the request body may be; bodyLimit when zero.
	BodyLimit int64
	// Indexed says that a read is answered from the search index, so that min_seq waits for that.
	Indexed bool
	// page says that it shows a page to people, which the API description leaves out.
	page    bool
	handler echo.HandlerFunc
}

// Page says that the route shows a page to people, which the API description leaves out.
func (r Route) Page() bool { return r.page }

// register puts the route table into the router.
func (a *API) register() {
	for _, route := range a.Routes() {
		limit := route.BodyLimit
		if limit == 0 {
			limit = bodyLimit
		}
		around := []echo.MiddlewareFunc{limitBody(limit)}
		if route.Scope != "" {
			around = append(around, require(route.Scope))
		}
		if strings.HasPrefix(route.Path, basePath) {
			switch route.Method {
			case "GET":
				if route.Indexed {
					around = append(around, minSeq(a.Index.Wait))
				} else {
					around = append(around, minSeq(func(ctx context.Context, seq int) error { return feed.Wait(ctx, a.store, seq) }))
				}
			case "POST":
				if route.Path == jiraHookPath || route.Path == alertHookPath { // a repeat is found by what it says
					break
				}
				around = append(around, a.idempotent)
			}
		}
		a.echo.Add(route.Method, route.Path, route.handler, around...)
		if route.Method == "GET" {
			a.echo.Add("HEAD", route.Path, route.handler, around...)
		}
	}
}

// known is NotFound unless the caller may know of the record.
func (a *API) known(ctx context.Context, id vocab.ID) error {
	return record.MustKnow(ctx, a.store.Client(ctx), a.store.Dialect(), id)
}

func (a *API) newRequestID() string {
	raw := make([]byte, 8)
	_, _ = rand.Read(raw) // it never fails, by its documentation
	return hex.EncodeToString(raw)
}

// loopbackHosts are the names that a server on loopback answers to.
func loopbackHosts(publicURL string) map[string]bool {
	hosts := map[string]bool{"localhost": true, "127.0.0.1": true, "::1": true}
	if u, err := url.Parse(publicURL); err == nil {
		hosts[strings.ToLower(u.Hostname())] = true
	}
	return hosts
}

// slogWriter sends what the router itself has to say to the log.
type slogWriter struct{ log *slog.Logger }

func (w slogWriter) Write(p []byte) (int, error) {
	w.log.Warn("http server", "message", strings.TrimSpace(string(p)))
	return len(p), nil
}
