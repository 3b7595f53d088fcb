# SPDX-License-Identifier: BSD-2-Clause
"""py-radix 0.10: `from manrs.compat import radix`, then radix.Radix() as there.

Differences from py-radix:
- `packed=` works (the 0.10 extension fails with it on Python 3.10 and later).
- a length that does not fit is a ValueError in the searches too (there: a SystemError).
- an address is never looked up in the system's resolver; what it would take beyond plain text ("10.1", "0x0a000001",
  "fe80::1%eth0") is still read, by getaddrinfo with AI_NUMERICHOST as py-radix does.
- a tree that is kept as a copy (pickle) gives nodes of the same prefix and data, as there; a node's `parent` is None once
  the node was deleted from its tree or the tree is gone, as there.
"""

from .radix import Radix

__version__ = "0.10.0"
__all__ = ["Radix"]
