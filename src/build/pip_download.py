"""Runs this machine's pip so that it chooses packages for another machine's Python.

pip takes the version and platform of another Python by its options, yet it evaluates environment markers, such as
`python_version < "3.11"`, for the Python that runs it. Here they are evaluated for the values in the first argument (a
JSON object). Nothing of a package is run: a build from source or a version control program is refused.

Exit status beside pip's own: 90 no pip, 91 Python or pip is too old, 92 pip's markers cannot be set, 93 refused.
"""

import sys

# The current folder, which may hold a file named like a module.
if sys.path and sys.path[0] == "":
    del sys.path[0]

import json
import os

NO_PIP, TOO_OLD, NO_MARKERS, REFUSED = 90, 91, 92, 93
OLDEST_PIP = (20, 3)  # the first that knows manylinux_2_17
PROCESS_EVENTS = ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.spawn", "os.system", "os.fork", "os.forkpty")
VERSION_CONTROL = ("git", "hg", "svn", "bzr")

refused = []


def program_of(event, arguments):
    if event == "os.spawn":
        return str(arguments[1])
    if event in ("os.fork", "os.forkpty"):
        return ""
    program = arguments[0]
    if event == "subprocess.Popen" and program is None:
        program = arguments[1][0]
    return os.fsdecode(program)


def refuse_programs(event, arguments):
    if event not in PROCESS_EVENTS:
        return
    program = program_of(event, arguments)
    name = os.path.basename(program)
    if name == "keyring":  # asked for an index's password when pip is set to
        return
    if name in VERSION_CONTROL or program == sys.executable:
        refused.append(name)
    raise PermissionError("programs are not run while packages are chosen")


def set_markers(values):
    from pip._vendor.packaging import markers

    markers.default_environment = lambda: dict(values)
    for name, value in values.items():
        if value and not markers.Marker("%s == '%s'" % (name, value)).evaluate():
            raise RuntimeError("the marker %s is not taken from here" % name)


def main():
    if sys.version_info < (3, 8):
        print("Python %d.%d" % sys.version_info[:2], file=sys.stderr)
        return TOO_OLD
    try:
        import pip
    except ImportError:
        return NO_PIP
    if tuple(int(part) for part in pip.__version__.split(".")[:2]) < OLDEST_PIP:
        print("pip %s" % pip.__version__, file=sys.stderr)
        return TOO_OLD
    try:
        set_markers(json.loads(sys.argv[1]))
        from pip._internal.cli.main import main as pip_main
    except Exception as error:
        print("pip %s: %s: %s" % (pip.__version__, type(error).__name__, error), file=sys.stderr)
        return NO_MARKERS
    sys.addaudithook(refuse_programs)
    status = pip_main(sys.argv[2:])
    return REFUSED if status and refused else status


if __name__ == "__main__":
    sys.exit(main())
