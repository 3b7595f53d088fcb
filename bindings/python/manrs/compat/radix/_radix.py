# SPDX-License-Identifier: BSD-2-Clause
"""py-radix's C module, by which old pickles name the tree."""

from .radix import Radix, RadixNode

__all__ = ["Radix", "RadixNode"]
