"""From which terminal somebody speaks, by what the kernel, PAM, logind and sshd know: never by a variable that the client sets.

`look` gathers the evidence, one module each; `standing` compares what was proved with the designated terminals of `rules.toml`.
"""
