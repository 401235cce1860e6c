// Package v20170312 stands in for a cloud SDK that no machine of ours talks to.
package v20170312
