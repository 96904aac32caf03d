package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

const secret = "It's a Secret to Everybody"

var client = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 128}}

// sender delivers as Jira does: it tries again after 5xx and lost connections, at the other server.
type sender struct {
	servers  [2]*server
	source   string
	killedAt int

	mu     sync.Mutex
	taken  int
	errors []error
	times  []time.Duration
}

// deliver sends everything and kills the second server when half is sent. It is started again at once.
func (s *sender) deliver(ctx context.Context, all []delivery, parallel int) error {
	next := make(chan int)
	var senders sync.WaitGroup
	for range parallel {
		senders.Go(func() {
			for i := range next {
				s.one(ctx, all[i], i)
			}
		})
	}
	var restart chan error
	for i := range all {
		if i == len(all)/2 {
			s.killedAt, restart = i, make(chan error, 1)
			s.servers[1].kill()
			go func() { restart <- s.servers[1].start(ctx) }()
		}
		select {
		case next <- i:
		case <-ctx.Done():
			close(next)
			return ctx.Err()
		}
	}
	close(next)
	senders.Wait()
	if restart != nil {
		return <-restart
	}
	return nil
}

func (s *sender) one(ctx context.Context, d delivery, n int) {
	for try := range 20 {
		to := s.servers[(n+try)%2]
		life := to.lives.Load()
		begun := time.Now()
		status, answer, err := post(ctx, to.url()+"/api/v1/webhooks/jira/"+s.source, d)
		switch {
		case err == nil && status == http.StatusOK:
			s.note(time.Since(begun), answer)
			return
		case ctx.Err() != nil:
			return
		case to.lives.Load() == life && to.alive.Load(): // it was not the one that was killed
			s.refuse(fmt.Errorf("delivery %s: %d %v from a server that was alive: %s", d.id, status, err, answer))
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.refuse(fmt.Errorf("delivery %s was never taken", d.id))
}

func post(ctx context.Context, url string, d delivery) (int, []byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(d.body))
	if err != nil {
		return 0, nil, err
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(d.body)
	request.Header.Set("X-Hub-Signature", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	request.Header.Set("X-Atlassian-Webhook-Identifier", d.id)
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, 1<<16))
	return response.StatusCode, answer, err
}

func (s *sender) note(took time.Duration, answer []byte) {
	var said struct {
		Status string `json:"status"`
	}
	_ = json.Unmarshal(answer, &said) // another answer counts as a repeat
	s.mu.Lock()
	defer s.mu.Unlock()
	s.times = append(s.times, took)
	if said.Status == "accepted" {
		s.taken++
	}
}

func (s *sender) refuse(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.errors = append(s.errors, err)
}

func (s *sender) accepted() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taken
}

func (s *sender) refused() []error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.errors[:min(len(s.errors), 10)]
}

// percentile is the time that this part of all answers took at most.
func (s *sender) percentile(part float64) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.times) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s.times))
	return sorted[min(len(sorted)-1, int(part*float64(len(sorted))))]
}

// measure sends at a steady rate to a source that is paused, so that nothing is applied, and reports how long answers took.
func measure(ctx context.Context, s settings, one *server, name string) error {
	if err := one.start(ctx); err != nil {
		return err
	}
	defer one.kill()
	source, err := one.addSource(ctx, "paused")
	if err != nil {
		return err
	}
	total := s.rate * int(s.duration/time.Second)
	at := time.Now().UTC().Add(-time.Hour)
	sender := &sender{servers: [2]*server{one, one}, source: source}
	ticker := time.NewTicker(time.Second / time.Duration(s.rate))
	defer ticker.Stop()
	var under sync.WaitGroup
	for n := range total {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		d := delivery{fmt.Sprint("steady-", n), body(n+1, issue{key: fmt.Sprint("UPG-", n+1), summary: "Steady"}, "jira:issue_created", at, 0)}
		under.Go(func() { sender.one(ctx, d, 0) })
	}
	under.Wait()
	rows, err := one.count(ctx, "/api/v1/deliveries?status=received")
	if err != nil {
		return err
	}
	fmt.Printf("%s: %d deliveries at %d a second with nothing applied: p50 %s, p99 %s, slowest %s; %d rows, %d refused\n", name, total, s.rate,
		sender.percentile(0.5).Round(10*time.Microsecond), sender.percentile(0.99).Round(10*time.Microsecond), sender.percentile(1).Round(10*time.Microsecond), rows, len(sender.refused()))
	if rows != total || len(sender.refused()) > 0 {
		return fmt.Errorf("%d rows for %d requests, %v", rows, total, sender.refused())
	}
	return nil
}
