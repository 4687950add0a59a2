"""The command line: one file a subcommand. Asks the packages below and shows what they say."""
