#!/bin/sh
# An OCI runtime that is runc, minus CAP_SYS_RESOURCE where it is withheld: runc refuses privileged containers that ask for what is
# not there to give. The engine of such a host uses it for machines, and a machine's containerd for pods. It runs at every container
# start and exec: no process is started unless there is something to remove.

runc=${HOLDFAST_RUNC:-runc}
status=${HOLDFAST_STATUS:-/proc/self/status}

# Bit 24 is the lowest bit of the seventh hexadecimal digit from the right.
withheld() {
  while read -r name value; do
    [ "$name" = CapBnd: ] || continue
    value=${value%??????}
    case "$value" in
      *[13579bdfBDF]) return 1 ;;
      *) return 0 ;;
    esac
  done <"$status"
  return 1
}

strip() {
  [ -f "$1" ] && grep -q '"CAP_SYS_RESOURCE"' "$1" || return 0
  # Only inside the five capability lists, so that an argument of that name survives; then the comma that a removed last entry leaves.
  sed -E -z -i '
    :again
    s/("(bounding|effective|inheritable|permitted|ambient)"[[:space:]]*:[[:space:]]*\[[^]]*)"CAP_SYS_RESOURCE"[[:space:]]*,?/\1/
    t again
    s/("(bounding|effective|inheritable|permitted|ambient)"[[:space:]]*:[[:space:]]*\[[^]]*[^],[:space:]])[[:space:]]*,[[:space:]]*\]/\1]/g
  ' "$1"
}

if withheld; then
  verb='' bundle='.' process='' expect=''
  for word in "$@"; do
    if [ -n "$expect" ]; then
      [ "$expect" = bundle ] && bundle=$word
      [ "$expect" = process ] && process=$word
      expect=''
      continue
    fi
    case "$word" in
      --bundle | -b) expect=bundle ;;
      --bundle=*) bundle=${word#*=} ;;
      --process | -p) expect=process ;;
      --process=*) process=${word#*=} ;;
      --root | --log | --log-format | --criu | --rootless | --console-socket | --pid-file | --preserve-fds) expect=other ;;
      create | run | restore | exec) [ -n "$verb" ] || verb=$word ;;
    esac
  done
  case "$verb" in
    create | run | restore) strip "$bundle/config.json" ;;
    exec) [ -z "$process" ] || strip "$process" ;;
  esac
fi
exec "$runc" "$@"
