"""What fulfils the ports of the service layer."""
