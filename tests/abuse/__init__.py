"""What people try who mean no good, tried."""
