package story

import (
	"encoding/json"
	"maps"
	"time"

	"github.com/hindcast-kb/hindcast/internal/catalog"
	"github.com/hindcast-kb/hindcast/internal/snapshot"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// The roles that act more than once.
const (
	developer   = "lead developer"
	release     = "release engineering"
	qa          = "QA"
	database    = "database team"
	support     = "support desk"
	director    = "director of engineering"
	techLead    = "tech lead"
	cto         = "CTO"
	reliability = "site reliability"
)

// scenery is what was there before the upgrade was thought of.
func scenery(t *teller) {
	t.at(t.on(theSaturday-75, 9, 0), release)
	t.platform = add(t, t.catalog, catalog.ServiceInput{
		Name: "Learning platform", Tier: "1", OwnerTeam: "learning-platform", CatalogRef: "component:default/learning-platform",
		Description: "One application that serves courses, progress, certificates and the tools of the support desk.",
	})
	t.notifications = add(t, t.catalog, catalog.ServiceInput{
		Name: "Notification service", Tier: "2", OwnerTeam: "messaging", CatalogRef: "component:default/notifications",
		Description: "Sends reminders and receipts by mail.",
	})
	t.prod = add(t, t.environments, catalog.EnvironmentInput{Name: "PROD", Kind: vocab.EnvironmentKindProduction})
	t.dev = add(t, t.environments, catalog.EnvironmentInput{Name: "DEV", Kind: vocab.EnvironmentKindDevelopment, ParityTargetID: t.prod})
	t.staging = add(t, t.environments, catalog.EnvironmentInput{Name: "STAGING", Kind: vocab.EnvironmentKindStaging, ParityTargetID: t.prod})
	t.sandbox = add(t, t.environments, catalog.EnvironmentInput{Name: "SANDBOX", Kind: vocab.EnvironmentKindTest})

	add(t, t.runbooks, catalog.RunbookInput{
		Knowledge: sample("database"), Title: "End database processes that pile up", URL: "https://wiki.example.com/runbooks/database-processes",
		ServiceID: t.platform, Areas: []string{"database", "session garbage collection"}, AlertNames: []string{"DatabaseProcessesHigh"},
		ReviewedAt: ptr(t.now.AddDate(0, -7, 0)), ReviewEveryDays: ptr(90),
	})
	add(t, t.runbooks, catalog.RunbookInput{
		Knowledge: sample("sessions"), Title: "Sessions end too early", URL: "https://wiki.example.com/runbooks/sessions",
		ServiceID: t.platform, Areas: []string{"sessions"}, AlertNames: []string{"LogoutRateHigh"},
	})
}

// capture keeps the schemas of PROD and DEV as they are at a time.
func capture(t *teller, when time.Time) {
	t.at(when, database)
	for _, of := range []struct {
		environment vocab.ID
		items       map[string]json.RawMessage
	}{{t.prod, prodSchema()}, {t.dev, devSchema()}} {
		t.do(func() error {
			_, _, err := t.snapshots.Capture(t.ctx, snapshot.Input{
				EnvironmentID: of.environment, CapturedAt: ptr(t.now), Kind: vocab.SnapshotKindSchema, Items: of.items, Tool: "hindcast snapshot",
			})
			return err
		})
	}
}

// devSchema is the part of the schema that the upgrade touches.
func devSchema() map[string]json.RawMessage {
	column := func(kind string) json.RawMessage { return json.RawMessage(`{"type":"` + kind + `","nullable":false}`) }
	index := func(columns string) json.RawMessage {
		return json.RawMessage(`{"columns":[` + columns + `],"unique":false}`)
	}
	return map[string]json.RawMessage{
		"table/sessions/column/id":                 column("char(40)"),
		"table/sessions/column/user_id":            column("bigint"),
		"table/sessions/column/data":               column("blob"),
		"table/sessions/column/last_seen":          column("timestamp"),
		"table/sessions/index/sessions_last_seen":  index(`"last_seen"`),
		"table/users/column/id":                    column("bigint"),
		"table/users/column/email":                 column("varchar(320)"),
		"table/enrolments/column/user_id":          column("bigint"),
		"table/enrolments/column/course_id":        column("bigint"),
		"table/enrolments/column/progress":         column("int"),
		"table/enrolments/index/enrolments_user":   index(`"user_id"`),
		"table/certificates/column/id":             column("bigint"),
		"table/certificates/column/issued_at":      column("timestamp"),
		"table/certificates/index/certs_issued_at": index(`"issued_at"`),
	}
}

// prodSchema is devSchema with what the database team added to make sessions fast, where they were slow.
func prodSchema() map[string]json.RawMessage {
	schema := maps.Clone(devSchema())
	schema["table/sessions/column/user_last_seen"] = json.RawMessage(`{"type":"varchar(64)","nullable":true,"generated":"user_id || last_seen"}`)
	schema["table/sessions/index/sessions_user_last_seen"] = json.RawMessage(`{"columns":["user_last_seen"],"unique":false}`)
	return schema
}
