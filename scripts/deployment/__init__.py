"""Packaging, deploying and rolling back: what scripts/package, scripts/deploy and scripts/rollback consist of."""
