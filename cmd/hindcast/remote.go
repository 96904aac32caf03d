package main

import (
	"fmt"
	"os"
	"strings"
	"unicode"

	"github.com/hindcast-kb/hindcast/internal/client"
)

// remote says which server a command calls, and as whom.
type remote struct {
	Server    string `required:"" help:"Address of the server." env:"HINDCAST_SERVER" placeholder:"URL"`
	TokenFile string `help:"File with the token; without one, none is sent." env:"HINDCAST_TOKEN_FILE" placeholder:"FILE"`
}

func (r *remote) client() (*client.Client, error) {
	token := ""
	if r.TokenFile != "" {
		text, err := os.ReadFile(r.TokenFile)
		if err != nil {
			return nil, fmt.Errorf("reading --token-file: %w", err)
		}
		if token = strings.TrimSpace(string(text)); token == "" {
			return nil, fmt.Errorf("--token-file: %s is empty", r.TokenFile)
		}
	}
	c, err := client.New(r.Server, token)
	if err != nil {
		return nil, fmt.Errorf("--server: %w", err)
	}
	return c, nil
}

// oneLine makes text of a server safe for a terminal: what is recorded there could otherwise move the cursor or forge lines.
func oneLine(text string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return ' '
		}
		return r
	}, text)), " ")
}
