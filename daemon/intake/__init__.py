"""What arrives: the folder is watched and scanned, settled files are read once, decoded, and their front matter taken apart."""
