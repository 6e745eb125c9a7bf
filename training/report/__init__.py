"""What people see of a training: card, pictures, the gate's report, the terminal."""
