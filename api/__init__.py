"""HTTP only: routes, who is asking, problem documents, server-sent events. Knows no logic."""
