"""What leaves the store for other rooms and other tools, and what comes back: labels, snapshots, exports, imports."""
