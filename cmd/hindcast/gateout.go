package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"

	"github.com/hindcast-kb/hindcast/internal/client"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

func gateText(id vocab.ID, v client.Verdict) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s: %s%s\n", id, v.Decision, evaluated(v))
	for _, r := range v.Reasons {
		fmt.Fprintf(&out, "\n%s %s (%s): %s\n", oneLine(r.Ref), oneLine(r.Code), oneLine(r.Importance), oneLine(r.Why))
		if r.WaivedBy != "" {
			fmt.Fprintf(&out, "  waived by %s\n", oneLine(r.WaivedBy))
		} else if r.Next != "" {
			fmt.Fprintf(&out, "  next: %s\n", oneLine(r.Next))
		}
	}
	return out.Bytes()
}

// markdownCell keeps text of the server from becoming markup.
var markdownCell = strings.NewReplacer(`\`, `\\`, "|", `\|`, "<", "&lt;", ">", "&gt;", "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "#", `\#`, "!", `\!`, "@", "&#64;")

func gateMarkdown(id vocab.ID, v client.Verdict) []byte {
	cell := func(text string) string { return markdownCell.Replace(oneLine(text)) }
	var out bytes.Buffer
	fmt.Fprintf(&out, "### Gate of %s: %s\n", id, cell(string(v.Decision)))
	if len(v.Reasons) > 0 {
		out.WriteString("\n| Record | Code | Importance | Why | Next | Waived by |\n|---|---|---|---|---|---|\n")
		for _, r := range v.Reasons {
			fmt.Fprintf(&out, "| %s | %s | %s | %s | %s | %s |\n", cell(r.Ref), cell(r.Code), cell(r.Importance), cell(r.Why), cell(r.Next), cell(r.WaivedBy))
		}
	}
	if text := strings.TrimPrefix(evaluated(v), ", "); text != "" {
		fmt.Fprintf(&out, "\n%s\n", cell(strings.ToUpper(text[:1])+text[1:]))
	}
	return out.Bytes()
}

// The JUnit form that pipelines show as test results: the gate itself is one case, each reason another.
type (
	junitSuite struct {
		XMLName  xml.Name    `xml:"testsuite"`
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Class   string        `xml:"classname,attr"`
		Name    string        `xml:"name,attr"`
		Failure *junitMessage `xml:"failure"`
		Skipped *junitMessage `xml:"skipped"`
	}
	junitMessage struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

func gateJUnit(id vocab.ID, v client.Verdict) ([]byte, error) {
	suite := junitSuite{Name: "hindcast gate " + id.String()}
	add := func(c junitCase) {
		suite.Cases = append(suite.Cases, c)
		suite.Tests++
		if c.Failure != nil {
			suite.Failures++
		}
		if c.Skipped != nil {
			suite.Skipped++
		}
	}
	gate := junitCase{Class: "gate", Name: id.String() + ": " + string(v.Decision)}
	if v.Decision == vocab.GateDecisionFail {
		gate.Failure = &junitMessage{Message: "the gate fails" + evaluated(v)}
	}
	add(gate)
	for _, r := range v.Reasons {
		c := junitCase{Class: "gate." + oneLine(r.Code), Name: oneLine(r.Ref)}
		if r.WaivedBy != "" {
			c.Skipped = &junitMessage{Message: "waived by " + oneLine(r.WaivedBy)}
		} else {
			c.Failure = &junitMessage{Message: oneLine(r.Why), Text: oneLine(r.Next)}
		}
		add(c)
	}
	text, err := xml.MarshalIndent(suite, "", "  ")
	return append([]byte(xml.Header), append(text, '\n')...), err
}
