"""What the rules say: streams, events, facts and decisions, hours, policies, authority; pure."""
