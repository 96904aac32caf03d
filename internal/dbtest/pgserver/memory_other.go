//go:build unix && !linux

package pgserver

// memoryDir is left to the system elsewhere.
func memoryDir() string { return "" }
