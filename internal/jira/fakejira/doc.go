// Package fakejira is a stand-in for a Jira site in tests: a real HTTP server with state, that pages, limits, fails and lies on
// command, and sends signed webhooks late, twice and out of order. It knows as much of Jira as our client and our inbox touch, and
// no JQL beyond what they send. It is for tests only.
package fakejira
