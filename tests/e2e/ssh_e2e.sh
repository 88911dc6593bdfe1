# SPDX-License-Identifier: GPL-3.0-or-later
# Through ssh itself: a server of its own on loopback, with its own keys and settings. Whole
# dumps arrive in both directions; a server that is killed, stops to answer, has no space or
# lets nobody in ends the capture with a reason, and leaves there what it got.
# shellcheck shell=bash
. "$(dirname "$0")/lib.sh"
sshd=$(PATH=$PATH:/usr/sbin:/sbin type -P sshd)
if [ -z "$sshd" ] || ! type -P ssh ssh-keygen >/dev/null; then
	ok 'no sshd or no ssh here (scripts/bootstrap test installs both): all of this is left out'
	exit 0
fi
core=$CORES/x86_64/vmcore
build=$(dirname "$KDVIEW")
compare=$build/unit/dump_compare
make -s -C "$(dirname "$0")/../.." B="$build" e2e-programs >"$tmp/out" 2>"$tmp/err" ||
	not_ok 'dump_compare builds'

# --- the server: it needs to be named by its path, and root a folder for it
[ "$(id -u)" -ne 0 ] || mkdir -p /run/sshd
chmod 700 "$tmp"
for key in host other user; do
	ssh-keygen -q -t ed25519 -N '' -C '' -f "$tmp/$key" </dev/null
done
cp "$tmp/user.pub" "$tmp/authorized"

# serve PORT: one that stays in the foreground
serve() {
	cat >"$tmp/sshd_config" <<-CONFIG
		Port $1
		ListenAddress 127.0.0.1
		HostKey $tmp/host
		PidFile none
		AuthorizedKeysFile $tmp/authorized
		PermitRootLogin prohibit-password
		PasswordAuthentication no
		KbdInteractiveAuthentication no
		StrictModes no
		UsePAM no
	CONFIG
	"$sshd" -D -e -f "$tmp/sshd_config" >"$tmp/sshd.log" 2>&1 &
	server=$!
}

# sessions: processes that serve a connection, all of them
sessions() {
	local p all='' next=$server
	while [ -n "$next" ]; do
		next=$(for p in $next; do cat "/proc/$p/task/$p/children" 2>/dev/null; done)
		all+=" $next"
	done
	echo "$all"
}

server=
clean_up() {
	kill -9 $(sessions) $server
	umount "$tmp/full"
	rm -rf "$tmp"
}
trap 'clean_up 2>/dev/null' EXIT
# settings that a user would have in ~/.ssh/config: capture knows nothing of them
mkdir "$tmp/bin"
real=$(type -P ssh)
cat >"$tmp/bin/ssh" <<S
#!/bin/sh
exec '$real' -F '$tmp/ssh_config' "\$@"
S
chmod +x "$tmp/bin/ssh"
export PATH=$tmp/bin:$PATH
for try in 1 2 3 4 5 6 7 8; do
	port=$((20000 + RANDOM % 12000))
	serve $port
	cat >"$tmp/ssh_config" <<-CONFIG
		Host there
			HostName 127.0.0.1
			Port $port
			User $(id -un)
			IdentityFile $tmp/user
			IdentitiesOnly yes
			UserKnownHostsFile $tmp/known
			GlobalKnownHostsFile none
			StrictHostKeyChecking yes
	CONFIG
	echo "[127.0.0.1]:$port $(cut -d' ' -f1,2 "$tmp/host.pub")" >"$tmp/known"
	for wait in 1 2 3 4 5 6 7 8 9 10 11 12; do
		timeout 20 ssh -o BatchMode=yes there true >"$tmp/out" 2>"$tmp/err" </dev/null && break 2
		kill -0 $server 2>/dev/null || break
		sleep 0.3
	done
	kill $server 2>/dev/null
done
timeout 20 ssh -o BatchMode=yes there true >"$tmp/out" 2>"$tmp/err" </dev/null
is "the server answers (port $port, try $try, $wait)" 0 $?

"$KDVIEW" info "$core" 2>/dev/null | grep -E '^(panic|report|task)' >"$tmp/info"
is 'the original tells a crash' 3 "$(wc -l <"$tmp/info")"
same() {
	kd info "$2"
	is "$1" "$(cat "$tmp/info")" "$(grep -E '^(panic|report|task)' "$tmp/out")"
}

# equal NAME FILE: it has the pages of the one that was written here, and no others
equal() {
	"$compare" "$tmp/direct" "$2" >"$tmp/out" 2>"$tmp/err"
	is "$1" '0 1' "$? $(grep -cE '^([1-9][0-9]*) pages: \1 equal \(0 in part\), 0 differ, 0 only' "$tmp/out")"
}

# --- whole dumps
mkdir "$tmp/there"
kd capture -d 31 "$core" "ssh:there:$tmp/there/a dump"
is 'a file there' "0 a dump a dump.json" "$rc $(cd "$tmp/there" && echo *)"
is 'nobody else can read it' '600 600' "$(stat -c %a "$tmp/there/a dump" "$tmp/there/a dump.json" | xargs)"
kd verify "$tmp/there/a dump"
is 'it is what the manifest says' 0 $rc
same 'and tells the crash' "$tmp/there/a dump"
kd convert -q -d 31 "$core" "$tmp/direct"
equal 'what arrived is what is written here' "$tmp/there/a dump"
kd capture -q -d 31 "$core" "ssh:$(id -un)@there:$tmp/there/crash/"
is 'a folder there, with a user' "0 vmcore vmcore-dmesg.txt vmcore.json" \
	"$rc $(ls "$tmp/there/crash"/*/ | xargs)"
same 'and the dump in it' "$tmp/there/crash"/*/vmcore
kd capture -q --ssh "$real -F $tmp/ssh_config -C" "$core" "ssh:there:$tmp/there/own"
is 'an ssh with options of its own' 0 $rc
same 'its dump' "$tmp/there/own"
kd capture --dump-dmesg "$core" "ssh:there:$tmp/there/log.txt"
"$KDVIEW" capture --dump-dmesg "$core" - >"$tmp/log" 2>/dev/null
is 'the log alone' "0 0" "$rc $(cmp "$tmp/log" "$tmp/there/log.txt" >"$tmp/err" 2>&1; echo $?)"

# --- convert, through pipes: there, and from there
"$KDVIEW" convert -q -d 31 "$core" - 2>"$tmp/err" |
	ssh there "'$KDVIEW' convert -q - '$tmp/there/piped'" >"$tmp/out" 2>>"$tmp/err"
is 'convert | ssh convert' '0 0' "${PIPESTATUS[*]}"
equal 'there it has the same pages' "$tmp/there/piped"
ssh there "'$KDVIEW' convert -q -d 31 '$core' -" 2>"$tmp/err" </dev/null |
	"$KDVIEW" convert -q - "$tmp/fetched" >"$tmp/out" 2>>"$tmp/err"
is 'ssh convert | convert' '0 0' "${PIPESTATUS[*]}"
equal 'here it has the same pages' "$tmp/fetched"
rm -f "$tmp/direct" "$tmp/fetched" "$tmp/there/piped" "$tmp/there/own"

# --- the server goes away in the middle
preload=$tmp/preload.so
${CC:-cc} -shared -fPIC -O1 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -o "$preload" \
	"$(dirname "$0")/../fault/preload.c" -ldl >"$tmp/out" 2>"$tmp/err" || not_ok 'the preload builds'

# begin NAME WORDS...: a slow capture, until the server has 3 MB of it; $pid, and $went: it had it,
# and more was to come
begin() {
	local name=$1 i
	shift
	FAULT_WRITE_US=3000 LD_PRELOAD=$preload timeout 120 "$KDVIEW" capture -q -d 0 "$@" "$core" \
		"ssh:there:$tmp/there/$name" >"$tmp/out" 2>"$tmp/err" </dev/null &
	pid=$!
	went=no
	for ((i = 0; i < 600; i++)); do
		[ "$(stat -c %s "$tmp/there/$name-incomplete" 2>/dev/null || echo 0)" -lt 3000000 ] || break
		sleep 0.05
	done
	[ $i -ge 600 ] || ! kill -0 $pid 2>/dev/null || went=yes
}

begin killed
kill -9 $(sessions)
wait $pid
is 'a server that is killed: a failure' 'yes 1' "$went $?"
says 'it says which host' "kdview: .*there"
is 'what it got stays, without its name' 'killed-incomplete' "$(cd "$tmp/there" && echo killed*)"
same 'and tells the crash' "$tmp/there/killed-incomplete"

# one that is there, and answers no more: ssh asks it, here sooner than after 20 s
begin frozen --ssh "$tmp/bin/ssh -oServerAliveInterval=1"
stopped=$(sessions)
kill -STOP $stopped
since=$SECONDS
wait $pid
is 'a server that does not answer any more: a failure, in time' 'yes 1 yes' \
	"$went $? $([ $((SECONDS - since)) -le 30 ] && echo yes)"
says 'it says which host' 'kdview: .*there'
kill -9 $stopped 2>/dev/null

# the program itself is stopped: what the other end has stays
begin stopped
kill -TERM $pid
wait $pid
rc=$?
is 'SIGTERM ends it' yes "$([ $went = yes ] && [ $rc -ge 124 ] && echo yes)"
for i in 1 2 3 4 5 6 7 8 9 10; do [ -n "$(echo $(sessions))" ] || break; sleep 0.2; done
is 'what the server got stays, without its name' 'stopped-incomplete' "$(cd "$tmp/there" && echo stopped*)"
same 'and tells the crash' "$tmp/there/stopped-incomplete"

# --- a stream that ends in the middle is not taken for a dump
"$KDVIEW" convert -q -d 0 "$core" - 2>"$tmp/err" | head -c 3500000 |
	ssh there "'$KDVIEW' convert -q - '$tmp/there/cut'" >"$tmp/out" 2>"$tmp/err"
is 'a stream cut off, converted there' '0' "${PIPESTATUS[2]}"
kd info "$tmp/there/cut"
shows 'its lacks are told' '^lost +[0-9]'
same 'and the crash' "$tmp/there/cut"

# --- no space there
mkdir "$tmp/full"
if mount -t tmpfs -o size=4m none "$tmp/full" 2>/dev/null; then
	kd capture -q -d 0 "$core" "ssh:there:$tmp/full/x"
	is 'no space there: a failure' 1 $rc
	says 'it says so' 'No space left'
	is 'what it got stays' x-incomplete "$(cd "$tmp/full" && echo *)"
	same 'and tells the crash' "$tmp/full/x-incomplete"
	umount "$tmp/full"
fi

# --- nobody there, and a server that is not the one
cp "$tmp/known" "$tmp/known.true"
echo "[127.0.0.1]:$port $(cut -d' ' -f1,2 "$tmp/other.pub")" >"$tmp/known"
kd capture -q "$core" "ssh:there:$tmp/there/wrong"
is 'a server with another key: a failure' 1 $rc
says 'ssh says why' 'Host key verification failed'
cp "$tmp/known.true" "$tmp/known"
: >"$tmp/authorized"
kd capture -q "$core" "ssh:there:$tmp/there/wrong"
is 'a server that wants a password: a failure, no question' 1 $rc
says 'ssh says why' 'Permission denied'
cp "$tmp/user.pub" "$tmp/authorized"
kd capture -q "$core" 'ssh:there:/proc/no/such/folder/x'
is 'a folder that cannot be made there: a failure' 1 $rc
kill $server
wait $server 2>/dev/null
kd capture -q "$core" "ssh:there:$tmp/there/wrong"
is 'no server: a failure' 1 $rc
says 'ssh says why' 'refused|closed'
says 'and kdview what failed' 'kdview: .*there'
is 'none of these left a file' '' "$(cd "$tmp/there" && ls -d wrong* 2>/dev/null)"
