//go:build tools

// Package tools pins what a machine's pod network daemon is built from.
package tools

import _ "github.com/flannel-io/flannel"
