"""The installer (standard library only, because it runs before anything is installed: docs/installation.md), and what an installation puts into
the machine besides the program: units of the service manager, the hook of PAM."""
