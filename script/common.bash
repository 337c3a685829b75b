# What the scripts of this folder and of tests/servers share. Sourced, never run.
#
# cache              the development cache: expensive builds and downloads, outside the tree, safe to delete
# say, die           one line on standard error, named after the script that says it
# as_root            runs a command as root: directly, or through sudo
# install_packages   installs the Debian packages that are missing
# download_packages  fetches Debian packages without installing them
# kept               prints the folder of a kept build, building it when it is not there

cache=${LIMINAL_DEV_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/liminal-dev}

say() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; }
die() {
  say "$@"
  exit 1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "needs root for: $* (run it as root, or install sudo)"
  fi
}

# install_packages PACKAGE[:COMMAND]...
# With COMMAND, the package is wanted for that command alone: one that is there from elsewhere is as good.
# Nothing is ever removed to make room: a conflict with what the machine has is an error.
install_packages() {
  local wanted package missing=()
  for wanted in "$@"; do
    package=${wanted%%:*}
    [ "$wanted" = "$package" ] || ! command -v "${wanted#*:}" >/dev/null || continue
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null ||
    die "this machine has no apt-get; install what matches these Debian packages, then run this again: ${missing[*]}"
  say "installing ${missing[*]}"
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=600) output
  output=$(as_root "${apt[@]}" update 2>&1 </dev/null &&
    as_root "${apt[@]}" install --no-install-recommends --no-remove "${missing[@]}" 2>&1 </dev/null) ||
    die "these packages could not be installed: ${missing[*]}"$'\n'"$output"
}

# download_packages FOLDER PACKAGE...: fetches Debian packages without installing them
download_packages() {
  local folder=$1 options=(-qq)
  shift
  # A new machine may know no packages yet.
  apt-cache show "$1" >/dev/null 2>&1 || as_root apt-get -qq -o DPkg::Lock::Timeout=600 update >&2 ||
    die "the package lists could not be fetched"
  if [ "$(id -u)" = 0 ]; then options+=(-o APT::Sandbox::User=root); fi
  (cd "$folder" && apt-get "${options[@]}" download "$@")
}

# kept NAME FUNCTION RECIPE...
# FUNCTION is called with an empty folder to fill; it is done at most once for one content of the files RECIPE (or
# words, where no such file is), however many ask at the same time. A build that failed leaves nothing.
kept() {
  local name=$1 build=$2 recipe key folder
  shift 2
  local kept_recipe=("$@")
  key=$(for recipe in "$@"; do if [ -f "$recipe" ]; then cat "$recipe"; else echo "$recipe"; fi; done | sha256sum | cut -c1-12)
  folder=$cache/$name-$key
  if [ ! -e "$folder/complete" ]; then
    mkdir -p "$(dirname "$folder")"
    (
      flock 9
      [ ! -e "$folder/complete" ] || exit 0
      rm -rf "$folder" "$folder.partial"
      mkdir -p "$folder.partial"
      # A subshell with a status looked at afterwards: as a part of a condition, `set -e` would not hold inside it.
      (set -e; "$build" "$folder.partial") >&2
      [ $? = 0 ] || exit 1
      touch "$folder.partial/complete"
      mv "$folder.partial" "$folder"
    ) 9>"$folder.lock"
    [ -e "$folder/complete" ] || die "$name could not be made"
  fi
  echo "$folder"
}
