"""What a provider's prompt cache is told, and why: rules of the vendors, traffic, the plan."""
