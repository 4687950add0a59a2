"""Parsing and embedding on a Ray cluster; everything else stays with the command.

The command finds, plans, chunks, and alone writes. What it sends are documents and texts, what
comes back are parsed texts and vectors. Forebay (the same version), its model and Ray are
expected to be installed on the nodes: nothing is uploaded to them and nothing downloaded.
"""

from wiring.cluster.engine import RayEngine
from wiring.cluster.join import LOCAL

__all__ = ["LOCAL", "RayEngine"]
