"""The classes, in the order in which they are shown."""

CLASSES = ("VIP", "A", "B", "C", "D")
VIP, A, B, C, D = range(5)
