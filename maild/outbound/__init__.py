"""How mail goes out: compose a Letter, assemble its bytes, hand them to a next hop, try again later."""
