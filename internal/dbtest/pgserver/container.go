package pgserver

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
)

// containerTool runs the container in a process of its own, so that the container client is compiled only where it is used.
const containerTool = "github.com/hindcast-kb/hindcast/internal/gen/testcontainer"

// startContainer starts the tool, which prints the address and ends the container when its standard input closes.
func startContainer(ctx context.Context) (*Server, error) {
	cmd := exec.CommandContext(ctx, "go", "run", containerTool)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	var messages bytes.Buffer
	cmd.Stderr = &messages
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	stop := func() error { return errors.Join(stdin.Close(), cmd.Wait()) }
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) || line == "" {
		return nil, fmt.Errorf("%w: %s", errors.Join(err, stop()), lastLines(messages.String(), 5))
	}
	return &Server{URL: strings.TrimSpace(line), stop: stop}, nil
}
