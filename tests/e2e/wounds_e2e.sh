# SPDX-License-Identifier: GPL-3.0-or-later
# Kernels that are damaged in one place: see wounds.py. WOUNDS="NAME ..." for some of them.
# shellcheck shell=bash
. "$(dirname "$0")/lib.sh"
# shellcheck disable=SC2086
python3 "$(dirname "$0")/wounds.py" "$KDVIEW" "$CORES" "$tmp" ${WOUNDS:-}
