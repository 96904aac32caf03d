// Package catalog keeps what the knowledge is about and where it leads: services, environments, runbooks, and the
// references that link records to Jira, wikis, pull requests and dashboards.
package catalog
