package vocab

import "time"

// SourceProduct is what sends to a source.
type SourceProduct string

// The words of SourceProduct.
const (
	SourceProductCloud      SourceProduct = "jira_cloud"
	SourceProductDataCenter SourceProduct = "jira_data_center"
	SourceProductAutomation SourceProduct = "jira_automation"
	SourceProductCustom     SourceProduct = "custom"
	// SourceProductAlertmanager sends alerts, which become readings of tripwires.
	SourceProductAlertmanager SourceProduct = "alertmanager"
)

// Values lists every SourceProduct.
func (SourceProduct) Values() []string {
	return words(`jira_cloud jira_data_center jira_automation custom alertmanager`)
}

// SourceAuth is how deliveries to a source prove where they come from.
type SourceAuth string

// The words of SourceAuth.
const (
	SourceAuthHMAC   SourceAuth = "hmac"
	SourceAuthBearer SourceAuth = "bearer"
	SourceAuthHeader SourceAuth = "header"
	SourceAuthNone   SourceAuth = "none"
)

// Values lists every SourceAuth.
func (SourceAuth) Values() []string { return words(`hmac bearer header none`) }

// SourceMode says what becomes of the deliveries of a source.
type SourceMode string

// The words of SourceMode.
const (
	SourceModeLive   SourceMode = "live"
	SourceModeDryRun SourceMode = "dry_run"
	SourceModePaused SourceMode = "paused"
)

// Values lists every SourceMode.
func (SourceMode) Values() []string { return words(`live dry_run paused`) }

// DeliveryStatus says what became of a delivery.
type DeliveryStatus string

// The words of DeliveryStatus.
const (
	DeliveryStatusReceived    DeliveryStatus = "received"
	DeliveryStatusProcessing  DeliveryStatus = "processing"
	DeliveryStatusApplied     DeliveryStatus = "applied"
	DeliveryStatusNoop        DeliveryStatus = "noop"
	DeliveryStatusIgnored     DeliveryStatus = "ignored"
	DeliveryStatusQuarantined DeliveryStatus = "quarantined"
	DeliveryStatusDead        DeliveryStatus = "dead"
)

// Values lists every DeliveryStatus.
func (DeliveryStatus) Values() []string {
	return words(`received processing applied noop ignored quarantined dead`)
}

// SourceAPI is how we sign in at a site when we call it.
type SourceAPI string

// The words of SourceAPI.
const (
	SourceAPINone        SourceAPI = "none"
	SourceAPICloudToken  SourceAPI = "cloud_token"
	SourceAPICloudScoped SourceAPI = "cloud_scoped_token"
	SourceAPIDataCenter  SourceAPI = "data_center_token"
)

// Values lists every SourceAPI.
func (SourceAPI) Values() []string {
	return words(`none cloud_token cloud_scoped_token data_center_token`)
}

// JobKind is a kind of work at a site.
type JobKind string

// The words of JobKind.
const (
	JobKindLink      JobKind = "link"
	JobKindCreate    JobKind = "create"
	JobKindComment   JobKind = "comment"
	JobKindFetch     JobKind = "fetch"
	JobKindBackfill  JobKind = "backfill"
	JobKindReconcile JobKind = "reconcile"
	JobKindWebhook   JobKind = "webhook"
	JobKindErase     JobKind = "erase"
)

// Values lists every JobKind.
func (JobKind) Values() []string {
	return words(`link create comment fetch backfill reconcile webhook erase`)
}

// JobState says how a piece of work stands.
type JobState string

// The words of JobState.
const (
	JobStateWaiting   JobState = "waiting"
	JobStateWorking   JobState = "working"
	JobStateDone      JobState = "done"
	JobStateFailed    JobState = "failed"
	JobStateSuspended JobState = "suspended"
)

// Values lists every JobState.
func (JobState) Values() []string { return words(`waiting working done failed suspended`) }

// SealedSecret is one key of a source as it is kept.
type SealedSecret struct {
	// ID names the key in figures and on deliveries.
	ID string `json:"id"`
	// Sealed is the encrypted key, bound to the source.
	Sealed string `json:"sealed"`
	// NotAfter is when the key stops being accepted; never when nil.
	NotAfter *time.Time `json:"not_after,omitempty"`
}

// AlertRule says which alerts of a source become readings of which tripwires.
type AlertRule struct {
	// The labels that an alert must have, with their values; every alert when empty.
	Match map[string]string `json:"match,omitempty" swaggertype:"object,string" example:"alertname:DatabaseProcesses"`
	// The tripwire that is read; when it is not given, the armed ones whose signal is the one of the rule.
	TripwireID ID `json:"tripwire_id,omitzero" swaggertype:"string" example:"TRP-3"`
	// The signal of the tripwires that are read; the name of the alert when neither it nor a tripwire is given.
	Signal string `json:"signal,omitempty" example:"Database processes" maxLength:"200"`
	// The annotation or label that holds the value; value when it is not given.
	Value string `json:"value,omitempty" example:"value" maxLength:"120"`
	// The value of a firing alert that tells none.
	Firing *float64 `json:"firing,omitempty" example:"1"`
	// The value of a resolved alert; without it such an alert is no reading, since it repeats what it last fired with.
	Resolved *float64 `json:"resolved,omitempty" example:"0"`
}
