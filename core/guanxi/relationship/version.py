"""The version of the core's own parts."""

VERSION = "0.1.0"
