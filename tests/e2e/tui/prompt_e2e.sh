# SPDX-License-Identifier: GPL-3.0-or-later
# The readline prompt on a terminal: completion, history, kdviewrc.
# shellcheck shell=bash
. "$(dirname "$0")/lib.sh"
cd "$CORES/x86_64" || exit 1

mkdir -p "$XDG_CONFIG_HOME/kdview"
printf 'alias own ps 1\n' >"$XDG_CONFIG_HOME/kdview/kdviewrc"
kdview_start --prompt --engine native vmlinux vmcore
sees 'the prompt' '^kdview>'
keys own Enter
sees 'kdviewrc was read' '^ .* 1 .* init'
keys C-l 'struct task_str' Tab
sees 'a type is completed' '^kdview> struct task_struct'
keys .thread_i Tab
sees 'a member is completed' '^kdview> struct task_struct\.thread_info'
keys C-u 'mod kdc' Tab
sees 'a module is completed' '^kdview> mod kdcrash'
keys C-u 'sym init_uts_n' Tab
sees 'a symbol is completed' '^kdview> sym init_uts_ns'
keys C-u 'bt kthre' Tab
sees 'a task is completed' '^kdview> bt kthreadd'
keys C-u 'forea' Tab
sees 'a command is completed' '^kdview> foreach'
keys C-u 'stakc' Enter
sees 'the nearest names' 'did you mean .*stack'
keys C-u quit Enter
sees 'quit' '^left 0'

chmod o+w "$XDG_CONFIG_HOME/kdview/kdviewrc"
kdview_start --prompt --engine native vmlinux vmcore
sees 'a kdviewrc that others may write is refused' 'kdviewrc: not read'
keys Up
sees 'history was kept' '^kdview> quit'
keys Enter
sees 'and left by it' '^left 0'
