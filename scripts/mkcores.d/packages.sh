# SPDX-License-Identifier: GPL-3.0-or-later
# Debian's packages, unpacked but not installed: what debian.sh and e2e share. The script that reads
# this has die(), step(NAME...) and all_module_files(), which names the modules whose debug files are
# wanted; packages and package lists go to $cache. What is wanted is in $arch, $series, $flavour,
# $suite (empty: the host's own sources) and $debug; find_release answers the release, and
# kernel_ready unpacks $release into $tree.
# shellcheck shell=bash disable=SC2154

# apt_for ARCH COMMAND...: apt with the private state of ARCH and $suite.
apt_for()
{
	local arch=$1 state=$cache/apt-$1${suite:+-$suite} sources=()
	shift
	local tool=$1
	shift
	[ -z "$suite" ] || sources=(-o Dir::Etc::SourceList="$state/sources.list"
		-o Dir::Etc::SourceParts=/dev/null)
	"$tool" -q "${sources[@]}" -o APT::Architecture="$arch" -o APT::Architectures="$arch" \
		-o Dir::State="$state" -o Dir::State::status="$state/status" \
		-o Dir::Cache="$state/cache" -o APT::Sandbox::User="$(id -un)" \
		-o Acquire::Languages=none "$@"
}

# The lines of a sources.list for $suite, in the archive where the host's own packages come from.
suite_sources()
{
	local archive source
	# shellcheck disable=SC2016 # apt expands
	archive=$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' |
		sed -n 's/^Debian \(.*\)$/\1/p' | head -n 1)
	[ "$archive" ] || die "no Debian archive in the apt sources: run apt-get update"
	# Backports need the suite that they are for.
	for source in "$suite" "${suite%-backports}"; do
		echo "deb $archive $source main"
	done | sort -u
}

apt_ready()
{
	local state=$cache/apt-$1${suite:+-$suite}
	[ ! -e "$state/ready" ] || return 0
	step "package lists for $1${suite:+ of $suite}"
	mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
	: >"$state/status"
	[ -z "$suite" ] || suite_sources >"$state/sources.list"
	# One index that fails while the archive is mirrored does not matter, if the packages are
	# there: that is seen when they are looked for.
	apt_for "$1" apt-get update >"$state/update.log" 2>&1 || tail -n 5 "$state/update.log" >&2
	apt_for "$1" apt-cache pkgnames linux-image- | grep -q . || die "no package lists for $1"
	touch "$state/ready"
}

# package ARCH NAME: the path of the package file, downloaded when it is not in the cache.
package()
{
	local dir=$cache/deb-$1 file
	mkdir -p "$dir"
	file=$(find "$dir" -name "${2}_*.deb" | head -n 1)
	if [ -z "$file" ]; then
		step "download $2:$1" >&2
		mkdir -p "$dir/partial-$2"
		(cd "$dir/partial-$2" && apt_for "$1" apt-get download "$2" >&2) ||
			die "no package $2:$1"
		mv "$dir/partial-$2"/*.deb "$dir/"
		rmdir "$dir/partial-$2"
		file=$(find "$dir" -name "${2}_*.deb" | head -n 1)
	fi
	echo "$file"
}

# unpack ARCH PACKAGE DIR PATTERN...
unpack()
{
	local deb dir=$3
	deb=$(package "$1" "$2")
	shift 3
	mkdir -p "$dir"
	dpkg --fsys-tarfile "$deb" | tar -x -C "$dir" --wildcards "$@"
}

# The newest release of the series and flavour of which both the kernel and its debug file exist,
# unless that is not wanted.
find_release()
{
	local names release version=$series
	[ "$series" != newest ] || version='[0-9]+\.[0-9]+'
	local pattern="${version}(\.[0-9]+)*(-[0-9]+)?(\+(deb|bpo)[0-9.]*)?-$flavour"
	names=$(apt_for "$arch" apt-cache pkgnames linux-image-)
	while read -r release; do
		if [ "$debug" = no ] || grep -qx "linux-image-$release-dbg" <<<"$names"; then
			echo "$release"
			return
		fi
	done < <(sed -n -E "s/^linux-image-($pattern)\$/\1/p" <<<"$names" | sort -rV)
	die "no linux-image-$series.*-$flavour with a -dbg package in the apt sources"
}

# The kernel, its modules and its debug files in $tree. Kernels since 7.2 come in packages of their
# own for image and modules, with everything in one folder; vmlinux is no file of boot any more.
kernel_ready()
{
	local package found
	tree=$cache/$release
	if [ -e "$tree/ready" ]; then
		[ "$debug" = no ] || debug_ready
		return
	fi
	step "unpack $release"
	for package in image binary modules base; do
		found=$(apt_for "$arch" apt-cache pkgnames "linux-$package-$release")
		grep -qx "linux-$package-$release" <<<"$found" || continue
		# Not every package has all of these.
		unpack "$arch" "linux-$package-$release" "$tree" './boot/*' './lib/modules/*' \
			'./usr/lib/modules/*' 2>"$tree.log" || true
	done
	mkdir -p "$tree"/{boot,lib}
	[ ! -e "$tree/usr/lib/modules" ] || ln -sfn ../usr/lib/modules "$tree/lib/modules"
	# The archive keeps the images of some older kernels without their modules: what is built in
	# has to do.
	mkdir -p "$tree/lib/modules/$release"
	[ -e "$tree/boot/vmlinuz-$release" ] ||
		ln -f "$tree/lib/modules/$release/vmlinuz" "$tree/boot/vmlinuz-$release"
	/sbin/depmod -b "$tree" "$release"
	[ "$debug" = no ] || debug_ready
	touch "$tree/ready"
}

# The debug files of the kernel and of the modules of the machine in $tree.
debug_ready()
{
	local modules=()
	[ ! -e "$tree/usr/lib/debug/boot/vmlinux-$release" ] || return 0
	mapfile -t modules < <(all_module_files | sed -E 's,.*/([^/]*\.ko).*,*/\1,')
	unpack "$arch" "linux-image-$release-dbg" "$tree" './usr/lib/debug/boot/vmlinux-*' \
		'*/vmlinux' "${modules[@]}" 2>>"$tree.log" || true
	[ -e "$tree/usr/lib/debug/boot/vmlinux-$release" ] || die "no vmlinux for $release"
	[ "$KEEP_PACKAGES" ] || rm -f "$(package "$arch" "linux-image-$release-dbg")"
}

# The .ko files that the module NAME needs, itself last; nothing if it is built in.
module_files()
{
	/sbin/modprobe -d "$tree" -S "$release" --show-depends "$1" |
		sed -n 's/^insmod \([^ ]*\).*$/\1/p'
}

# needed FILE: the libraries it is linked with.
needed()
{
	readelf -d "$1" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p'
}

# program_ready TOOL ARCH PACKAGE...: sbin/TOOL and its libraries, as they lie in the initramfs, in
# the folder $program.
program_ready()
{
	local tool=$1 for_arch=$2 raw=$cache/$1-$2.raw lib pkg i suite='' libs=()
	program=$cache/$1-$2
	[ ! -e "$program/sbin/$tool" ] || return 0
	step "unpack $tool for $for_arch"
	for pkg in "${@:3}"; do
		unpack "$for_arch" "$pkg" "$raw" './*'
	done
	rm -rf "$program.new"
	mkdir -p "$program.new"/{sbin,lib,lib64,run}
	cp "$(find "$raw" -type f -path "*bin/$tool" | head -n 1)" "$program.new/sbin/"
	# The loader has its place in the program's header.
	lib=$(readelf -l "$program.new/sbin/$tool" | sed -n 's/.*interpreter: \/\(.*\)\]/\1/p')
	cp -L "$(find "$raw" -name "${lib##*/}" | head -n 1)" "$program.new/$lib"
	mapfile -t libs < <(needed "$program.new/sbin/$tool")
	for ((i = 0; i < ${#libs[@]}; i++)); do
		[ ! -e "$program.new/lib/${libs[i]}" ] || continue
		lib=$(find "$raw" -name "${libs[i]}" | head -n 1)
		[ "$lib" ] || die "$tool needs ${libs[i]}, which none of the unpacked packages has"
		cp -L "$lib" "$program.new/lib/"
		mapfile -t -O "${#libs[@]}" libs < <(needed "$lib")
	done
	mv "$program.new" "$program"
}
