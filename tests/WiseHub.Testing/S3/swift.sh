#!/usr/bin/env bash
# OpenStack Swift of one machine with its S3 front (s3api), on loopback: proxy, account, container and object server, and memcached.
# usage: swift.sh FOLDER PORT     PORT: S3, PORT+1..PORT+4: inside. Keys: test:tester / testing
# FOLDER must be on a file system with extended attributes of users. Prints "ready" when S3 answers, and ends with everything it
# started when its input ends.
set -eu
folder=$(realpath -m "$1") port=$2
mkdir -p "$folder/srv/d1"
cd "$folder"
# The one thing that Swift reads nowhere else: without a secret for its hashes it does not start.
grep -q '^swift_hash_path_suffix' /etc/swift/swift.conf 2>/dev/null ||
  printf '[swift-hash]\nswift_hash_path_suffix = wisehub\nswift_hash_path_prefix = wisehub\n' > /etc/swift/swift.conf
/usr/bin/python3 - "$folder" "$port" <<'RINGS'
import sys
from swift.common.ring import RingBuilder
folder, port = sys.argv[1], int(sys.argv[2])
for number, service in enumerate(("account", "container", "object"), 1):
    ring = RingBuilder(2, 1, 0)
    ring.add_dev(dict(id=0, region=1, zone=1, ip="127.0.0.1", port=port + number, device="d1", weight=1.0, meta=""))
    ring.rebalance()
    ring.get_ring().save(f"{folder}/{service}.ring.gz")
RINGS
settings() {
  printf '[DEFAULT]\nbind_ip = 127.0.0.1\nbind_port = %s\nworkers = 0\nuser = %s\nswift_dir = %s\nlog_level = ERROR\n' "$1" "$(id -un)" "$folder"
}
number=0
for service in account container object; do
  number=$((number + 1))
  {
    settings $((port + number))
    printf 'devices = %s/srv\nmount_check = false\nfallocate_reserve = 0\n[pipeline:main]\npipeline = %s-server\n[app:%s-server]\nuse = egg:swift#%s\n' "$folder" $service $service $service
  } > $service.conf
done
{
  settings "$port"
  cat <<'CONF'
[pipeline:main]
pipeline = catch_errors healthcheck cache s3api tempauth slo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
# On a busy machine half a second to connect is little, and there is no other server to turn to from one that was late.
conn_timeout = 30
node_timeout = 60
recoverable_node_timeout = 60
error_suppression_limit = 1000000
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:healthcheck]
use = egg:swift#healthcheck
[filter:s3api]
use = egg:swift#s3api
s3_acl = true
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[filter:slo]
use = egg:swift#slo
[filter:cache]
use = egg:swift#memcache
CONF
  echo "memcache_servers = 127.0.0.1:$((port + 4))"
} > proxy.conf
trap 'trap - EXIT; kill -KILL $(jobs -p); wait; exit' EXIT TERM INT
memcached -u nobody -l 127.0.0.1 -p $((port + 4)) -m 32 </dev/null >memcached.out 2>&1 &
for service in account container object proxy; do
  "swift-$service-server" "$folder/$service.conf" </dev/null >"$service.out" 2>&1 &
done
# The proxy may be there before the servers behind it.
answers() { curl -s -o /dev/null "http://127.0.0.1:$1/healthcheck"; }
all_answer() {
  for _ in $(seq 1200); do
    ! { answers "$port" && answers $((port + 1)) && answers $((port + 2)) && answers $((port + 3)) && (exec 3<>"/dev/tcp/127.0.0.1/$((port + 4))") 2>/dev/null; } || return 0
    sleep 0.05
  done
  return 1
}
all_answer
echo ready
cat >/dev/null
