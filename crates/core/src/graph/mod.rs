//! The graph kernel: views, subtree weights, ancestry and anticone weights.
