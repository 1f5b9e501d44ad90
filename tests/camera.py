"""A film for Chromium's fake camera: a QR code held still."""

from pathlib import Path

import segno

SIZE = 480


def film_of(text: str, path: Path) -> str:
    """Write a Y4M of `text` as a QR code; the flag that lets Chromium's camera show it."""
    matrix = [list(row) for row in segno.make(text, error="m").matrix_iter(border=4)]
    scale = SIZE // 2 // len(matrix)  # half the frame, as when held at arm's length
    margin = (SIZE - scale * len(matrix)) // 2
    luma = bytearray(b"\xff" * SIZE * SIZE)
    for y, row in enumerate(matrix):
        line = b"".join((b"\x00" if dark else b"\xff") * scale for dark in row)
        for copy in range(scale):
            start = (margin + y * scale + copy) * SIZE + margin
            luma[start : start + len(line)] = line
    grey = b"\x80" * (SIZE * SIZE // 2)
    frames = (b"FRAME\n" + bytes(luma) + grey) * 10
    path.write_bytes(f"YUV4MPEG2 W{SIZE} H{SIZE} F10:1 Ip A1:1 C420jpeg\n".encode() + frames)
    return f"--use-file-for-fake-video-capture={path}"
