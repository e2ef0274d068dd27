"""The whole ledger in this process: nothing is kept when it ends."""
