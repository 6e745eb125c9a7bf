"""What comes in: files, columns, values and labels of other people's systems, read by one rule and told in one report."""
