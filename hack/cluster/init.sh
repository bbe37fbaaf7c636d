#!/bin/bash
# PID 1 of the node, inside fresh mount, network, PID, UTS, IPC and cgroup namespaces: prepares them, then keeps every
# component running. Killing it ends all of them at once and frees every mount, interface, rule and loop device.
# Settings come as environment: STATE BIN NAME NODE_IP SERVICES PODS HIERARCHIES ("path|options ...", options empty for v2).
set -u
L=$STATE/logs
exec >>"$L/init.log" 2>&1
PATH=$BIN:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

mount --make-rprivate /
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount_cgroups() {
  local h path options first=
  for h in $HIERARCHIES; do
    path=${h%%|*}; options=${h#*|}
    if [ -z "$options" ]; then # version 2: controllers are passed on only from a group without processes of its own
      mount -t cgroup2 cgroup /sys/fs/cgroup
      mkdir /sys/fs/cgroup/init; echo 1 >/sys/fs/cgroup/init/cgroup.procs
      for c in $(cat /sys/fs/cgroup/cgroup.controllers); do echo "+$c" >/sys/fs/cgroup/cgroup.subtree_control; done
      return
    fi
    [ -n "$first" ] || { mount -t tmpfs -o mode=755 cgroup /sys/fs/cgroup; first=$path; }
    mkdir -p "$path"; mount -t cgroup -o "$options" cgroup "$path"
    [[ $options = *name=* ]] || for c in ${options//,/ }; do [ -e "/sys/fs/cgroup/$c" ] || ln -s "$path" "/sys/fs/cgroup/$c"; done
  done
}
mount_cgroups
for d in /run /var/log "$STATE/etcd"; do mount -t tmpfs -o mode=755 tmpfs "$d"; done
# containerd, CNI and the kubelet have a few fixed paths; let them write to memory instead of the host's folders.
for d in /etc /var/lib /usr/libexec; do
  [ -d $d ] || continue
  o=/run/overlay$d; mkdir -p $o/upper $o/work
  mount -t overlay -o lowerdir=$d,upperdir=$o/upper,workdir=$o/work overlay $d
done
mkdir -p /run/lock /run/netns /run/sysctl
# The kubelet insists on settings of the whole machine; show it files that already agree, so that it changes nothing.
agree() { echo "$2" >"/run/sysctl/${1//\//_}"; mount --bind "/run/sysctl/${1//\//_}" "/proc/sys/$1"; }
agree vm/overcommit_memory 1; agree vm/panic_on_oom 0; agree kernel/panic 10; agree kernel/panic_on_oops 1
agree kernel/keys/root_maxkeys 1000000; agree kernel/keys/root_maxbytes 25000000
mount --make-rshared /

hostname "$NAME"
ip link set lo up
ip link add node0 type bridge; ip addr add "$NODE_IP/32" dev node0; ip link set node0 up
ip route add "$SERVICES" dev node0 src "$NODE_IP" # a route must exist before a service's address can be translated
ip route add unreachable default                # there is no uplink: calls to the internet fail at once
sysctl -qw net.ipv4.ip_forward=1 net.bridge.bridge-nf-call-iptables=1 net.ipv4.conf.all.route_localnet=1

cd "$STATE" || exit 1
K=$STATE/pki
# Keeps one component running; its pid file names the current process, so that a test can kill it and see it come back.
keep() {
  local name=$1; shift
  ( while :; do "$@" >>"$L/$name.log" 2>&1 & echo $! >"$STATE/run/$name.pid"; wait $!; sleep 0.3; done ) &
}
ready() { curl -sf -o /dev/null --cacert "$K/ca.crt" https://127.0.0.1:6443/readyz; }

keep containerd containerd --config "$STATE/containerd.toml"
keep etcd etcd --data-dir "$STATE/etcd/data" --unsafe-no-fsync --log-level warn \
  --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
  --listen-peer-urls http://127.0.0.1:2380 --initial-advertise-peer-urls http://127.0.0.1:2380 \
  --initial-cluster default=http://127.0.0.1:2380
keep apiserver kube-apiserver --etcd-servers=http://127.0.0.1:2379 --bind-address=0.0.0.0 --secure-port=6443 \
  --advertise-address="$NODE_IP" --service-cluster-ip-range="$SERVICES" --allow-privileged=true --profiling=false \
  --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction \
  --tls-cert-file="$K/apiserver.crt" --tls-private-key-file="$K/apiserver.key" --client-ca-file="$K/ca.crt" \
  --service-account-issuer=https://kubernetes.default.svc.cluster.local \
  --service-account-key-file="$K/accounts.crt" --service-account-signing-key-file="$K/accounts.key" \
  --kubelet-client-certificate="$K/kubelet-client.crt" --kubelet-client-key="$K/kubelet-client.key" \
  --kubelet-certificate-authority="$K/ca.crt" --kubelet-preferred-address-types=InternalIP \
  --requestheader-client-ca-file="$K/ca.crt" --requestheader-allowed-names=front-proxy \
  --requestheader-username-headers=X-Remote-User --requestheader-group-headers=X-Remote-Group \
  --requestheader-extra-headers-prefix=X-Remote-Extra- --enable-aggregator-routing=true \
  --proxy-client-cert-file="$K/front-proxy.crt" --proxy-client-key-file="$K/front-proxy.key"
for _ in $(seq 600); do [ -S "$STATE/run/containerd.sock" ] && break; sleep 0.05; done
keep kubelet kubelet --config="$STATE/kubelet.yaml" --kubeconfig=kubelet.kubeconfig --root-dir="$STATE/kubelet" \
  --node-ip="$NODE_IP" --hostname-override="$NAME" --cert-dir="$STATE/kubelet-pki" --v=2
until ready; do sleep 0.1; done
# Before readiness the bootstrap roles may be missing, and the controller manager exits for good on its first refusal.
keep manager kube-controller-manager --kubeconfig=manager.kubeconfig --authentication-kubeconfig=manager.kubeconfig \
  --authorization-kubeconfig=manager.kubeconfig --use-service-account-credentials=true --leader-elect=false \
  --service-account-private-key-file="$K/accounts.key" --root-ca-file="$K/ca.crt" \
  --cluster-signing-cert-file="$K/ca.crt" --cluster-signing-key-file="$K/ca.key" \
  --allocate-node-cidrs=true --cluster-cidr="$PODS" --service-cluster-ip-range="$SERVICES" \
  --bind-address=127.0.0.1 --profiling=false --horizontal-pod-autoscaler-sync-period=5s \
  --horizontal-pod-autoscaler-downscale-stabilization=20s --horizontal-pod-autoscaler-initial-readiness-delay=5s \
  --horizontal-pod-autoscaler-cpu-initialization-period=10s
keep scheduler kube-scheduler --kubeconfig=scheduler.kubeconfig --authentication-kubeconfig=scheduler.kubeconfig \
  --authorization-kubeconfig=scheduler.kubeconfig --leader-elect=false --bind-address=127.0.0.1 --profiling=false
keep proxy kube-proxy --config="$STATE/proxy.yaml"
keep provisioner provisioner --kubeconfig=node.kubeconfig --root="$STATE/volumes" --node="$NAME"
keep netpol netpol --kubeconfig=node.kubeconfig --node="$NAME" --services="$SERVICES"
trap 'exit 0' TERM
while :; do sleep 3600 & wait $!; done
