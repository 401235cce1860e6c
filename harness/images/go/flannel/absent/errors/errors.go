// Package errors stands in for a cloud SDK that no machine of ours talks to.
package errors
