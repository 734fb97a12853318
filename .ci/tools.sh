# What the parts of `.ci/run` are made with, fetched when it is missing. Read by the scripts in this folder, from the
# repository's root: `source .ci/tools.sh`.
# shellcheck shell=bash

tools=${CARGO_TARGET_DIR:-target}/tools
mkdir -p "$tools"
tools=$(cd "$tools" && pwd)

export PATH=$tools/python/bin:$tools/cargo/bin:$PATH

# Debian's packages, quietly. Only root can.
install_packages() {
  if ((EUID != 0)); then
    echo "missing: $*; install them (apt-get install $*) or run this as root" >&2
    return 1
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# A virtual environment for Python's tools, pinned in `.ci/requirements.txt` and `.ci/requirements-alone.txt`.
make_venv() {
  if [[ ! -x $tools/python/bin/pip ]]; then
    rm -rf "$tools/python"
    if ! python3 -m venv "$tools/python" 2>/dev/null; then
      rm -rf "$tools/python"
      install_packages python3-venv
      python3 -m venv "$tools/python"
    fi
  fi
  if ! cmp --silent .ci/requirements.txt "$tools/python/requirements.txt"; then
    "$tools/python/bin/pip" install --quiet --disable-pip-version-check --requirement .ci/requirements.txt
    cp .ci/requirements.txt "$tools/python/requirements.txt"
  fi
  if ! cmp --silent .ci/requirements-alone.txt "$tools/python/requirements-alone.txt"; then
    "$tools/python/bin/pip" install --quiet --disable-pip-version-check --no-deps \
      --requirement .ci/requirements-alone.txt
    cp .ci/requirements-alone.txt "$tools/python/requirements-alone.txt"
  fi
}

# Node.js with npm, unless they are there.
install_node() {
  if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    install_packages nodejs npm
  fi
  echo "node $(node --version), npm $(npm --version)"
}
