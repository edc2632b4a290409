"""IVMS101, the interVASP messaging standard: the editions of 2020 and of 2023.

`reading` turns JSON into the typed models of `v2020` and `v2023`, `validation` lists every broken
constraint with its path, `conversion` carries a payload from one edition to the other.
"""
