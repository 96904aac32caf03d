package inbox

import (
	"context"
	"encoding/json"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/job"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Ask is a piece of work that shall be done at the site of a source.
type Ask struct {
	Source int
	Kind   vocab.JobKind
	// Key names the work within the source; work of the same key is done once, however often it is asked for.
	Key string
	// Issue is the issue it is about, by its id or key.
	Issue string
	// Target is the record it is for; the zero ID for none.
	Target vocab.ID
	// Wanted is what shall be there when it is done, as the worker of the kind reads it.
	Wanted any
	// At is when it may begin.
	At time.Time
}

// Put writes work in the transaction that wants it. Work that is asked for again is done again; while it is under way, it begins
// anew afterwards. Work that was suspended stays so until somebody resumes it.
func Put(ctx context.Context, tx *store.Tx, now time.Time, by string, a Ask) (int, error) {
	wanted, err := json.Marshal(a.Wanted)
	if err != nil {
		return 0, err
	}
	if a.At.IsZero() {
		a.At = now
	}
	jobs := tx.Client().Job
	id, err := jobs.Create().SetCreatedAt(now).SetUpdatedAt(now).SetCreatedBy(by).SetSourceID(a.Source).SetKind(a.Kind).SetDedupeKey(clip(a.Key, 300)).
		SetIssue(clip(a.Issue, 120)).SetTargetKind(a.Target.Prefix).SetTargetID(a.Target.N).SetWanted(wanted).SetNextAttemptAt(a.At).
		OnConflictColumns(job.FieldSourceID, job.FieldDedupeKey).
		Update(func(u *ent.JobUpsert) {
			u.AddRound(1).SetWanted(wanted).SetIssue(clip(a.Issue, 120)).SetUpdatedAt(now).AddVersion(1)
		}).ID(ctx)
	if err != nil {
		return 0, err
	}
	_, err = jobs.Update().Where(job.ID(id), job.StateIn(vocab.JobStateDone, vocab.JobStateFailed)).
		SetState(vocab.JobStateWaiting).SetAttempts(0).SetError("").SetNextAttemptAt(a.At).Save(ctx)
	return id, err
}

// fetchWait is how long an issue is waited for before it is read anew, so that several changes are read at once.
const fetchWait = 2 * time.Second

// PutFetch asks to read an issue anew from its site.
func PutFetch(ctx context.Context, tx *store.Tx, now time.Time, source int, issue string, wait time.Duration) error {
	_, err := Put(ctx, tx, now, "jira", Ask{Source: source, Kind: vocab.JobKindFetch, Key: "fetch:" + issue, Issue: issue, At: now.Add(wait)})
	return err
}

// Jobs shows the work at sites.
type Jobs = record.Records[*ent.Job, *ent.JobMutation, noInput]

// NewJobs shows the work kept in s.
func NewJobs(s *store.Store, now func() time.Time) *Jobs { return record.New(s, now, jobs) }

var jobs = record.Noun[*ent.Job, *ent.JobMutation, noInput]{
	Kind:    vocab.Job,
	Table:   record.TableOf(func(c *ent.Client) *ent.JobClient { return c.Job }, nil),
	Of:      func(*ent.Job) noInput { return noInput{} },
	Apply:   func(noInput, *ent.JobMutation) {},
	Visible: record.ToAll,
	Filters: []record.Filter{
		record.Ref("source_id", vocab.Source), record.Word("kind", vocab.JobKind("")), record.Word("state", vocab.JobState("")),
		record.Text("issue"), record.AnyRef("target", "target_kind", "target_id"),
	},
}
