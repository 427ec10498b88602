"""What an installation puts into the machine besides the program: units of the service manager, the hook of PAM."""
