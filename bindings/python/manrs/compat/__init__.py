# SPDX-License-Identifier: BSD-2-Clause
"""The interfaces of other packages over manrs.Trie: radix (py-radix), pytricia, pyasn. Each module lists its differences."""
