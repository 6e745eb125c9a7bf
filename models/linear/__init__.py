"""The linear heads: recipes, fitting, and the scorer with one table of weights."""
