#!/usr/bin/env bash
# A Ceph of one machine with an S3 gateway, on loopback and in memory: a monitor, one storage daemon, radosgw; no manager.
# usage: ceph.sh FOLDER PORT      PORT: HTTP, PORT+1: HTTPS if FOLDER/tls.pem and tls.key are there, PORT+2..PORT+10: inside
# Prints "ready" when S3 answers. Then it takes one command a line, and ends with everything it started when its input ends:
#   admin ARGUMENT...    radosgw-admin; prints "done STATUS"
#   gateway PORT         another gateway; prints "done PID" when it answers
set -eu
folder=$(realpath -m "$1") port=$2
mkdir -p "$folder/mon" "$folder/osd"
cd "$folder"
export CEPH_CONF=$folder/ceph.conf
id=8f0d1c52-6f3d-4c0c-9a53-0d1f6f9d7a11
tls=
[ ! -e tls.pem ] || tls="ssl_endpoint=127.0.0.1:$((port + 1)) ssl_certificate=$folder/tls.pem ssl_private_key=$folder/tls.key"
cat > ceph.conf <<CONF
[global]
fsid = $id
mon host = v1:127.0.0.1:$((port + 2))
ms bind msgr2 = false
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind port min = $((port + 3))
ms bind port max = $((port + 10))
auth cluster required = none
auth service required = none
auth client required = none
mon data = $folder/mon
mon allow pool size one = true
mon max pg per osd = 1000
mon data avail crit = 1
# With the default of a second the start takes ten.
paxos propose interval = 0.05
paxos min wait = 0.01
osd data = $folder/osd
osd objectstore = memstore
memstore device bytes = 2147483648
osd crush chooseleaf type = 0
# A daemon that writes the map at its start sometimes dies of it ("wrong fsid"); it is written below.
osd crush update on start = false
osd class update on start = false
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
rgw frontends = beast endpoint=127.0.0.1:$port $tls tcp_nodelay=1
rgw thread pool size = 16
run dir = $folder
admin socket = $folder/\$name.asok
log file = $folder/\$name.log
CONF

answers() {
  for _ in $(seq 1200); do
    ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null || return 0
    sleep 0.05
  done
  return 1
}

monmaptool --create --clobber --addv a "[v1:127.0.0.1:$((port + 2))]" --fsid $id monmap >/dev/null
ceph-mon --mkfs -i a --monmap monmap >/dev/null
trap 'trap - EXIT; kill -KILL $(jobs -p); wait; exit' EXIT TERM INT
ceph-mon -f -i a </dev/null >mon.out 2>&1 &
ceph osd new $id 0 >/dev/null
ceph osd crush create-or-move osd.0 1.0 host=h root=default 2>/dev/null
ceph-osd -i 0 --mkfs --osd-uuid $id >osd.mkfs 2>&1
ceph-osd -f -i 0 </dev/null >osd.out 2>&1 &
radosgw-admin user create --uid=owner --display-name=owner --access-key=CEPHKEY --secret=CEPHSECRET >/dev/null
radosgw -f -n client.rgw </dev/null >gateway.out 2>&1 &
answers "$port"
echo ready
while read -r command arguments; do
  case $command in
    admin)
      status=0
      # The arguments are words without spaces.
      radosgw-admin $arguments </dev/null >admin.out 2>&1 || status=$?
      echo "done $status"
      ;;
    gateway)
      radosgw -f -n "client.rgw$arguments" --rgw-frontends "beast endpoint=127.0.0.1:$arguments tcp_nodelay=1" </dev/null >"gateway$arguments.out" 2>&1 &
      pid=$!
      answers "$arguments"
      echo "done $pid"
      ;;
  esac
done
