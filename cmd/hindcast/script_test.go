package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/hindcast-kb/hindcast/internal/jira/fakejira"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"hindcast": main})
}

// TestScripts runs the command line as people do: one script per behaviour. $ADDR is an address that nobody listens on, $URL the
// same as a URL, $JIRA a site with two issues, $FAKE a gate whose answer depends on the number of the attempt.
func TestScripts(t *testing.T) {
	fake := httptest.NewServer(http.HandlerFunc(fakeGate))
	t.Cleanup(fake.Close)
	site := fakejira.Start(fakejira.Options{})
	t.Cleanup(site.Close)
	for range 2 {
		site.AddIssue("UPG", map[string]any{"summary": "Sessions expire early", "issuetype": map[string]any{"name": "Bug"}})
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			address, err := freeAddress()
			if err != nil {
				return err
			}
			env.Setenv("ADDR", address)
			env.Setenv("URL", "http://"+address)
			env.Setenv("FAKE", fake.URL)
			env.Setenv("JIRA", site.URL)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"code": exitCode, "await": await, "post": post, "fill": fill},
	})
}

func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// exitCode runs a command and demands an exit code: code 2 hindcast gate …
func exitCode(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exited *exec.ExitError
	if errors.As(err, &exited) {
		got = exited.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("%v exits %d, want %d", args[1:], got, want)
	}
}

// await waits until a server says that it may be used.
func await(ts *testscript.TestScript, _ bool, args []string) {
	for range 300 {
		answer, err := http.Get(args[0] + "/readyz")
		if err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	ts.Fatalf("%s is not ready after half a minute", args[0])
}

// post sends a file as JSON with a token: post TOKENFILE URL FILE.
func post(ts *testscript.TestScript, _ bool, args []string) {
	body := ts.ReadFile(args[2])
	request, err := http.NewRequest(http.MethodPost, args[1], strings.NewReader(body))
	ts.Check(err)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(ts.ReadFile(args[0])))
	answer, err := http.DefaultClient.Do(request)
	ts.Check(err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	ts.Check(err)
	if answer.StatusCode != http.StatusCreated {
		ts.Fatalf("POST %s = %d: %s", args[1], answer.StatusCode, text)
	}
}

// fill writes a file to filled.json with an address in the place of the word JIRA: fill FILE ADDRESS.
func fill(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.WriteFile(ts.MkAbs("filled.json"), []byte(strings.ReplaceAll(ts.ReadFile(args[0]), "JIRA", args[1])), 0o600))
}

// fakeGate answers in every way that a gate, or something that is none, might.
func fakeGate(w http.ResponseWriter, r *http.Request) {
	answer := func(status int, media, body string) {
		w.Header().Set("Content-Type", media)
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
	const reason = `{"code":"assumption_unverified","ref":"ASM-1","importance":"blocking","why":"\"same\u001b[31m <sessions>\" has no | evidence","next":"record evidence"`
	switch r.URL.Path {
	case "/api/v1/attempts/ATT-1/gate":
		answer(200, "application/json", `{"decision":"pass","reasons":[],"brief_hash":"0a1b","evaluated_at":"2026-03-09T08:00:00Z","counts":{"unmet":0}}`)
	case "/api/v1/attempts/ATT-2/gate":
		answer(200, "application/json", `{"decision":"fail","reasons":[`+reason+`}],"brief_hash":"0a1b","evaluated_at":"2026-03-09T08:00:00Z","counts":{"unmet":1}}`)
	case "/api/v1/attempts/ATT-3/gate":
		answer(200, "application/json; charset=utf-8", `{"decision":"pass_with_waiver","reasons":[`+reason+`,"waived_by":"DEC-4"}],"brief_hash":"0a1b","evaluated_at":"2026-03-09T08:00:00Z","counts":{"waived":1}}`)
	case "/api/v1/attempts/ATT-4/gate":
		answer(200, "application/json", `{"decision":"maybe","reasons":[]}`)
	case "/api/v1/attempts/ATT-5/gate":
		answer(200, "application/json", `{"decision":"pass"`)
	case "/api/v1/attempts/ATT-6/gate":
		answer(500, "application/problem+json", `{"status":500,"title":"Something broke","request_id":"r1"}`)
	case "/api/v1/attempts/ATT-7/gate":
		answer(200, "text/html", `{"decision":"pass"}`)
	case "/api/v1/attempts/ATT-8/gate":
		http.Redirect(w, r, "/api/v1/attempts/ATT-1/gate", http.StatusTemporaryRedirect)
	case "/api/v1/attempts/ATT-9/gate":
		panic(http.ErrAbortHandler)
	case "/api/v1/attempts/ATT-10/gate":
		answer(200, "application/json", `{}`)
	case "/api/v1/attempts/ATT-11/gate":
		answer(200, "application/json", `{"decision":"pass"} {"decision":"fail"}`)
	case "/api/v1/attempts/ATT-12/gate":
		answer(200, "application/json", `null`)
	case "/api/v1/attempts/ATT-13/gate":
		answer(200, "application/json", `{"decision":"PASS"}`)
	default:
		answer(404, "application/problem+json", `{"status":404,"title":"There is no such thing","detail":"no such attempt"}`)
	}
}
