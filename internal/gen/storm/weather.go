package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"
)

// issue is what an issue is in the end.
type issue struct {
	key     string
	summary string
	deleted bool
}

// delivery is one event on its way.
type delivery struct {
	id   string
	body []byte
}

// weather makes the events of all issues, each delivered one to four times, in any order: a creation, up to four updates, and for one
// issue in ten a deletion.
func weather(s settings) (map[string]issue, []delivery) {
	rng := rand.New(rand.NewPCG(s.seed, 1))
	issues := make(map[string]issue, s.issues)
	var all []delivery
	start := time.Now().UTC().Add(-time.Hour).Truncate(time.Second)
	for n := range s.issues {
		it := issue{key: fmt.Sprintf("UPG-%d", n+1)}
		add := func(event string, step int) {
			d := delivery{id: fmt.Sprintf("%s-%d", it.key, step), body: body(n+1, it, event, start.Add(time.Duration(step)*time.Second), step)}
			for range 1 + rng.IntN(4) {
				all = append(all, d)
			}
		}
		updates := rng.IntN(5)
		it.summary = fmt.Sprintf("Issue %d as created", n+1)
		add("jira:issue_created", 0)
		for step := range updates {
			it.summary = fmt.Sprintf("Issue %d after change %d", n+1, step+1)
			add("jira:issue_updated", step+1)
		}
		if rng.IntN(10) == 0 {
			add("jira:issue_deleted", updates+1)
			it.deleted = true
		}
		issues[it.key] = it
	}
	rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return issues, all
}

func body(n int, it issue, event string, at time.Time, step int) []byte {
	raw, _ := json.Marshal(map[string]any{ // texts and numbers
		"timestamp": at.UnixMilli(), "webhookEvent": event, "user": map[string]any{"accountId": "5b10somebody"},
		"changelog": map[string]any{"id": fmt.Sprint(n*10 + step), "items": []any{}},
		"issue": map[string]any{"id": fmt.Sprint(10_000 + n), "key": it.key, "self": fmt.Sprintf("https://x.atlassian.net/rest/api/2/issue/%d", 10_000+n), "fields": map[string]any{
			"summary": it.summary, "description": "See *this*", "issuetype": map[string]any{"name": "Bug"}, "project": map[string]any{"id": "1", "key": "UPG"},
			"priority": map[string]any{"name": "High"}, "labels": []string{}, "status": map[string]any{"name": "To Do", "statusCategory": map[string]any{"key": "new"}},
			"created": at.Format("2006-01-02T15:04:05.000-0700"), "updated": at.Format("2006-01-02T15:04:05.000-0700"),
		}},
	})
	return raw
}
