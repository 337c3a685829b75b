# What kubernetes-api, kubernetes-node and what runs in a node share. Sourced, never run.

kubeconfig=$dir/kubeconfig

# log_requests: from now on an API server is started with a log of its requests
audit=()
log_requests() {
  printf '%s\n' 'apiVersion: audit.k8s.io/v1' 'kind: Policy' 'omitStages: [RequestReceived]' 'rules: [{level: Metadata}]' \
    >"$dir/audit.yaml"
  audit=(--audit-policy-file="$dir/audit.yaml" --audit-log-path="$dir/audit.log" --audit-log-mode=blocking)
}

# launch_api_server PORT ADDRESS [OPTION...]: begins both, at ADDRESS as their clients know it; where `inside` is a command, it
# is what runs them. Takes the certificates of $dir.
inside=()
launch_api_server() {
  local port=$1 address=$2 etcd_port peer_port
  shift 2
  read -r etcd_port peer_port < <(free_ports 2)
  launch etcd "${inside[@]}" "$programs/etcd" --name test --data-dir "$dir/etcd" --unsafe-no-fsync \
    --listen-client-urls "http://127.0.0.1:$etcd_port" --advertise-client-urls "http://127.0.0.1:$etcd_port" \
    --listen-peer-urls "http://127.0.0.1:$peer_port" --initial-advertise-peer-urls "http://127.0.0.1:$peer_port" \
    --initial-cluster "test=http://127.0.0.1:$peer_port"
  launch kube-apiserver "${inside[@]}" "$programs/kube-apiserver" --etcd-servers="http://127.0.0.1:$etcd_port" \
    --secure-port="$port" --advertise-address="$address" --tls-cert-file="$dir/pki/apiserver.crt" \
    --tls-private-key-file="$dir/pki/apiserver.key" --client-ca-file="$dir/pki/ca.crt" \
    --service-account-key-file="$dir/pki/sa.pub" --service-account-signing-key-file="$dir/pki/sa.key" \
    --service-account-issuer=https://kubernetes.default.svc --service-cluster-ip-range=10.96.0.0/16 \
    --authorization-mode=Node,RBAC --allow-privileged=true "${audit[@]}" "$@"
}

# admin ARGUMENT...: kubectl as the administrator
admin() { "$programs/kubectl" --kubeconfig "$kubeconfig" --request-timeout=10s "$@"; }

# tell_client: what a client needs to know
tell_client() {
  echo "KUBECONFIG=$kubeconfig"
  echo "KUBECTL=$programs/kubectl"
  if [ ${#audit[@]} -gt 0 ]; then echo "AUDIT_LOG=$dir/audit.log"; fi
}

# import_image NODE ARCHIVE: gives containerd of the node, a folder of kubernetes-node, an image
in_containerd() { "$1/enter" "$("$servers/container-programs")/ctr" --address "$1/containerd.sock" --namespace k8s.io "${@:2}"; }
import_image() { in_containerd "$1" images import "$2" >"$dir/log/import" 2>&1 || die "$2: $(tail -n 1 "$dir/log/import")"; }
