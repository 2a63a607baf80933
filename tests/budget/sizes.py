#!/usr/bin/env python3
"""Prints the size of each part of the project, one per line, and the name of the longest file.

Blank lines, comments and `#[cfg(test)]` modules do not count as lines of code.
"""

import re
import subprocess


def tracked(folder, suffix):
    names = subprocess.check_output(["git", "ls-files", folder], text=True).split("\n")
    return [name for name in names if name.endswith(suffix)]


def read(name):
    with open(name, encoding="utf-8") as file:
        return file.read()


def code_lines(name):
    code = read(name).split("#[cfg(test)]\nmod ")[0]
    lines = (line.strip() for line in code.split("\n"))
    return sum(1 for line in lines if line and not line.startswith("//"))


def total(names):
    return sum(map(code_lines, names))


def main():
    src = tracked("src", ".rs")
    print("src", total(src))
    for part in ["transport", "sandbox"]:
        print(part, total(name for name in src if name.startswith(f"src/{part}")))
    print("longest-file", *max((read(name).count("\n"), name) for name in src))
    print("README", read("README.md").count("\n"))
    exported = re.compile(r'extern "C" fn ')
    capi = [read(name) for name in tracked("examples/capi/src", ".rs")]
    print("capi-functions", sum(len(exported.findall(code)) for code in capi))
    print("build-script", code_lines("examples/build-script/build.rs"))


main()
