package jira

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// limiter remembers what Jira said about its limits, so that a call that would be refused is not sent.
type limiter struct {
	mu     sync.Mutex
	now    func() time.Time
	until  map[string]time.Time // by route, or by issue
	quota  time.Time
	refuse bool
}

func newLimiter(now func() time.Time) *limiter {
	return &limiter{now: now, until: map[string]time.Time{}}
}

// Waits where Jira names no time.
const (
	defaultPause = 5 * time.Second
	defaultQuota = 10 * time.Minute
	longestPause = 24 * time.Hour
)

// wait says how long a call must wait, and for what.
func (l *limiter) wait(q call, background bool) (time.Duration, ErrorCode) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if l.refuse {
		return 0, CodeAuthFailed
	}
	if background && now.Before(l.quota) {
		return l.quota.Sub(now), CodeQuota
	}
	var longest time.Duration
	for _, key := range []string{q.route, issueLimit(q)} {
		if until, ok := l.until[key]; ok {
			if !now.Before(until) {
				delete(l.until, key)
				continue
			}
			longest = max(longest, until.Sub(now))
		}
	}
	if longest > 0 {
		return longest, CodeRateLimited
	}
	return 0, ""
}

func issueLimit(q call) string {
	if q.issue == "" {
		return ""
	}
	return "issue " + q.issue
}

func (l *limiter) authFailed() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refuse = true
}

func (l *limiter) pause(key string, d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if until := l.now().Add(d); key != "" && until.After(l.until[key]) {
		l.until[key] = until
	}
}

// limited reads a 429 by its RateLimit-Reason: a quota stops background work until it is reset, the limit of writes on one issue
// stops that issue, and all else that endpoint. A gateway's 429 may carry no header at all.
func (l *limiter) limited(q call, h http.Header, after *time.Duration) ErrorCode {
	reason := h.Get("RateLimit-Reason")
	now := l.now()
	if strings.HasPrefix(reason, "jira-quota-") {
		d := max(*after, resetAfter(h, now))
		if d == 0 {
			d = defaultQuota
		}
		*after = d
		l.mu.Lock()
		defer l.mu.Unlock()
		if until := now.Add(d); until.After(l.quota) {
			l.quota = until
		}
		return CodeQuota
	}
	if *after == 0 {
		*after = resetAfter(h, now)
	}
	if *after == 0 {
		*after = defaultPause
	}
	key := q.route
	if reason == "jira-per-issue-on-write" && q.issue != "" {
		key = issueLimit(q)
	}
	l.pause(key, *after)
	return CodeRateLimited
}

// retryAfter reads Retry-After in seconds or as a date; zero where there is none.
func retryAfter(h http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseFloat(value, 64); err == nil && seconds > 0 {
		return min(time.Duration(min(seconds, longestPause.Seconds())*float64(time.Second)), longestPause)
	}
	if at, err := http.ParseTime(value); err == nil && at.After(now) {
		return min(at.Sub(now), longestPause)
	}
	return 0
}

// resetAfter reads X-RateLimit-Reset, an ISO 8601 time that may lack its seconds.
func resetAfter(h http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(h.Get("X-RateLimit-Reset"))
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00"} {
		if at, err := time.Parse(layout, value); err == nil && at.After(now) {
			return min(at.Sub(now), longestPause)
		}
	}
	return 0
}
