# Sourced by the other scripts: makes sure that what they need is installed, and says what it does.
# Needs Debian 12 or newer and, for installing, root or sudo. Elsewhere: install the packages below
# by hand, and libpg_query 17 or newer; then DSQLINT_NO_SETUP=1 skips this.
# shellcheck shell=bash

# Without this ccache knows nothing of what uses a precompiled header.
export CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-pch_defines,time_macros}

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
DEPS="$ROOT/.deps"

say() { printf 'dsqlint: %s\n' "$*" >&2; }
die() {
  say "$*"
  exit 2
}

packages_for() {
  case $1 in
    program)
      echo ca-certificates g++ cmake ninja-build pkg-config libprotobuf-dev protobuf-compiler \
        nlohmann-json3-dev libre2-dev libcli11-dev libfmt-dev libexpected-dev \
        libtomlplusplus-dev libprotobuf-c-dev libmimalloc-dev ccache
      ;;
    quick) echo catch2 python3 ;;
    test)
      # A node from elsewhere brings its npm and cannot stand beside Debian's.
      command -v npm >/dev/null || echo npm
      echo postgresql mariadb-server python3-venv git dpkg-dev file clang-format-"$(clang_version)" \
        clang-"$(clang_version)" libclang-rt-"$(clang_version)"-dev
      ;;
    # What code-server is built with, and a browser that uses it.
    vscode) echo chromium g++ make pkg-config python3 libkrb5-dev ;;
    static) echo zlib1g-dev binutils ;;
    deb) echo dpkg-dev file ;;
    bench) echo libbenchmark-dev python3 python3-venv git ;;
    fuzz) echo clang-"$(clang_version)" libclang-rt-"$(clang_version)"-dev ;;
  esac
}

debian_release() {
  # shellcheck disable=SC1091
  (. /etc/os-release && [ "${ID:-}" = debian ] && echo "${VERSION_ID:-0}") || true
}

clang_version() { if [ "$(debian_release)" = 12 ]; then echo 16; else echo 19; fi; }

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "packages have to be installed: run this once as root, or install sudo"
  fi
}

is_installed() { dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed; }

install_packages() {
  local missing=() package
  for package in "$@"; do is_installed "$package" || missing+=("$package"); done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing ${missing[*]}"
  as_root apt-get update -qq >&2
  # A machine for one run need not be safe from power cuts while it unpacks.
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends ${CI:+-o DPkg::Options::=--force-unsafe-io} \
    "${missing[@]}" >&2 ||
    die "apt-get could not install ${missing[*]}; see its messages above"
}

# The first URI that apt is set up with for the main archive, under the suite's code name or under
# "oldstable" and the like: deb822 files and one-line lists. Either kind may be missing.
archive_uri() {
  local suites=$1 folder=/etc/apt files=()
  mapfile -t files < <(find "$folder" -maxdepth 2 \( -path "$folder/sources.list" \
    -o -path "$folder/sources.list.d/*.sources" -o -path "$folder/sources.list.d/*.list" \) | sort)
  [ ${#files[@]} -gt 0 ] || return 0
  awk -v wanted="^($suites)\$" '
    function offer(uri, suite) { if (found == "" && suite ~ wanted) found = uri }
    function flush(  i, n, list, uri) {
      split(uris, uri, " ")
      n = split(suites, list, " ")
      for (i = 1; i <= n; i++) offer(uri[1], list[i])
      uris = suites = ""
    }
    FNR == 1 || /^[[:space:]]*$/ { flush() }
    /^URIs:/ { uris = substr($0, 6) }
    /^Suites:/ { suites = substr($0, 8) }
    /^deb[ \t]/ { sub(/^deb[ \t]+(\[[^]]*\][ \t]*)?/, ""); offer($1, $2) }
    END { flush(); print found }' "${files[@]}"
}

# Debian 12 has libpg_query 15: take the package of the next release from the same mirror, checked
# by apt, and unpack it here without installing it.
unpack_pg_query() {
  local uri work package next=trixie
  uri=$(archive_uri "bookworm|stable|oldstable|oldoldstable")
  [ -n "$uri" ] || die "no Debian mirror found in /etc/apt; install libpg_query 17 by hand"
  say "fetching libpg_query 17 ($next's libpg-query-dev) into .deps/"
  mkdir -p "$DEPS"
  work=$(mktemp -d "$DEPS/fetch.XXXXXX")
  # apt drops to its own user for downloads where it can.
  chmod 755 "$work"
  mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/tree"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri $next main" \
    >"$work/sources.list"
  local apt=(apt-get -qq -o "Dir::Etc::SourceList=$work/sources.list" -o "Dir::Etc::SourceParts=-"
    -o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work/cache" -o APT::Sandbox::User=root)
  "${apt[@]}" update >&2 || die "the package lists of $next cannot be read from apt's mirror"
  (cd "$work" && "${apt[@]}" download libpg-query-dev >&2) ||
    die "libpg-query-dev cannot be fetched from apt's mirror"
  package=$(echo "$work"/libpg-query-dev_*.deb)
  dpkg-deb -x "$package" "$work/tree"
  rm -rf "${DEPS:?}/usr"
  mv "$work/tree/usr" "$DEPS/usr"
  rm -rf "$work"
}

setup_pg_query() {
  [ -e "$DEPS/usr/include/pg_query.h" ] && return 0
  is_installed libpg-query-dev && dpkg --compare-versions \
    "$(dpkg-query -W -f '${Version}' libpg-query-dev)" ge 17 && return 0
  if [ "$(debian_release)" = 12 ]; then
    unpack_pg_query
  else
    install_packages libpg-query-dev
  fi
}

# setup GROUP…: program, quick, test, vscode, static, deb, bench, fuzz. Costs next to nothing when all is there.
setup() {
  [ -z "${DSQLINT_NO_SETUP:-}" ] || return 0
  local wanted="$*" stamp packages=() group
  stamp="$DEPS/setup-${wanted// /-}"
  if [ -e "$stamp" ] && [ "$stamp" -nt "${BASH_SOURCE[0]}" ]; then return 0; fi
  command -v apt-get >/dev/null ||
    die "only Debian's packages can be installed here; see the list in scripts/setup.sh, then set DSQLINT_NO_SETUP=1"
  for group in "$@"; do
    # shellcheck disable=SC2207
    packages+=($(packages_for "$group"))
  done
  install_packages "${packages[@]}"
  setup_pg_query
  mkdir -p "$DEPS"
  touch "$stamp"
}

# configure FOLDER CMAKE-ARG…: only when the folder is new or the arguments have changed.
configure() {
  local folder=$1
  shift
  mkdir -p "$folder"
  if [ ! -e "$folder/build.ninja" ] || [ "$(cat "$folder/arguments" 2>/dev/null)" != "$*" ]; then
    cmake -S "$ROOT" -B "$folder" -G Ninja "$@" >"$folder/configure.log" 2>&1 || {
      cat "$folder/configure.log" >&2
      die "cmake could not configure $folder; see above"
    }
    echo "$*" >"$folder/arguments"
  fi
}

# build FOLDER TARGET…: quiet unless it fails. One build at a time per folder.
build() {
  local folder=$1
  shift
  (
    flock 9
    if ! cmake --build "$folder" ${1:+--target "$@"} >"$folder/build.log" 2>&1; then
      { grep -vE '^\[[0-9]+/[0-9]+\]' "$folder/build.log" || true; } | tail -n 60 >&2
      die "the build failed; the whole log is $folder/build.log"
    fi
  ) 9>"$folder/lock"
}
