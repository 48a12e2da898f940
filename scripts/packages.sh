# SPDX-License-Identifier: MIT
# Read by the scripts beside it: `need PACKAGE…` installs the Debian packages that are missing.

# A container without a locale, or apt asking a question, must not stop a script.
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8

need() {
    local missing=() package
    if ! command -v dpkg-query > /dev/null || ! command -v apt-get > /dev/null; then
        if [ -n "${ERMINE_NO_INSTALL:-}" ]; then
            return 0
        fi
        echo "$0: this system has no apt-get, so nothing can be installed for you." >&2
        echo "Install what these Debian packages hold, then run with ERMINE_NO_INSTALL=1: $*" >&2
        exit 1
    fi
    for package in "$@"; do
        if ! dpkg-query -W -f='${db:Status-Status}\n' "$package" 2> /dev/null | grep -qx installed; then
            missing+=("$package")
        fi
    done
    if [ ${#missing[@]} -eq 0 ]; then
        return 0
    fi
    if [ -n "${ERMINE_NO_INSTALL:-}" ]; then
        echo "$0: ERMINE_NO_INSTALL is set; going on without ${missing[*]}" >&2
        return 0
    fi
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo > /dev/null; then
            echo "$0: run as root, or install first: ${missing[*]}" >&2
            exit 1
        fi
        as_root=(sudo)
    fi
    echo "Installing with apt-get: ${missing[*]}"
    if ! { "${as_root[@]}" apt-get update -qq &&
           "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
               --no-install-recommends "${missing[@]}" > /dev/null; }; then
        echo "$0: apt-get failed (see above). On Debian before 12 or Ubuntu before 24.04" \
             "some packages do not exist." >&2
        exit 1
    fi
}

build_packages=(g++ cmake ninja-build libeigen3-dev libfast-float-dev zlib1g-dev libcli11-dev
                nlohmann-json3-dev)
test_packages=(catch2 libbenchmark-dev pkg-config)
site_packages=(python3 mkdocs mkdocs-material doxygen libjs-mathjax gnuplot-nox)
