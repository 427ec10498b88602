"""Citizens' comments: the bench, judgements, measures, the block list. The machine suggests a clause, a named person judges, the platform does
what it can, and the record has both words. No citizen is profiled, and what is clean is counted and forgotten."""
