#!/bin/sh
# Runs once, while the image is built, in a container with a volume at /var/lib/containerd: imports and unpacks the pod images, so that
# no machine does it at boot. Arguments: the archives' folder, the folder for what machines share, then the images' names.
set -eu
archives=$1 shared=$2
shift 2

# What ctr says on its error output is mostly advice about the host; it is shown only when ctr fails.
k8s() {
  ctr -n k8s.io "$@" 2>/run/ctr-errors || {
    cat /run/ctr-errors >&2
    exit 1
  }
}

mkdir -p /run/containerd /etc/seed
cat >/etc/seed/config.toml <<'END'
version = 4
disabled_plugins = ['io.containerd.cri.v1.runtime', 'io.containerd.cri.v1.images', 'io.containerd.grpc.v1.cri']
END
containerd --config /etc/seed/config.toml --log-level error &
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

for archive in "$archives"/*.tar; do
  k8s images import --local --snapshotter overlayfs "$archive"
done
for name in "$@"; do
  # What the kubelet's image plugin would write at its first start, and a pin, so that a full disk never removes them.
  k8s images label "$name" io.cri-containerd.image=managed io.cri-containerd.pinned=pinned >/dev/null
done
committed=$(k8s snapshots --snapshotter overlayfs ls | grep -c Committed)
[ "$committed" -eq $# ] || {
  echo "$committed of $# images are unpacked" >&2
  exit 1
}

kill $server
wait $server || true

# A machine's volume starts as a copy of this folder. Files that never change stay in the image, once for all machines, and the volume
# holds links to them: an overlay mount follows a link to its lower folder, and the content store one to a blob.
store=/var/lib/containerd
mkdir -p "$shared/snapshots" "$shared/blobs"
for snapshot in "$store"/io.containerd.snapshotter.v1.overlayfs/snapshots/*; do
  id=${snapshot##*/}
  mv "$snapshot/fs" "$shared/snapshots/$id"
  ln -s "$shared/snapshots/$id" "$snapshot/fs"
done
for blob in "$store"/io.containerd.content.v1.content/blobs/sha256/*; do
  name=${blob##*/}
  mv "$blob" "$shared/blobs/$name"
  ln -s "$shared/blobs/$name" "$blob"
done
rm -rf "$store"/io.containerd.content.v1.content/ingest/* "$store"/tmpmounts/*
du -sh "$store" "$shared"
