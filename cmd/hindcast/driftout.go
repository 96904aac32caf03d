package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
)

func driftWritten(output, failOn string, all []comparison) ([]byte, error) {
	switch output {
	case "json":
		return driftJSON(all)
	case "markdown":
		return driftMarkdown(all), nil
	case "junit":
		return driftJUnit(failOn, all)
	}
	return driftText(all), nil
}

// summary counts what a comparison found.
func (c comparison) summary() string {
	text := "nothing differs"
	if n := len(c.drift.Items); n > 0 {
		text = fmt.Sprintf("%s, %d blocking", counted(n, "difference"), c.blocking())
	}
	if n := c.drift.Hidden.Count; n > 0 {
		text += fmt.Sprintf(", %d hidden by ignore rules", n)
	}
	return text
}

func counted(n int, word string) string {
	if n != 1 {
		word += "s"
	}
	return fmt.Sprintf("%d %s", n, word)
}

func driftText(all []comparison) []byte {
	var out bytes.Buffer
	for i, c := range all {
		if i > 0 {
			out.WriteByte('\n')
		}
		fmt.Fprintf(&out, "%s: %s\n", c, c.summary())
		for _, item := range c.drift.Items {
			mark := ""
			if item.Blocking {
				mark = " (blocking)"
			}
			fmt.Fprintf(&out, "\n%s %s%s\n  %s\n", oneLine(item.Change), oneLine(item.Path), mark, oneLine(item.Why))
		}
	}
	return out.Bytes()
}

// driftJSON is the answer of the server with the pair it is about: one object for each comparison, in a list.
func driftJSON(all []comparison) ([]byte, error) {
	type pair struct {
		Base   string          `json:"base"`
		Target string          `json:"target"`
		Kind   string          `json:"kind"`
		Drift  json.RawMessage `json:"drift"`
	}
	pairs := make([]pair, len(all))
	for i, c := range all {
		pairs[i] = pair{c.base, c.target, string(c.kind), c.drift.Raw}
	}
	text, err := json.Marshal(pairs)
	return append(text, '\n'), err
}

func driftMarkdown(all []comparison) []byte {
	cell := func(text string) string { return markdownCell.Replace(oneLine(text)) }
	var out bytes.Buffer
	for i, c := range all {
		if i > 0 {
			out.WriteByte('\n')
		}
		fmt.Fprintf(&out, "### Drift of %s: %s\n", cell(c.String()), c.summary())
		if len(c.drift.Items) == 0 {
			continue
		}
		out.WriteString("\n| Rank | Change | Path | Why | Blocking |\n|---|---|---|---|---|\n")
		for _, item := range c.drift.Items {
			mark := ""
			if item.Blocking {
				mark = "yes"
			}
			fmt.Fprintf(&out, "| %d | %s | %s | %s | %s |\n", item.Rank, cell(item.Change), cell(item.Path), cell(item.Why), mark)
		}
	}
	return out.Bytes()
}

// driftJUnit has a suite for each comparison. A difference that --fail-on does not name is shown as skipped, so that the
// result of the pipeline and its test report agree.
func driftJUnit(failOn string, all []comparison) ([]byte, error) {
	report := struct {
		XMLName xml.Name     `xml:"testsuites"`
		Suites  []junitSuite `xml:"testsuite"`
	}{}
	for _, c := range all {
		suite := junitSuite{Name: "hindcast drift of " + c.String(), Tests: 1}
		suite.Cases = append(suite.Cases, junitCase{Class: "drift", Name: c.String() + ": " + c.summary()})
		for _, item := range c.drift.Items {
			one := junitCase{Class: "drift." + oneLine(item.Change), Name: oneLine(item.Path)}
			if failOn == "any" || failOn == "blocking" && item.Blocking {
				one.Failure = &junitMessage{Message: oneLine(item.Why)}
				suite.Failures++
			} else {
				one.Skipped = &junitMessage{Message: oneLine(item.Why)}
				suite.Skipped++
			}
			suite.Cases = append(suite.Cases, one)
			suite.Tests++
		}
		report.Suites = append(report.Suites, suite)
	}
	text, err := xml.MarshalIndent(report, "", "  ")
	return append([]byte(xml.Header), append(text, '\n')...), err
}
