package store

import (
	"fmt"
	"syscall"
)

// refuseNetworkDir refuses filesystems whose locks and shared memory SQLite's WAL cannot rely on. The numbers are those of
// statfs(2). A filesystem that cannot be asked is let through.
func refuseNetworkDir(dir string) error {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return nil
	}
	names := map[uint32]string{
		0x6969: "NFS", 0x517b: "SMB", 0xff534d42: "CIFS", 0xfe534d42: "SMB2", 0x5346414f: "AFS",
		0x00c36400: "Ceph", 0x0bd00bd0: "Lustre", 0x73757245: "Coda",
	}
	if name, ok := names[uint32(st.Type)]; ok {
		return fmt.Errorf("the data directory %s is on a network filesystem (%s), where SQLite can lose data: choose a local disk or PostgreSQL", dir, name)
	}
	return nil
}
