"""The command line: every command of CONTRACT.md. `kohoban --help` lists them; the exit codes are in `outcome`."""
