// Command testcontainer runs PostgreSQL in a container for tests: it prints the address and stops when its standard input closes.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"
)

const image = "postgres:17-alpine"

func main() {
	if err := run(context.Background(), os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "testcontainer:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, in io.Reader, out io.Writer) (err error) {
	c, err := testcontainers.GenericContainer(ctx, testcontainers.GenericContainerRequest{
		Started: true,
		ContainerRequest: testcontainers.ContainerRequest{
			Image:        image,
			ExposedPorts: []string{"5432/tcp"},
			Env:          map[string]string{"POSTGRES_PASSWORD": "hindcast"},
			Cmd:          []string{"postgres", "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=300"},
			// the image starts the server twice: once to set itself up, once to serve
			WaitingFor: wait.ForLog("database system is ready to accept connections").WithOccurrence(2).WithStartupTimeout(2 * time.Minute),
		},
	})
	defer func() {
		if stopped := testcontainers.TerminateContainer(c); err == nil {
			err = stopped
		}
	}()
	if err != nil {
		return fmt.Errorf("starting %s: %w", image, err)
	}
	address, err := c.PortEndpoint(ctx, "5432/tcp", "")
	if err != nil {
		return fmt.Errorf("asking for the port: %w", err)
	}
	fmt.Fprintf(out, "postgres://postgres:hindcast@%s/postgres?sslmode=disable\n", address)
	_, err = io.Copy(io.Discard, in)
	return err
}
