#!/bin/sh
# Kohoban: what PAM knows of a login, for the daemon that asks from which terminal somebody speaks (docs/terminals.md).
# Called by pam_exec in the session stack, after pam_loginuid; writes one file an audit session at the login, and removes it at its end.
# It never keeps anybody out: whatever fails here only leaves the terminal unproved.
folder=/run/kohoban-sessions
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH
umask 022

read -r session < /proc/self/sessionid
case "$session" in ''|*[!0-9]*|4294967295) exit 0 ;; esac

# The process that lets the person in: pam_exec's parent, and when it began (the 22nd field; the name before may hold anything).
stat=$(cat "/proc/$PPID/stat") || exit 0
rest=${stat##*) }
# shellcheck disable=SC2086
set -- $rest
started=${20}

case "$PAM_TYPE" in
open_session)
    [ -d "$folder" ] || mkdir -m 0755 "$folder" || exit 0
    key=
    # sshd tells PAM with which key somebody came: "publickey ssh-ed25519 AAAA…", a line each.
    line=$(printf '%s\n' "$SSH_AUTH_INFO_0" | grep '^publickey ' | head -n 1)
    if [ -n "$line" ]; then
        key=$(printf '%s\n' "${line#publickey }" | ssh-keygen -l -f - 2>/dev/null | cut -d ' ' -f 2)
    fi
    {
        printf 'user=%s\n' "$PAM_USER"
        printf 'service=%s\n' "$PAM_SERVICE"
        printf 'address=%s\n' "$PAM_RHOST"
        printf 'tty=%s\n' "${PAM_TTY#/dev/}"
        printf 'key=%s\n' "$key"
        printf 'leader=%s\n' "$PPID"
        printf 'started=%s\n' "$started"
    } > "$folder/.$session.new" && mv -f "$folder/.$session.new" "$folder/$session"
    ;;
close_session)
    grep -qx "leader=$PPID" "$folder/$session" 2>/dev/null && rm -f "$folder/$session"
    ;;
esac
exit 0
