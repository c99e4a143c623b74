#!/usr/bin/env python3
"""Draws icon.png, the icon of the packages, beside this script. Needs Python alone.

The cube is the package. The mark on it says that its content was verified.
"""
import struct
import zlib
from math import cos, pi, sin
from pathlib import Path

SIZE = 128
SAMPLES = 4  # per pixel and axis, for smooth edges

CENTRE = SIZE / 2
RADIUS = 60
CORNERS = [(CENTRE + RADIUS * sin(i * pi / 3), CENTRE - RADIUS * cos(i * pi / 3)) for i in range(6)]
MIDDLE = (CENTRE, CENTRE)

TOP, LEFT, RIGHT, WHITE = (124, 92, 246), (67, 56, 202), (49, 46, 129), (255, 255, 255)


def inside(point, polygon):
    """True if a convex polygon, clockwise on the screen, contains the point."""
    x, y = point
    return all((bx - ax) * (y - ay) - (by - ay) * (x - ax) >= 0
               for (ax, ay), (bx, by) in zip(polygon, polygon[1:] + polygon[:1]))


def distance(point, a, b):
    """From a point to the line between two others."""
    (x, y), (ax, ay), (bx, by) = point, a, b
    dx, dy = bx - ax, by - ay
    t = max(0, min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)))
    return ((x - ax - t * dx) ** 2 + (y - ay - t * dy) ** 2) ** 0.5


FACES = [
    (TOP, [CORNERS[0], CORNERS[1], MIDDLE, CORNERS[5]]),
    (RIGHT, [CORNERS[1], CORNERS[2], CORNERS[3], MIDDLE]),
    (LEFT, [CORNERS[5], MIDDLE, CORNERS[3], CORNERS[4]]),
]
CHECK = [(40, 62), (58, 80), (90, 42)]
STROKE = 8.5


def colour(point):
    """RGB and whether the point is part of the picture."""
    if min(distance(point, CHECK[0], CHECK[1]), distance(point, CHECK[1], CHECK[2])) <= STROKE:
        return WHITE, 1
    for face, polygon in FACES:
        if inside(point, polygon):
            return face, 1
    return (0, 0, 0), 0


def pixel(column, row):
    hits = [colour((column + (i + 0.5) / SAMPLES, row + (j + 0.5) / SAMPLES)) for i in range(SAMPLES) for j in range(SAMPLES)]
    covered = sum(hit for _, hit in hits)
    if covered == 0:
        return bytes(4)
    rgb = [round(sum(c[i] for c, hit in hits if hit) / covered) for i in range(3)]
    return bytes([*rgb, round(255 * covered / len(hits))])


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


rows = b"".join(b"\0" + b"".join(pixel(column, row) for column in range(SIZE)) for row in range(SIZE))
Path(__file__).with_name("icon.png").write_bytes(
    b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", SIZE, SIZE, 8, 6, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))
