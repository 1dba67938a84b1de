#!/usr/bin/env bash
# usage: Tests/systems/machine.sh COMMAND...
#
# Runs a command in a machine of its own: own processes, own network with loopback alone, own host name, own /etc, /home, /run, /srv,
# /dev/log and logs. Accounts made in it never exist outside, its ports collide with nothing, and all that was started ends with the command.
# Needs root and `unshare`; exit 2 where that is not allowed.
set -euo pipefail
export PATH="$PATH:/usr/sbin:/sbin"

if [ "${1:-}" != --inside ]; then
    if [ "$(id -u)" != 0 ] || ! unshare --mount --pid --net --uts --ipc --fork true 2>/dev/null; then
        echo "proofline: the systems run in namespaces of their own: call this as root, in a container that allows 'unshare'" >&2
        exit 2
    fi
    PROOFLINE_MACHINE=$(mktemp -d "${TMPDIR:-/tmp}/proofline-machine.XXXXXX")
    export PROOFLINE_MACHINE
    trap 'rmdir "$PROOFLINE_MACHINE"' EXIT
    unshare --mount --pid --net --uts --ipc --fork --kill-child --mount-proc --propagation private "$0" --inside "$@"
    exit
fi
shift

# Everything that is written lies in memory and goes with the namespace.
mount -t tmpfs -o mode=0755 none "$PROOFLINE_MACHINE"
own() {                                     # own FOLDER [empty]   a private copy of a folder
    local copy="$PROOFLINE_MACHINE$1"
    mkdir -p "$1" "$copy"
    [ "${2:-}" = empty ] || cp -a "$1/." "$copy/"
    mount --bind "$copy" "$1"
}
own /etc
own /var/spool
own /var/lib/sudo
for folder in /home /run /srv /var/log /var/mail; do own $folder empty; done
touch /var/log/wtmp /var/log/btmp /var/log/lastlog /run/utmp
mkdir -p /run/lock /run/sshd /run/sudo
chmod 1777 /run/lock

# /dev without the outer /dev/log.
devices="$PROOFLINE_MACHINE/dev"
mkdir "$devices"
for name in null zero full random urandom tty; do touch "$devices/$name"; mount --bind /dev/$name "$devices/$name"; done
mkdir "$devices/pts" "$devices/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 none "$devices/pts"
ln -s pts/ptmx "$devices/ptmx"
ln -s /proc/self/fd "$devices/fd"
mount -t tmpfs none "$devices/shm"
mount --rbind "$devices" /dev

hostname bastion
printf '127.0.0.1 localhost bastion bastion.example.org\n::1 localhost\n' > /etc/hosts
# A zone that is not UTC, so that every stamp without one shows whether it is read rightly.
ln -sf /usr/share/zoneinfo/Europe/Berlin /etc/localtime
echo Europe/Berlin > /etc/timezone
ip link set lo up
ip address add 2001:db8::7/128 dev lo nodad 2>/dev/null || true
ip address add 198.51.100.7/32 dev lo
ip address add 203.0.113.9/32 dev lo

# The shell stays as the first process: it takes in what servers leave behind.
"$@"
