"""Starts the nodes of a Ray cluster, and adds and kills some as it is told on standard input."""

import os
import sys
from pathlib import Path
from typing import Any

from ray.cluster_utils import Cluster

_MEMORY = 80 * 2**20  # bytes, for what passes between processes


def main() -> None:
    Path(os.environ["RAY_TMPDIR"], "ray").mkdir()
    head = {"num_cpus": 1, "object_store_memory": _MEMORY, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    try:
        for _ in range(int(sys.argv[1]) - 1):
            _add(cluster)
        print(cluster.address, flush=True)
        for line in sys.stdin:
            _DOES[line.strip()](cluster)
            print(line.strip(), flush=True)
    finally:
        cluster.shutdown()


def _add(cluster: Any) -> None:
    cluster.add_node(num_cpus=1, object_store_memory=_MEMORY)


def _kill(cluster: Any) -> None:
    node = min(cluster.worker_nodes, key=lambda node: node.node_id)
    cluster.remove_node(node, allow_graceful=False)


def _kill_all(cluster: Any) -> None:
    for node in [cluster.head_node, *cluster.worker_nodes]:
        node.kill_all_processes(check_alive=False, allow_graceful=False)


_DOES = {"add": _add, "kill": _kill, "kill all": _kill_all}

if __name__ == "__main__":
    main()
