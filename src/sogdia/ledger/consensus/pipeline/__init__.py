"""What happens to a block, in this order: header, body, graph, commit. Only this part writes."""
