# SPDX-License-Identifier: MIT
# build.sh COMPILER: compiles the consumer with what pkg-config says, and runs it.
here=$(dirname "$0")
# Words of the compiler's command line: to be split.
# shellcheck disable=SC2046
"$1" -std=c++20 $(pkg-config --cflags --libs 'ermine >= 0.1') "$here/../main.cpp" -o pkg_config_consumer
./pkg_config_consumer
