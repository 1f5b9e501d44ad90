"""Templates are compiled once, for all processes of this machine that run tests."""

from flask import Flask
from jinja2 import FileSystemBytecodeCache


def keep() -> None:
    """From here on every application of this process keeps what it compiles, and looks there first.

    What is kept goes by a template's text: one that was changed is compiled anew.
    """
    Flask.jinja_options = Flask.jinja_options | {"bytecode_cache": FileSystemBytecodeCache()}
