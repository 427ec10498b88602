#!/bin/sh
# 広報番のインストーラー。使い方は  ./kohoban-install --help  と INSTALL.md にあります。
# The installer: finds a Python that can carry it (KOHOBAN_PYTHON names one), and runs installer/ with it. No network, no index, no pip.
set -u
here=$(dirname -- "$(readlink -f -- "$0")")
for python in ${KOHOBAN_PYTHON:-python3.13 python3.12 python3.11 python3}; do
    if "$python" -c 'import sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
        exec "$python" -I -B "$here/installer" --from "$here" "$@"
    fi
done
echo "Python 3.11〜3.13 が見つかりません。入れるか、KOHOBAN_PYTHON=/場所/python3 で指定してください。" >&2
echo "No Python 3.11 to 3.13 was found: install one, or name it: KOHOBAN_PYTHON=/path/python3 $0 …" >&2
exit 2
