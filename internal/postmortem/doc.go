// Package postmortem reads a review written in Markdown into a Draft: what a review, its incident or attempt,
// its timeline events, contributing factors and actions would hold.
//
// It is pure: it knows no database and no clock, and decides nothing about records. Whoever imports a Draft
// chooses the service, the severity and whether it becomes an incident or an attempt.
//
// Two promises hold for every input. Nothing is lost: a line whose words went into no field stays in Draft.Body,
// under the headings it stood under. Nothing is guessed silently: where a time lacked its year, its date or its
// zone, or could not be read, Draft.Notes says so with the line.
package postmortem
