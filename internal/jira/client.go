package jira

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Product is the edition of Jira a site runs.
type Product string

// The editions of Jira.
const (
	ProductCloud      Product = "jira_cloud"
	ProductDataCenter Product = "jira_data_center"
)

// ClientConfig says how to reach a site. Only Site and Token are required.
type ClientConfig struct {
	// Site is the base address of the site for people.
	Site    string
	Product Product
	// Base is where the REST API is, if not at Site. Scoped tokens and service accounts on Cloud work only through the gateway,
	// see GatewayBase.
	Base string
	// Email makes Token a Cloud API token (basic authentication); without it Token is sent as a bearer token, which is what Data
	// Center calls a personal access token.
	Email string
	Token Hidden
	// Transport carries the requests; nil means http.DefaultTransport.
	Transport http.RoundTripper
	// UserAgent is sent with every request.
	UserAgent string
	// Now, Sleep and Jitter are the clock: Sleep waits or ends with the context's error, Jitter gives a number in [0,1).
	Now    func() time.Time
	Sleep  func(context.Context, time.Duration) error
	Jitter func() float64
	// MaxResponse is the largest answer read, in bytes; zero means 16 MiB.
	MaxResponse int64
	// Timeout bounds one try; zero means 30 seconds.
	Timeout time.Duration
	// MaxWait is the longest a call waits for a limit to pass before it gives up and leaves it to the caller; zero means a minute.
	MaxWait time.Duration
}

// GatewayBase is where scoped tokens of a Cloud site work; at the site's own address they answer 401.
func GatewayBase(cloudID string) string {
	return "https://api.atlassian.com/ex/jira/" + url.PathEscape(cloudID)
}

// Client calls one Jira site: with its authentication, within its limits, and never more often than told. It is safe for use by
// many goroutines, which then share what is known of the limits.
type Client struct {
	cfg        ClientConfig
	http       *http.Client
	limits     *limiter
	background bool
}

// NewClient checks a configuration and makes a Client. It does not call the site.
func NewClient(cfg ClientConfig) (*Client, error) {
	site, err := NormalizeSite(cfg.Site)
	if err != nil {
		return nil, fmt.Errorf("the site of the Jira connection: %w", err)
	}
	cfg.Site = site
	if cfg.Base == "" {
		cfg.Base = site
	}
	if cfg.Base, err = NormalizeSite(cfg.Base); err != nil {
		return nil, fmt.Errorf("the base address of the Jira connection: %w", err)
	}
	if cfg.Token == "" {
		return nil, errors.New("the Jira connection has no token")
	}
	if cfg.Product == "" {
		cfg.Product = ProductCloud
	}
	cfg.defaults()
	return &Client{cfg: cfg, limits: newLimiter(cfg.Now), http: &http.Client{
		Transport: cfg.Transport,
		// A redirect goes to a login page or to another host; the token must not follow.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

func (cfg *ClientConfig) defaults() {
	if cfg.Transport == nil {
		cfg.Transport = http.DefaultTransport
	}
	if cfg.UserAgent == "" {
		cfg.UserAgent = "hindcast"
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Sleep == nil {
		cfg.Sleep = sleep
	}
	if cfg.Jitter == nil {
		cfg.Jitter = rand.Float64
	}
	if cfg.MaxResponse == 0 {
		cfg.MaxResponse = 16 << 20
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = 30 * time.Second
	}
	if cfg.MaxWait == 0 {
		cfg.MaxWait = time.Minute
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Background is the same client for work that nobody waits for: it stops for as long as the site's quota is used up, where a
// person's request would still try.
func (c *Client) Background() *Client {
	b := *c
	b.background = true
	return &b
}

// Site is the base address of the site for people.
func (c *Client) Site() string { return c.cfg.Site }

// call is one request to the API.
type call struct {
	// route names the endpoint for its limit.
	route  string
	method string
	path   string
	query  url.Values
	body   any
	// issue is the issue that is written, for the limit of writes on one issue.
	issue string
	// once marks a request that must not be sent again when its outcome is not known.
	once bool
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// roundTrip sends a call once.
func (c *Client) roundTrip(ctx context.Context, q call) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	var body io.Reader
	if q.body != nil {
		raw, err := json.Marshal(q.body)
		if err != nil {
			return answer{}, fmt.Errorf("encoding the request: %w", err)
		}
		body = bytes.NewReader(raw)
	}
	target := c.cfg.Base + q.path
	if len(q.query) > 0 {
		target += "?" + q.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, q.method, target, body)
	if err != nil {
		return answer{}, fmt.Errorf("making the request: %w", err)
	}
	c.sign(req, body != nil)
	resp, err := c.http.Do(req)
	if err != nil {
		return answer{}, plainError(err)
	}
	defer func() { _ = resp.Body.Close() }()
	read, err := ReadBody(resp.Body, c.cfg.MaxResponse)
	if err != nil {
		return answer{status: resp.StatusCode, header: resp.Header}, plainError(err)
	}
	return answer{status: resp.StatusCode, header: resp.Header, body: read}, nil
}

func (c *Client) sign(req *http.Request, hasBody bool) {
	if c.cfg.Email != "" {
		pair := c.cfg.Email + ":" + string(c.cfg.Token)
		req.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(pair)))
	} else {
		req.Header.Set("Authorization", "Bearer "+string(c.cfg.Token))
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.cfg.UserAgent)
	// Without it Jira takes some posts for forged ones.
	req.Header.Set("X-Atlassian-Token", "no-check")
	if hasBody {
		req.Header.Set("Content-Type", "application/json")
	}
}

// plainError takes the address out of a transport error, since an address may hold a query that is not for the log.
func plainError(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// api is the path of a resource under the version of the API that is read: 3 on Cloud, where texts are ADF, and 2 on Data Center.
func (c *Client) api(parts ...string) string {
	version := "3"
	if c.cfg.Product == ProductDataCenter {
		version = "2"
	}
	return apiPath(version, parts...)
}

func apiPath(version string, parts ...string) string {
	var path strings.Builder
	path.WriteString("/rest/api/" + version)
	for _, p := range parts {
		path.WriteString("/" + url.PathEscape(p))
	}
	return path.String()
}
