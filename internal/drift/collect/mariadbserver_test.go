package collect

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// mariadb is the address of a private server without a database name; the first test that needs it starts it.
var mariadb = sync.OnceValues(startMariaDB)

// stopMariaDB ends the private server; it does nothing when none was started.
var stopMariaDB = func() {}

func TestMain(m *testing.M) {
	code := m.Run()
	stopMariaDB()
	stopPostgres()
	os.Exit(code)
}

var errNoMariaDB = errors.New("tests of MySQL snapshots need MariaDB: install its server (Debian: apt-get install mariadb-server)")

// supervise runs a server until our end of its input is closed, which happens however this process ends.
const supervise = `"$@" & server=$!; read -r _; kill -9 $server; wait; rm -rf "$SERVER_DIR"`

// startMariaDB runs installed binaries on a private folder and a socket in it.
func startMariaDB() (string, error) {
	server, err := exec.LookPath("mariadbd")
	install, err2 := exec.LookPath("mariadb-install-db")
	if err != nil || err2 != nil {
		return "", errNoMariaDB
	}
	dir, err := os.MkdirTemp("", "hindcast-mariadb-")
	if err != nil {
		return "", err
	}
	var as *syscall.Credential
	if os.Geteuid() == 0 { // the server refuses to run as root
		if as, err = accountOf("mysql", dir); err != nil {
			return "", err
		}
	}
	socket, data := filepath.Join(dir, "s"), filepath.Join(dir, "data")
	setup := exec.Command(install, "--no-defaults", "--datadir="+data, "--auth-root-authentication-method=normal", "--skip-test-db")
	setup.SysProcAttr, setup.Dir = &syscall.SysProcAttr{Credential: as}, dir
	if out, err := setup.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	run := exec.Command("/bin/sh", "-c", supervise, "sh", server, "--no-defaults", "--datadir="+data, "--socket="+socket, "--skip-networking",
		"--pid-file="+filepath.Join(dir, "pid"), "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M")
	run.SysProcAttr, run.Dir = &syscall.SysProcAttr{Credential: as, Setpgid: true}, "/"
	run.Env = append(os.Environ(), "SERVER_DIR="+dir)
	alive, err := run.StdinPipe()
	if err != nil {
		return "", err
	}
	if err := run.Start(); err != nil {
		return "", err
	}
	stopMariaDB = stopper(alive, run)
	address := "root@unix(" + socket + ")/"
	return address, waitForMySQL(address)
}

func stopper(alive io.Closer, run *exec.Cmd) func() {
	return func() {
		_ = alive.Close()
		_ = run.Wait() // killed on purpose, so its exit code says nothing
	}
}

func accountOf(name, dir string) (*syscall.Credential, error) {
	account, err := user.Lookup(name)
	if err != nil {
		return nil, errNoMariaDB
	}
	uid, err := strconv.Atoi(account.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(account.Gid)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, os.Chown(dir, uid, gid)
}

func waitForMySQL(address string) error {
	db, err := sql.Open("mysql", address)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		if err = db.Ping(); err == nil || time.Now().After(deadline) {
			return err
		}
	}
}
