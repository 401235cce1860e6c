#!/bin/sh
# Runs once, in a container of the machine image: puts together what a k3s machine needs of ours, to be unpacked over the official
# image, which has another C library. Arguments: the folder to fill, the one for the pod images' archive, then their names.
set -eu
home=$1 archives=$2
shift 2
mkdir -p "$home/bin" "$home/lib" "$home/sv" "$archives" /run/containerd /etc/harvest

cp "$(command -v busybox)" "$home/bin/busybox"
# The supervisor, and the loader and libraries that it was linked with, so that it runs on whatever the image has.
for name in runsvdir runsv; do
  program=$(command -v $name)
  cp "$program" "$home/lib/$name"
  for library in $(ldd "$program" | grep -o '/[^ ]*'); do cp -L "$library" "$home/lib/"; done
  loader=$(ldd "$program" | grep -o '/[^ ]*/ld-linux[^ ]*' | head -n 1)
  printf '#!%s sh\nexec %s --library-path %s %s "$@"\n' \
    "/opt/holdfast/bin/busybox" "/opt/holdfast/lib/${loader##*/}" /opt/holdfast/lib "/opt/holdfast/lib/$name" >"$home/bin/$name"
  chmod 755 "$home/bin/$name"
done

cat >/etc/harvest/config.toml <<'END'
version = 4
disabled_plugins = ['io.containerd.cri.v1.runtime', 'io.containerd.cri.v1.images', 'io.containerd.grpc.v1.cri']
END
containerd --config /etc/harvest/config.toml --log-level error &
server=$!
tries=0
until ctr version >/dev/null 2>&1; do
  tries=$((tries + 1))
  if [ $tries -gt 300 ] || ! kill -0 $server; then
    echo 'containerd did not start' >&2
    exit 1
  fi
  sleep 0.1
done
ctr -n k8s.io images export "$archives/pods.tar" "$@"
kill $server
wait $server || true
du -sh "$home"
