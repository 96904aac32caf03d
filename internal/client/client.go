// Package client calls a Hindcast server over HTTP, for the command line and for tests. It knows the shapes of the API and
// turns every answer that is not a success into an error; what to do about one is for its callers.
package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// answerTime is how long a question may take; whole stores have moveTime.
	answerTime = 30 * time.Second
	moveTime   = 15 * time.Minute
	// maxAnswer is how large an answer may be that is read into memory.
	maxAnswer = 16 << 20
)

// Client calls one server.
type Client struct {
	base  *url.URL
	token string
	http  *http.Client
}

// New calls the server at an address such as https://hindcast.example.org, with a token or, where it is empty, without. It
// does not follow redirects, which could carry the token to another server.
func New(server, token string) (*Client, error) {
	base, err := url.Parse(server)
	if err != nil || base.Host == "" || (base.Scheme != "http" && base.Scheme != "https") || base.RawQuery != "" || base.User != nil {
		return nil, fmt.Errorf("%q is not the address of a server, such as http://127.0.0.1:8080", server)
	}
	base.Path = strings.TrimSuffix(base.Path, "/")
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSHandshakeTimeout: 10 * time.Second, ForceAttemptHTTP2: true, MaxIdleConns: 4, IdleConnTimeout: time.Minute,
	}
	return &Client{base: base, token: token, http: &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Problem is a refusal of the server, as RFC 9457 has it.
type Problem struct {
	Title     string  `json:"title"`
	Status    int     `json:"status"`
	Detail    string  `json:"detail"`
	RequestID string  `json:"request_id"`
	Errors    []Field `json:"errors"`
}

// Field says what is wrong with one field of a request.
type Field struct {
	Field   string `json:"field"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Error is everything the server said, on one line.
func (p *Problem) Error() string {
	text := fmt.Sprintf("the server answered %d", p.Status)
	for _, part := range []string{p.Title, p.Detail} {
		if part != "" {
			text += ": " + part
		}
	}
	for i, f := range p.Errors {
		joint := "; "
		if i == 0 {
			joint = " ("
		}
		text += joint + f.Field + " " + f.Message
	}
	if len(p.Errors) > 0 {
		text += ")"
	}
	if p.RequestID != "" {
		text += " [request " + p.RequestID + "]"
	}
	return text
}

// request is one call.
type request struct {
	method, path string
	query        url.Values
	// media is the type of the body, which may be nil.
	media string
	body  io.Reader
}

// send gives the answer to a call that succeeded; the caller closes its body. Any other answer is a *Problem.
func (c *Client) send(ctx context.Context, r request) (*http.Response, error) {
	to := *c.base
	to.Path += "/api/v1" + r.path
	to.RawQuery = r.query.Encode()
	call, err := http.NewRequestWithContext(ctx, r.method, to.String(), r.body)
	if err != nil {
		return nil, err
	}
	if c.token != "" {
		call.Header.Set("Authorization", "Bearer "+c.token)
	}
	if r.body != nil {
		call.Header.Set("Content-Type", r.media)
	}
	answer, err := c.http.Do(call)
	if err != nil {
		return nil, fmt.Errorf("asking the server: %w", err)
	}
	if answer.StatusCode >= 200 && answer.StatusCode < 300 {
		return answer, nil
	}
	defer answer.Body.Close()
	return nil, problemOf(answer)
}

func problemOf(answer *http.Response) error {
	problem := &Problem{}
	raw, _ := io.ReadAll(io.LimitReader(answer.Body, maxAnswer)) // what can be read of a refusal is enough
	if is(answer, "application/problem+json") {
		_ = json.Unmarshal(raw, problem) // an unreadable one still has its status
	}
	problem.Status = answer.StatusCode
	if problem.Title == "" {
		problem.Title = http.StatusText(answer.StatusCode)
	}
	return problem
}

func is(answer *http.Response, media string) bool {
	got, _, err := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	return err == nil && got == media
}

// ask sends a call and decodes its answer, which must be one JSON text; raw is that text.
func (c *Client) ask(ctx context.Context, within time.Duration, r request, into any) (raw []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	answer, err := c.send(ctx, r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	return decode(answer, into)
}

// put is ask for callers that need the status of the answer too.
func (c *Client) put(ctx context.Context, within time.Duration, r request, into any) (status int, err error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	answer, err := c.send(ctx, r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	_, err = decode(answer, into)
	return answer.StatusCode, err
}

func decode(answer *http.Response, into any) (raw []byte, err error) {
	if !is(answer, "application/json") {
		return nil, fmt.Errorf("the server answered with %q, not with JSON", answer.Header.Get("Content-Type"))
	}
	raw, err = io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading the answer: %w", err)
	case len(raw) > maxAnswer:
		return nil, errors.New("the answer is too large")
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return nil, fmt.Errorf("the answer cannot be read: %w", err)
	}
	return raw, nil
}
