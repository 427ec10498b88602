"""Why a terminal is not proved, and how one is known, in words: each reason with what its person can do."""

from __future__ import annotations

from collections.abc import Mapping

from daemon.service.terminals.evidence import How, Why

UNPROVED: Mapping[Why, tuple[str, str]] = {
    "gone": (
        "つないだ画面（プロセス）が、もうありません。もう一度開いてください。",
        "The program that connected has ended: open it again.",
    ),
    "hidden": (
        "広報番から、つないだプロセスが見えません（hidepid、ProtectProc）。機械の管理者に kohoban doctor を見てもらってください。",
        "The daemon cannot see the program that connected (hidepid, ProtectProc): ask who runs the machine to look at kohoban doctor.",
    ),
    "forwarded": (
        "ssh の転送（ssh -L）を通してつながっています。転送を使わず、指定端末から ssh で入って開いてください。",
        "This comes through an ssh forward (ssh -L): log in by ssh from a designated terminal and open it there.",
    ),
    "no_login": (
        "このログインの記録がカーネルにありません。sshd の UsePAM yes と、PAM の pam_loginuid が要ります（docs/terminals.md）。",
        "The kernel knows of no login here: sshd needs UsePAM yes, and PAM pam_loginuid (docs/terminals.md).",
    ),
    "su": (
        "ログインした人と、今の利用者が違います（su、sudo）。自分のログインのままで開いてください。",
        "This is not the login that came in (su, sudo): open it under your own login.",
    ),
    "manager": (
        "ログインの外で動いています（systemd-run --user など）。ssh で入った画面から直接開いてください。",
        "This runs outside any login (systemd-run --user): open it directly in the login's own terminal.",
    ),
    "tmux": (
        "tmux や screen の中では、どの端末の前にいるか確かめられません。いちど外に出て、ssh で入った画面から直接開いてください。",
        "Inside tmux or screen nobody can tell at which terminal you sit: leave it, and open this directly in the login's own terminal.",
    ),
    "detached": (
        "今も続いているログインから直接開かれていません（ログアウト後のプロセス、バックグラウンドなど）。ssh で入り直して開いてください。",
        "No login that still goes on has opened this (a program left behind, in the background): log in again and open it there.",
    ),
    "nested": (
        "端末の中で別の端末を開いています（tmux、screen、script など）。ssh で入った画面から直接開いてください。",
        "This is a terminal inside a terminal (tmux, screen, script): open it directly in the login's own terminal.",
    ),
    "ended": (
        "このログインは終わりかけています。ssh で入り直して開いてください。",
        "This login is ending: log in again and open it there.",
    ),
    "no_witness": (
        "どの端末から来たかを示す記録がありません。機械の管理者に、PAM の記録の設定（docs/terminals.md）を頼んでください。",
        "Nothing on record says from which terminal this comes: ask who runs the machine to set up the PAM hook (docs/terminals.md).",
    ),
}
"""By the reason: the sentence in both languages."""

HOW: Mapping[How, tuple[str, str]] = {
    "pam": ("ログインのときの PAM の記録", "the PAM hook's record of the login"),
    "logind": ("systemd-logind の記録", "systemd-logind's record"),
    "sshd": ("sshd の接続そのもの", "the sshd's own connection"),
}
"""By the witness: who says so, in both languages."""
