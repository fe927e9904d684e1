"""The mechanism: messages, facets, time, hindsight, rule sets, read models, reports, history, integrity, privacy, plugins, ports."""
