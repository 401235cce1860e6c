#!/bin/sh
# An OCI runtime that is runc without CAP_SYS_RESOURCE. A host that withholds this capability from its bounding set
# refuses `--privileged` containers ("unable to apply caps"), because they ask for every capability there is.
# It runs at each container start and exec, so it is sh, grep and sed, and does nothing where there is nothing to do.

strip() {
  [ -f "$1" ] && grep -q '"CAP_SYS_RESOURCE"' "$1" || return 0
  # The file as one line (-z); only inside the five capability lists, so that an argument of that name survives.
  sed -E -z -i '
    :again
    s/("(bounding|effective|inheritable|permitted|ambient)"[[:space:]]*:[[:space:]]*\[[^]]*)"CAP_SYS_RESOURCE"[[:space:]]*,?/\1/
    t again
    s/("(bounding|effective|inheritable|permitted|ambient)"[[:space:]]*:[[:space:]]*\[[^]]*[^],[:space:]])[[:space:]]*,[[:space:]]*\]/\1]/g
  ' "$1"
}

verb='' bundle='' process='' expect=''
for word in "$@"; do
  case "$expect" in
    bundle) bundle=$word expect='' && continue ;;
    process) process=$word expect='' && continue ;;
    other) expect='' && continue ;;
  esac
  case "$word" in
    --bundle | -b) expect=bundle ;;
    --bundle=*) bundle=${word#*=} ;;
    --process | -p) expect=process ;;
    --process=*) process=${word#*=} ;;
    --root | --log | --log-format | --criu | --console-socket | --pid-file | --preserve-fds) expect=other ;;
    create | run | restore | exec) [ -n "$verb" ] || verb=$word ;;
  esac
done

case "$verb" in
  create | run | restore) strip "${bundle:-.}/config.json" ;;
  exec) [ -z "$process" ] || strip "$process" ;;
esac
exec runc "$@"
