"""Prompts to answers: OpenAI's two APIs, and an answerer that quotes instead of writing."""
