"""How the native module was built."""

from sogdia._core import build_info

__all__ = ["build_info"]
