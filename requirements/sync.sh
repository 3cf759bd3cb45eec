#!/bin/sh
# Brings .venv in line with a lock file: requirements/sync.sh run|dev
# The dev lock holds all of the run lock, so an environment for tests also runs.
set -eu
cd "$(dirname "$0")/.."
wanted=$1
venv=.venv

fail() { printf '%s\n' "$*" >&2; exit 1; }

installed() { cmp -s "requirements/$1.txt" "$venv/installed-$1.txt"; }

[ -x "$venv/bin/python" ] && "$venv/bin/python" -c '' 2>/dev/null &&
    { installed "$wanted" || installed dev; } && exit 0

python=${PYTHON:-python3}
command -v "$python" >/dev/null 2>&1 ||
    fail "Mendline needs Python 3.11 or newer, and there is no $python here." \
        "On Debian 12: apt-get install python3 python3-venv"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "Mendline needs Python 3.11 or newer; $python is $("$python" -V 2>&1)." \
        "Name another one: PYTHON=python3.12 make run"
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
    fail "$python has no venv module. On Debian 12: apt-get install python3-venv"

echo "1/5 environment   making $venv and installing the locked packages"
"$venv/bin/python" -c '' 2>/dev/null || "$python" -m venv --clear "$venv"
rm -f "$venv"/installed-*.txt

# Hospital networks re-sign TLS: trust the certificates that the machine trusts.
export UV_SYSTEM_CERTS=true UV_LINK_MODE=copy PIP_DISABLE_PIP_VERSION_CHECK=1
pip() { "$venv/bin/python" -m pip --quiet "$@"; }

with_uv() {
    pip install --require-hashes -r requirements/uv.txt &&
        "$venv/bin/python" -m uv --quiet pip sync --python "$venv/bin/python" \
            --require-hashes "requirements/$wanted.txt"
}

with_pip() {
    echo "1/5 environment   uv did not manage; trying with pip, which is slower"
    pip install --require-hashes -r "requirements/$wanted.txt"
}

with_uv || with_pip ||
    fail "The packages could not be installed; the reason stands above." \
        "They come from PyPI, or from the index that pip is configured for." \
        "Supported are Linux with glibc 2.34 or newer and macOS, on x86-64 or arm64."

cp "requirements/$wanted.txt" "$venv/installed-$wanted.txt"
