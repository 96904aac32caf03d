// Package config holds every setting of the server once: its name, default, meaning and check. The same struct is read from
// flags, from HINDCAST_… variables and from a file; how is the business of the command line.
package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"time"
)

// Database says where the records are kept.
type Database struct {
	DataDir           string        `help:"Folder of the SQLite database." default:"./data" env:"HINDCAST_DATA_DIR" placeholder:"DIR"`
	DatabaseURL       Secret        `help:"PostgreSQL address (postgres://…); SQLite is used without one." env:"HINDCAST_DATABASE_URL" placeholder:"URL"`
	DatabaseURLFile   string        `help:"File with the PostgreSQL address." env:"HINDCAST_DATABASE_URL_FILE" placeholder:"FILE"`
	SQLiteSynchronous string        `name:"sqlite-synchronous" help:"full: an acknowledged write survives a power cut. normal: only a crash of the process, and writes are faster." default:"full" enum:"full,normal" env:"HINDCAST_SQLITE_SYNCHRONOUS"`
	MaxConns          int           `help:"Connections to the database; four per core when 0." default:"0" env:"HINDCAST_MAX_CONNS"`
	StatementTimeout  time.Duration `help:"How long one statement may take on PostgreSQL." default:"10s" env:"HINDCAST_STATEMENT_TIMEOUT"`
}

// Server says how the API is served.
type Server struct {
	Database
	OIDC
	Listen             string        `help:"Address to listen on." default:"127.0.0.1:8080" env:"HINDCAST_LISTEN" placeholder:"HOST:PORT"`
	PublicURL          string        `help:"Address that people use; made from the address listened on when it is not given." env:"HINDCAST_PUBLIC_URL" placeholder:"URL"`
	Auth               string        `help:"off lets callers on loopback in without a token, and is accepted on loopback only." default:"on" enum:"on,off" env:"HINDCAST_AUTH"`
	BootstrapTokenFile string        `help:"File to write the first admin token of an empty store to, with mode 0600." env:"HINDCAST_BOOTSTRAP_TOKEN_FILE" placeholder:"FILE"`
	TLSCert            string        `name:"tls-cert" help:"Certificate chain in PEM; with tls-key, the server speaks TLS." env:"HINDCAST_TLS_CERT" placeholder:"FILE"`
	TLSKey             string        `name:"tls-key" help:"Private key in PEM." env:"HINDCAST_TLS_KEY" placeholder:"FILE"`
	BehindProxy        bool          `help:"A proxy in front speaks TLS; needed to listen beyond loopback without a certificate." env:"HINDCAST_BEHIND_PROXY"`
	TrustedProxies     []string      `help:"Networks whose X-Forwarded-For is believed, such as 10.0.0.0/8." env:"HINDCAST_TRUSTED_PROXIES" placeholder:"CIDR,…"`
	EncryptionKeyFile  string        `help:"File with the key that seals the secrets of sources: 32 bytes in base64 or hexadecimal, the newest first. On SQLite one is made beside the database when it is not given." env:"HINDCAST_ENCRYPTION_KEY_FILE" placeholder:"FILE"`
	OutboundAllow      []string      `help:"Networks outside the public internet that the server may call, such as 10.0.0.0/8 for a Jira of your own." env:"HINDCAST_OUTBOUND_ALLOW" placeholder:"CIDR,…"`
	ReviewTemplateFile string        `help:"File with the template of reviews that template=company writes: Markdown with {{named}} fields." env:"HINDCAST_REVIEW_TEMPLATE_FILE" placeholder:"FILE"`
	ReviewTemplate     string        `kong:"-"` // the text of that file, which Check reads
	EmbedOrigins       []string      `help:"Origins whose pages may frame shared views, such as https://wiki.example.com; those that each embed names when none are given." env:"HINDCAST_EMBED_ORIGINS" placeholder:"ORIGIN,…"`
	RatePerSecond      int           `help:"Requests a second for each caller, with bursts of twice as many; 0 for no limit." default:"2000" env:"HINDCAST_RATE_PER_SECOND"`
	Timezone           string        `help:"Time zone of business hours, such as Europe/Copenhagen." default:"UTC" env:"HINDCAST_TIMEZONE" placeholder:"ZONE"`
	LogLevel           string        `help:"Least level that is logged." default:"info" enum:"debug,info,warn,error" env:"HINDCAST_LOG_LEVEL"`
	DrainDelay         time.Duration `help:"How long the server says that it is not ready before it stops to accept." default:"1s" env:"HINDCAST_DRAIN_DELAY"`
	DrainTimeout       time.Duration `help:"How long requests may take to finish once the server stops." default:"20s" env:"HINDCAST_DRAIN_TIMEOUT"`
}

// Secret is a setting that no output shows.
type Secret string

// String hides the secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "***"
}

// GoString hides the secret.
func (s Secret) GoString() string { return s.String() }

// MarshalText hides the secret.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Check reads the secrets that are given as files and refuses settings that cannot be together.
func (d *Database) Check() error {
	if d.DatabaseURLFile == "" {
		return nil
	}
	if d.DatabaseURL != "" {
		return errors.New("give --database-url or --database-url-file, not both")
	}
	text, err := os.ReadFile(d.DatabaseURLFile)
	if err != nil {
		return fmt.Errorf("reading --database-url-file: %w", err)
	}
	d.DatabaseURL = Secret(strings.TrimSpace(string(text)))
	return nil
}

// readTemplate reads the file with the template of reviews.
func (s *Server) readTemplate() error {
	if s.ReviewTemplateFile == "" {
		return nil
	}
	text, err := os.ReadFile(s.ReviewTemplateFile)
	if err != nil {
		return fmt.Errorf("reading --review-template-file: %w", err)
	}
	s.ReviewTemplate = string(text)
	return nil
}

// Check refuses settings that cannot be together, or that would expose the server by mistake, all at once.
func (s *Server) Check() error {
	errs := []error{s.Database.Check(), s.OIDC.Check(), s.checkExposure(), s.checkPublicURL(), s.readTemplate()}
	if _, err := time.LoadLocation(s.Timezone); err != nil {
		errs = append(errs, fmt.Errorf("--timezone: %w", err))
	}
	for _, text := range s.TrustedProxies {
		if _, err := netip.ParsePrefix(text); err != nil {
			errs = append(errs, fmt.Errorf("--trusted-proxies: %q is not a network such as 10.0.0.0/8", text))
		}
	}
	for _, text := range s.OutboundAllow {
		if _, err := netip.ParsePrefix(text); err != nil {
			errs = append(errs, fmt.Errorf("--outbound-allow: %q is not a network such as 10.0.0.0/8", text))
		}
	}
	return errors.Join(errs...)
}

func (s *Server) checkExposure() error {
	if (s.TLSCert == "") != (s.TLSKey == "") {
		return errors.New("--tls-cert and --tls-key belong together")
	}
	if _, _, err := net.SplitHostPort(s.Listen); err != nil {
		return fmt.Errorf("--listen: %q is not HOST:PORT", s.Listen)
	}
	switch {
	case s.Loopback():
		return nil
	case s.Auth == "off":
		return errors.New("--auth=off is accepted on loopback only: listen on 127.0.0.1, or leave authentication on")
	case s.TLSCert == "" && !s.BehindProxy:
		return errors.New("listening beyond loopback needs --tls-cert and --tls-key, or --behind-proxy when a proxy in front speaks TLS")
	}
	return nil
}

// checkPublicURL fills in the address from the one listened on.
func (s *Server) checkPublicURL() error {
	if s.PublicURL == "" {
		scheme := "http"
		if s.TLSCert != "" {
			scheme = "https"
		}
		s.PublicURL = scheme + "://" + s.Listen
	}
	u, err := url.Parse(s.PublicURL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || u.RawQuery != "" {
		return fmt.Errorf("--public-url: %q is not an http or https address", s.PublicURL)
	}
	s.PublicURL = strings.TrimSuffix(s.PublicURL, "/")
	return nil
}

// Loopback says whether only this machine can reach the server.
func (s *Server) Loopback() bool {
	host, _, err := net.SplitHostPort(s.Listen)
	if err != nil {
		return false
	}
	return loopback(host)
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}
