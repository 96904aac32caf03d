package fakejira

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hindcast-kb/hindcast/internal/jira"
)

// Hook is where the site sends events.
type Hook struct {
	URL string
	// Secret signs each body; without one there is no signature.
	Secret string
	// Header is added to every delivery.
	Header map[string]string
}

// Delivery is one event on its way to one hook.
type Delivery struct {
	// ID is the identifier of the delivery, the same on every retry; Data Center sends none.
	ID    string
	Event string
	Body  []byte
	Flow  string
	Hook  Hook
}

// Subscribe adds a hook for all events from now on.
func (s *Server) Subscribe(h Hook) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hooks = append(s.hooks, h)
}

// Emit queues an event of any kind, such as one about a version. The time is added where there is none.
func (s *Server) Emit(event map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	event = maps.Clone(event)
	if _, ok := event["timestamp"]; !ok {
		event["timestamp"] = s.tick().UnixMilli()
	}
	s.queue(event)
}

// Outbox takes everything that is queued, for tests that deliver by themselves.
func (s *Server) Outbox() []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.outbox
	s.outbox = nil
	return out
}

func (s *Server) queue(event map[string]any) {
	body, err := json.Marshal(event)
	if err != nil {
		panic("fakejira: " + err.Error())
	}
	name, _ := event["webhookEvent"].(string)
	flow := "Primary"
	if strings.HasPrefix(name, "comment_deleted") {
		flow = "Secondary"
	}
	for _, h := range s.hooks {
		d := Delivery{Event: name, Body: body, Flow: flow, Hook: h}
		if !s.dataCenter() {
			s.change++
			d.ID = fmt.Sprintf("evt-%d", s.change)
		}
		s.outbox = append(s.outbox, d)
	}
}

func (s *Server) user(id string) map[string]any {
	if s.dataCenter() {
		return map[string]any{"self": s.URL + "/rest/api/2/user?username=" + id, "name": id, "key": "JIRAUSER" + strconv.Itoa(len(id)) + id, "emailAddress": id + "@example.com", "displayName": "Role " + id, "active": true}
	}
	return map[string]any{"self": s.URL + "/rest/api/2/user?accountId=" + id, "accountId": id, "displayName": "Role " + id, "active": true}
}

func (s *Server) issueEvent(name, kind string, i *Issue, at time.Time, actor string, changelog map[string]any) map[string]any {
	e := map[string]any{"timestamp": at.UnixMilli(), "webhookEvent": name, "issue_event_type_name": kind, "user": s.user(actor), "issue": s.view(i, "2", []string{"*all"})}
	if changelog != nil {
		e["changelog"] = changelog
	}
	return e
}

// commentEvent has six fields of the issue on Cloud, and no issue on Data Center.
func (s *Server) commentEvent(name string, i *Issue, c map[string]any, at time.Time) map[string]any {
	e := map[string]any{"timestamp": at.UnixMilli(), "webhookEvent": name, "comment": c}
	if !s.dataCenter() {
		e["issue"] = s.view(i, "2", []string{"assignee", "issuetype", "priority", "project", "status", "summary"})
	}
	return e
}

// Weather is how badly deliveries travel.
type Weather struct {
	// Seed makes a run repeatable.
	Seed uint64
	// Shuffle delivers in another order than events happened.
	Shuffle bool
	// Copies is the most often one delivery is sent even though it was taken; zero means once.
	Copies int
	// Parallel is how many are under way at once; zero means one.
	Parallel int
	// Tries is how often a delivery is sent while it is answered 408, 409, 425, 429, 5xx or not at all; zero means six, as Jira does.
	Tries int
	// Pause is the time between tries.
	Pause time.Duration
}

// Outcome is what became of one sending.
type Outcome struct {
	Delivery Delivery
	// Status is that of the last try, zero where there was no answer.
	Status int
	Tries  int
	Answer string
}

// Deliver sends all that is queued and says what became of it. Jira's rules for trying again hold: 4xx other than 408, 409, 425
// and 429 is final.
func (s *Server) Deliver(ctx context.Context, client *http.Client, weather Weather) []Outcome {
	rng := rand.New(rand.NewPCG(weather.Seed, 1))
	var all []Delivery
	for _, d := range s.Outbox() {
		for range 1 + rng.IntN(max(weather.Copies, 1)) {
			all = append(all, d)
		}
	}
	if weather.Shuffle {
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	}
	if weather.Tries == 0 {
		weather.Tries = 6
	}
	out := make([]Outcome, len(all))
	next := make(chan int)
	var workers sync.WaitGroup
	for range max(weather.Parallel, 1) {
		workers.Go(func() {
			for i := range next {
				out[i] = deliver(ctx, client, all[i], weather)
			}
		})
	}
	for i := range all {
		next <- i
	}
	close(next)
	workers.Wait()
	return out
}

func deliver(ctx context.Context, client *http.Client, d Delivery, weather Weather) Outcome {
	o := Outcome{Delivery: d}
	for o.Tries < weather.Tries && ctx.Err() == nil {
		if o.Tries > 0 && weather.Pause > 0 {
			time.Sleep(weather.Pause)
		}
		o.Status, o.Answer = d.send(ctx, client, o.Tries)
		o.Tries++
		if !retried(o.Status) {
			break
		}
	}
	return o
}

func retried(status int) bool {
	switch status {
	case 0, http.StatusRequestTimeout, http.StatusConflict, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	}
	return status >= 500
}

// send posts a delivery once, as the given retry.
func (d Delivery) send(ctx context.Context, client *http.Client, retry int) (int, string) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.Hook.URL, bytes.NewReader(d.Body))
	if err != nil {
		return 0, ""
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "Atlassian Webhook HTTP Client")
	if d.ID != "" {
		req.Header.Set(jira.IdentifierHeader, d.ID)
		req.Header.Set(jira.FlowHeader, d.Flow)
		if retry > 0 {
			req.Header.Set(jira.RetryHeader, strconv.Itoa(retry))
		}
	}
	if d.Hook.Secret != "" {
		req.Header.Set(jira.SignatureHeader, jira.Sign([]byte(d.Hook.Secret), d.Body))
	}
	for k, v := range d.Hook.Header {
		req.Header.Set(k, v)
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, ""
	}
	defer func() { _ = resp.Body.Close() }()
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
	return resp.StatusCode, string(answer)
}
