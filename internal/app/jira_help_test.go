package app_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// root is the folder of the module.
func root(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}

// emptySecrets takes the secrets of all sources away, as a lost key would.
func emptySecrets(ctx context.Context, tx *store.Tx) error {
	return tx.Client().Source.Update().SetSecrets([]vocab.SealedSecret{}).Exec(ctx)
}
