"""The desk: drafts and their states, who still has to decide what, and every act that moves one."""
