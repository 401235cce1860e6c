#!/bin/sh
# Makes a Debian tree smaller and quieter. Argument: where it is, empty for the running system itself.
set -eu
root=${1:-}

rm -rf "$root"/usr/share/doc/* "$root"/usr/share/man/* "$root"/usr/share/info/* "$root"/usr/share/lintian \
  "$root"/var/cache/apt/* "$root"/var/cache/debconf/* "$root"/var/lib/apt/lists/* "$root"/var/log/*
find "$root"/usr/share/locale -mindepth 1 -maxdepth 1 ! -name 'C*' -exec rm -rf {} +
# A machine's own identity comes from its container.
: >"$root"/etc/machine-id
[ -z "$root" ] || rm -f "$root"/etc/hostname "$root"/etc/resolv.conf
